import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
public import Logging
public import MLOpsCore
import NIOCore
import NIOSSL
public import ServiceLifecycle

/// Serves a store over HTTP.
///
/// A program runs it in its own group of services, beside its others:
///
/// ```swift
/// let server = try MLOpsServer(
///     store: store, configuration: ServerConfiguration(access: .keys), logger: logger)
/// try await ServiceGroup(
///     services: [server], gracefulShutdownSignals: [.sigterm], logger: logger).run()
/// ```
///
/// A graceful shutdown takes no new requests, and returns when those under way have ended.
public struct MLOpsServer: Service {
    private let configuration: ServerConfiguration
    private let rooms: FrontDoor
    private let builder: HTTPServerBuilder
    private let logger: Logger
    private let onReady: @Sendable (Int) async -> Void

    /// A server of a store.
    ///
    /// - Parameters:
    ///   - store: The store; the caller closes it when the server has ended.
    ///   - configuration: How it listens, and whom it admits.
    ///   - logger: Gets a line for each request, without queries, bodies and keys.
    ///   - onReady: Called with the port when requests are taken.
    /// - Throws: `.invalidValue` for a configuration that would let strangers in; an error of TLS
    ///   for files that are no certificate and its key.
    public init(
        store: any Store, configuration: ServerConfiguration, logger: Logger,
        onReady: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) throws {
        try configuration.validate()
        self.configuration = configuration
        self.logger = logger
        self.onReady = onReady
        let limits = configuration.limits
        let plain = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [PatienceHandler(limits)]))
        builder =
            try configuration.tls.map { try .tls(plain, tlsConfiguration: $0.configuration()) }
            ?? plain
        let metrics = RequestMetrics()
        rooms = FrontDoor(
            rooms: Self.rooms(store, configuration, metrics), hosts: HostPolicy(configuration),
            metrics: metrics)
    }

    private static func rooms(
        _ store: any Store, _ configuration: ServerConfiguration, _ metrics: RequestMetrics
    ) -> RouterResponder<ServerContext> {
        let router = Router(context: ServerContext.self)
        router.add(middleware: FrameworkErrors())
        router.get("health") { _, _ in "OK" }
        router.get("version") { _, _ in libraryVersion }
        let known = router.group().add(middleware: Doorkeeper(store, configuration))
        known.get("metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.text)))
        }
        MLflowFace(limits: configuration.limits).addRoutes(to: known)
        return router.buildResponder()
    }

    /// Serves until the task is cancelled or the group shuts down.
    public func run() async throws {
        let onReady = onReady
        let application = Application(
            responder: rooms, server: builder,
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                serverName: "mlops", backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    configuration.limits.connections)),
            onServerRunning: { await onReady($0.localAddress?.port ?? 0) }, logger: logger)
        try await application.run()
    }
}

extension TLSFiles {
    fileprivate func configuration() throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate)
                .map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        tls.minimumTLSVersion = .tlsv12
        return tls
    }
}
