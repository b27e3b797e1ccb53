import Foundation
import HTTPTypes
import Hummingbird
import Logging
import MLOpsCore

/// What every request passes: hosts and origins, the project in the path, the form of errors, the
/// headers of every answer, the log and the metrics.
struct FrontDoor: HTTPResponder {
    typealias Context = ServerContext

    let rooms: RouterResponder<ServerContext>
    let hosts: HostPolicy
    let metrics: RequestMetrics

    func respond(to request: Request, context: ServerContext) async throws -> Response {
        let start = ContinuousClock.now
        metrics.begin()
        var context = context
        let request = context.takeProject(outOf: request)
        var response: Response
        do {
            try hosts.check(request.head)
            response = try await rooms.respond(to: request, context: context)
        } catch {
            let failure = ServerFailure(error)
            if failure.status == .internalServerError {
                context.logger.error("\(error)", metadata: ["path": "\(request.uri.path)"])
            }
            response = Face(path: request.uri.path).answer(failure, id: context.requestID)
        }
        response.headers.secure(id: context.requestID)
        finish(request, context, response.status, start)
        return response
    }

    private func finish(
        _ request: Request, _ context: ServerContext, _ status: HTTPResponse.Status,
        _ start: ContinuousClock.Instant
    ) {
        let seconds = start.duration(to: .now) / .seconds(1)
        // Without the query, which says what somebody looks for.
        context.logger.info(
            "\(request.method) \(request.uri.path) \(status.code)",
            metadata: ["seconds": "\(seconds)"])
        metrics.end(
            request.method, context.endpointPath ?? "none", status, seconds: seconds)
    }
}

extension ServerContext {
    /// The same request without `/p/SLUG` before its path, which names a project.
    fileprivate mutating func takeProject(outOf request: Request) -> Request {
        guard let path = request.head.path, path.hasPrefix("/p/") else { return request }
        let rest = path.dropFirst(3)
        let slug = rest.prefix { $0 != "/" && $0 != "?" }
        guard !slug.isEmpty else { return request }
        project = slug.removingPercentEncoding ?? String(slug)
        var head = request.head
        let own = rest.dropFirst(slug.count)
        head.path = own.hasPrefix("/") ? String(own) : "/" + own
        return Request(head: head, body: request.body)
    }
}

extension HTTPFields {
    /// What browsers are told of every answer, and the id by which the log knows the request.
    fileprivate mutating func secure(id: String) {
        self[.xContentTypeOptions] = "nosniff"
        self[.contentSecurityPolicy] =
            self[.contentSecurityPolicy] ?? "default-src 'none'; frame-ancestors 'none'"
        for (name, value) in [
            ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"), ("X-Request-Id", id),
        ] {
            if let name = HTTPField.Name(name) { self[name] = value }
        }
    }
}
