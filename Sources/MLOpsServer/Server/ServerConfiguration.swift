public import MLOpsCore

/// How a server listens, whom it admits, and what it bears.
public struct ServerConfiguration: Sendable {
    /// The address or name to listen on.
    public var host: String
    /// The port; 0 takes a free one.
    public var port: Int
    /// Who is admitted.
    public var access: ServerAccess
    /// The files of TLS; `nil` for HTTP without it.
    public var tls: TLSFiles?
    /// Whether a proxy in front speaks TLS, and says who asks in `X-Forwarded-For`.
    public var isBehindProxy = false
    /// Names of `Host` that are admitted besides those of loopback and ``host``.
    public var allowedHosts: [String] = []
    /// What a client may ask of it.
    public var limits = ServerLimits()
    /// How long requests under way may take to end after a signal.
    public var shutdownPeriod: Duration = .seconds(30)

    /// A configuration.
    public init(access: ServerAccess, host: String = "127.0.0.1", port: Int = 5000) {
        self.access = access
        self.host = host
        self.port = port
    }

    /// A token of 256 random bits, for ``ServerAccess/local(_:token:admitsLoopback:)``.
    public static func makeToken() -> Secret<String> { LocalToken.make() }

    /// Whether only programs of this machine reach it.
    public var isLoopback: Bool { HostPolicy.isLoopback(host) }

    /// Checks that nobody reaches the store without a key, and no key travels unencrypted.
    ///
    /// - Throws: `.invalidValue` that says what to set.
    func validate() throws {
        if isBehindProxy, case .local(_, _, admitsLoopback: true) = access {
            throw StoreError(
                .invalidValue,
                "Behind a proxy every request comes from this machine: a server that admits its "
                    + "programs without a token would admit everybody.",
                field: "access")
        }
        guard !isLoopback else { return }
        guard tls != nil || isBehindProxy else {
            throw StoreError(
                .invalidValue,
                "A server on \(host) can be reached from other machines: give it a certificate and "
                    + "a key for TLS, or say that a proxy in front of it has them.",
                field: "host")
        }
        guard case .keys = access else {
            throw StoreError(
                .invalidValue,
                "A server on \(host) can be reached from other machines: it admits API keys alone, "
                    + "not the token of one person.",
                field: "access")
        }
    }
}

/// The certificate chain and the private key of a server, as PEM files.
public struct TLSFiles: Sendable, Hashable {
    /// The path of the certificate, followed by those that signed it.
    public var certificate: String
    /// The path of its private key.
    public var key: String

    /// The paths of two PEM files.
    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// Whom a server admits.
public enum ServerAccess: Sendable {
    /// The holders of API keys of the store.
    case keys
    /// The holder of a token too, and with `admitsLoopback` any program of this machine: they act
    /// in the workspace.
    case local(Workspace, token: Secret<String>, admitsLoopback: Bool = false)
}

/// What a client may ask of a server.
public struct ServerLimits: Sendable, Hashable {
    /// The largest body that is read as a whole, in bytes.
    public var bodySize = 16 << 20
    /// The largest artifact that is taken, in bytes.
    public var artifactSize = 64 << 30
    /// Requests of one key, or of one address without a key, in a minute.
    public var requestsPerMinute = 60_000
    /// Refused keys of one address in a minute, before it has to wait.
    public var refusalsPerMinute = 30
    /// Connections at one time.
    public var connections = 16_384
    /// How long a client may take to send the head of a request, and to be silent in a body.
    public var patience: Duration = .seconds(20)
    /// How long a connection may be open without a request.
    public var idleTime: Duration = .seconds(75)

    /// The default limits.
    public init() {}
}
