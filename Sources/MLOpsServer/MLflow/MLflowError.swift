import HTTPTypes
import Hummingbird
import MLOpsCore

/// An error as clients of MLflow expect it: a status, a code of theirs, and a message.
struct MLflowError: Error, HTTPResponseError {
    let status: HTTPResponse.Status
    let code: String
    let message: String

    init(_ status: HTTPResponse.Status, _ code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    static func invalid(_ message: String) -> MLflowError {
        MLflowError(.badRequest, "INVALID_PARAMETER_VALUE", message)
    }

    static func missing(_ name: String) -> MLflowError {
        invalid("Missing value for required parameter '\(name)'. \(seeDocs)")
    }

    static func absent(_ message: String) -> MLflowError {
        MLflowError(.notFound, "RESOURCE_DOES_NOT_EXIST", message)
    }

    static func exists(_ message: String) -> MLflowError {
        MLflowError(.badRequest, "RESOURCE_ALREADY_EXISTS", message)
    }

    static let seeDocs = "See the API docs for more information about request parameters."

    /// What a failure of the server or the store is called there.
    init(_ failure: ServerFailure) {
        let code =
            switch (failure.status, failure.code) {
            case (.notFound, "noEndpoint"): "ENDPOINT_NOT_FOUND"
            case (.notFound, _): "RESOURCE_DOES_NOT_EXIST"
            case (.conflict, "alreadyExists"): "RESOURCE_ALREADY_EXISTS"
            case (.conflict, _): "RESOURCE_CONFLICT"
            case (.badRequest, _): "INVALID_PARAMETER_VALUE"
            case (.unauthorized, _): "UNAUTHENTICATED"
            case (.forbidden, _): "PERMISSION_DENIED"
            case (.tooManyRequests, _): "REQUEST_LIMIT_EXCEEDED"
            case (.contentTooLarge, _): "BAD_REQUEST"
            case (.serviceUnavailable, _): "TEMPORARILY_UNAVAILABLE"
            default: "INTERNAL_ERROR"
            }
        // Clients look for 400 where a name is taken.
        let status = code == "RESOURCE_ALREADY_EXISTS" ? .badRequest : failure.status
        self.init(status, code, failure.message)
    }

    var answer: Response {
        Response(
            status: status,
            json: ["error_code": .string(code), "message": .string(message)])
    }

    func response(from request: Request, context: some RequestContext) -> Response { answer }
}
