import Hummingbird

/// Answers what no route does in the form of the face that was asked, and not with an empty page.
struct NothingThere: RouterMiddleware {
    typealias Context = ServerContext

    func handle(
        _ request: Request, context: ServerContext,
        next: @concurrent (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound && error.body == nil {
            throw ServerFailure.notFound(request.uri.path)
        }
    }
}
