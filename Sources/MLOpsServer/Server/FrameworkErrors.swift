import HTTPTypes
import Hummingbird

/// Turns the errors of the framework into failures of the server: the router would answer them
/// itself, in a form that no face has.
struct FrameworkErrors: RouterMiddleware {
    typealias Context = ServerContext

    func handle(
        _ request: Request, context: ServerContext,
        next: @concurrent (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as MLflowError {
            throw error
        } catch let error as HTTPError where error.status == .notFound && error.body == nil {
            throw ServerFailure.notFound(request.uri.path)
        } catch let error as any HTTPResponseError {
            throw ServerFailure(error)
        }
    }
}
