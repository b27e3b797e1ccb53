import Hummingbird
import Logging
import NIOCore

/// What the server knows of a request while it answers it.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The id of the request; the log, the answer and the audit trail have it.
    let requestID: String
    /// The address that the connection comes from.
    let peer: SocketAddress?
    /// The slug of the project that the path names, if it names one.
    var project: String?
    /// Who asks, once it is known.
    var visitor: Visitor?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = source.channel.remoteAddress
        requestID = "\(RequestID())"
        // In place of the framework's, which a logger without metadata does not keep.
        logger[metadataKey: "hb.request.id"] = .string(requestID)
    }

    /// Who asks.
    ///
    /// - Throws: A failure of 401 where nobody was asked to say.
    func requireVisitor() throws -> Visitor {
        guard let visitor else { throw Visitor.unknown }
        return visitor
    }
}
