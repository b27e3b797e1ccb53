import HTTPTypes
import Hummingbird
import MLOpsCore
import NIOCore

/// The interfaces of the server, which give errors different forms.
enum Face {
    case rest
    case mlflow

    private static let mlflowPaths = ["/api/2.0/", "/api/3.0/", "/ajax-api/", "/v1/traces"]

    init(path: String) {
        self = Self.mlflowPaths.contains(where: path.hasPrefix) ? .mlflow : .rest
    }

    func answer(_ failure: ServerFailure, id: String) -> Response {
        var response =
            switch self {
            case .mlflow: MLflowError(failure).answer
            case .rest: Response(problem: failure, id: id)
            }
        if let seconds = failure.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
        if failure.status == .unauthorized {
            response.headers[.wwwAuthenticate] = "Basic realm=\"mlops\""
        }
        if [.contentTooLarge, .requestTimeout].contains(failure.status) {
            // What is left of the body is not read.
            response.headers[.connection] = "close"
        }
        return response
    }
}

extension Response {
    /// An answer of JSON.
    init(
        status: HTTPResponse.Status = .ok, json: JSONValue, type: String = "application/json"
    ) {
        self.init(
            status: status, headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(string: json.description)))
    }

    /// Problem details (RFC 9457).
    fileprivate init(problem failure: ServerFailure, id: String) {
        var members: [String: JSONValue] = [
            "type": "about:blank", "title": .string(failure.status.reasonPhrase),
            "status": .int(Int64(failure.status.code)), "code": .string(failure.code),
            "detail": .string(failure.message), "request_id": .string(id),
        ]
        if let field = failure.field { members["field"] = .string(field) }
        self.init(
            status: failure.status, json: .object(members), type: "application/problem+json")
    }
}
