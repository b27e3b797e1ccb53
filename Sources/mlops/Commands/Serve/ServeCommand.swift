import ArgumentParser
import Foundation
import Logging
import MLOpsCore
import MLOpsServer
import ServiceLifecycle

/// The command `mlops serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the database over HTTP, to clients of MLflow among others.",
        discussion: """
            On this machine alone, the holder of the printed token acts as the tool does. Beyond \
            it the server admits API keys (`mlops keys`), and speaks TLS, or stands behind a proxy \
            that does. On SIGTERM and SIGINT it takes no new requests, and ends with those under \
            way.

            EXAMPLES:
              mlops serve
              mlops serve --port 8080 --allow-local
              mlops serve --host 0.0.0.0 --tls-certificate chain.pem --tls-key key.pem
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions

    @Option(help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("The port; 0 takes a free one.", valueName: "number"))
    var port = 5000

    @Flag(help: "Admit programs of this machine without a token.")
    var allowLocal = false

    @Option(
        help: ArgumentHelp(
            "A name of Host to admit besides this machine's; repeatable.", valueName: "name"))
    var allowHost: [String] = []

    @Option(help: ArgumentHelp("The certificate and those that signed it.", valueName: "PEM file"))
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("The private key of the certificate.", valueName: "PEM file"))
    var tlsKey: String?

    @Flag(help: "A proxy in front speaks TLS and says who asks.")
    var behindProxy = false

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port takes a number of at most 65535.")
        }
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key belong together.")
        }
    }

    func run() async throws {
        let database = try Database(options)
        // A missing file is made, as a training program makes it.
        try await database.open(for: database.isMissing ? .create : .use) { store in
            try await serve(store)
        }
    }

    /// The workspace of who acts; in a store without an organization the local one is made.
    private func workspace(of store: any Store) async throws -> Workspace {
        let isEmpty = try await store.withSystemAccess(reason: "whether there is an organization") {
            try await $0.read { try $0.organizations.page(Query(limit: 1)).isEmpty }
        }
        if isEmpty, acting.tenant.organization == nil { return try await store.localWorkspace() }
        return try await Tenant.workspace(of: store, acting)
    }

    private func serve(_ store: any Store) async throws {
        var configuration = ServerConfiguration(access: .keys, host: host, port: port)
        configuration.isBehindProxy = behindProxy
        configuration.allowedHosts = allowHost
        if let tlsCertificate, let tlsKey {
            configuration.tls = TLSFiles(certificate: tlsCertificate, key: tlsKey)
        }
        let scheme = configuration.tls == nil ? "http" : "https"
        var token: Secret<String>?
        if configuration.isLoopback, !behindProxy {
            let made = ServerConfiguration.makeToken()
            token = made
            configuration.access = .local(
                try await workspace(of: store), token: made, admitsLoopback: allowLocal)
        }
        let logger = Logger(label: "mlops.serve") { StreamLogHandler.standardError(label: $0) }
        let server = try MLOpsServer(store: store, configuration: configuration, logger: logger) {
            [host, token] port in
            let place = "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
            Output.line("serving \(place)")
            if let token {
                Output.line("for MLflow: export MLFLOW_TRACKING_URI=\(place)")
                Output.line("            export MLFLOW_TRACKING_TOKEN=\(token.reveal())")
            }
        }
        let group = ServiceGroup(
            services: [server],
            logger: Logger(label: "mlops.serve") { _ in SwiftLogNoOpLogHandler() })
        let work = Task { try await group.run() }
        // A signal of the tool cancels its task: here it is a graceful end.
        try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            Task { await group.triggerGracefulShutdown() }
        }
    }
}
