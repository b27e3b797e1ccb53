import HTTPTypes
import Hummingbird
import MLOpsCore

/// Why a request has no other answer, before a face of the server gives it its form.
struct ServerFailure: Error {
    let status: HTTPResponse.Status
    /// A word for programs: the code of a ``StoreError``, or one of this server.
    let code: String
    /// What happened and what to do.
    let message: String
    /// The field of the request that is wrong.
    var field: String?
    /// When to ask again, in seconds.
    var retryAfter: Int?

    init(
        _ status: HTTPResponse.Status, _ code: String, _ message: String, field: String? = nil,
        retryAfter: Int? = nil
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.retryAfter = retryAfter
    }

    /// What an error of a handler means to a client.
    ///
    /// A request that can never succeed gets a status of 4xx: clients repeat the others.
    init(_ error: any Error) {
        switch error {
        case let failure as ServerFailure: self = failure
        case let error as StoreError: self.init(error)
        case let error as any HTTPResponseError:
            self.init(error.status, "httpError", error.status.reasonPhrase)
        case is CancellationError:
            self.init(.serviceUnavailable, "stopping", "The server stops.", retryAfter: 1)
        default:
            self.init(
                .internalServerError, "internal",
                "The server failed; its log has the cause under the id of this request.")
        }
    }

    private init(_ error: StoreError) {
        let status: HTTPResponse.Status =
            switch error.code {
            case .notFound: .notFound
            case .alreadyExists, .conflict, .foreignKeyViolation: .conflict
            case .invalidValue, .checkViolation: .badRequest
            case .permissionDenied, .quotaExceeded, .readOnly, .promotionRefused: .forbidden
            case .busy, .diskFull, .closed, .connectionLost, .commitUnknown, .snapshotExpired,
                .serializationFailure:
                .serviceUnavailable
            default: .internalServerError
            }
        self.init(
            status, error.code.rawValue, error.message, field: error.field,
            retryAfter: status == .serviceUnavailable ? 2 : nil)
    }

    static func notFound(_ path: String) -> ServerFailure {
        ServerFailure(.notFound, "noEndpoint", "There is nothing at \(path).")
    }
}
