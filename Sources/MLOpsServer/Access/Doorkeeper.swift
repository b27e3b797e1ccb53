import Foundation
import HTTPTypes
import Hummingbird
import Logging
import MLOpsCore
import NIOCore

/// Finds out who asks, and whether they may now.
struct Doorkeeper: RouterMiddleware {
    typealias Context = ServerContext

    private let store: any Store
    private let access: ServerAccess
    private let localToken: LocalToken?
    private let isBehindProxy: Bool
    private let requests: RateLimiter
    private let refusals: RateLimiter

    init(_ store: any Store, _ configuration: ServerConfiguration) {
        self.store = store
        access = configuration.access
        localToken =
            if case .local(_, let token, _) = configuration.access { LocalToken(token) } else {
                nil
            }
        isBehindProxy = configuration.isBehindProxy
        requests = RateLimiter(perMinute: configuration.limits.requestsPerMinute)
        refusals = RateLimiter(perMinute: configuration.limits.refusalsPerMinute)
    }

    func handle(
        _ request: Request, context: ServerContext,
        next: @concurrent (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let address = address(of: request, context)
        // Also before a key is looked up: guessing costs no query.
        try refusals.check(address)
        let origin = RequestOrigin(
            ipAddress: address, userAgent: request.headers[.userAgent], requestID: context.requestID
        )
        do {
            var visitor = try await visitor(try Credentials.token(of: request), context, origin)
            try requests.take(for: visitor.name)
            visitor.project = context.project
            var context = context
            context.visitor = visitor
            context.logger[metadataKey: "user"] = .string(visitor.name)
            return try await next(request, context)
        } catch let failure as ServerFailure where failure.code == Visitor.unknown.code {
            try refusals.take(for: address)
            throw failure
        }
    }

    private func visitor(
        _ token: Secret<String>?, _ context: ServerContext, _ origin: RequestOrigin
    ) async throws -> Visitor {
        if case .local(let workspace, _, let admitsLoopback) = access {
            let local = Visitor(workspace: workspace.serving(origin), name: "local")
            if let token {
                if localToken?.matches(token) == true { return local }
            } else if admitsLoopback, context.peer.isLoopback {
                return local
            }
        }
        guard let token else { throw Visitor.unknown }
        do {
            let workspace = try await store.workspace(apiKey: token)
            return Visitor(workspace: workspace.serving(origin), name: workspace.principal.name)
        } catch let error as StoreError
            where [.invalidValue, .permissionDenied, .missingKey].contains(error.code)
        {
            // One answer for all: a caller learns nothing of keys that exist.
            throw Visitor.refused
        }
    }

    /// The address of the client; behind a proxy the one that the proxy saw, which it adds last.
    private func address(of request: Request, _ context: ServerContext) -> String {
        let peer = context.peer?.ipAddress ?? "unknown"
        guard isBehindProxy, let name = HTTPField.Name("X-Forwarded-For"),
            let last = request.headers[values: name].last?.split(separator: ",").last
        else { return peer }
        return last.trimmingCharacters(in: .whitespaces)
    }
}

extension Visitor {
    static let refused = ServerFailure(
        .unauthorized, unknown.code, "The API key or token is not valid here.")
}

extension Principal {
    fileprivate var name: String {
        switch self {
        case .user(let id): "user \(id)"
        case .apiKey(let id, _): "key \(id)"
        }
    }
}

extension SocketAddress? {
    /// Whether the connection comes from this machine.
    fileprivate var isLoopback: Bool {
        guard let address = self?.ipAddress else { return false }
        return HostPolicy.isLoopback(address)
    }
}
