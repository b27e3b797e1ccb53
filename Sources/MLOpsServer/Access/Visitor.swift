import HTTPTypes
import MLOpsCore

/// Who asks: their workspace while it serves the request.
struct Visitor: Sendable {
    let workspace: Workspace
    /// Whom the rate limit counts: a key, or the local person.
    let name: String
    /// The slug of the project that the path names, if it names one.
    var project: String?

    static let unknown = ServerFailure(
        .unauthorized, "unauthenticated",
        "Send an API key as `Authorization: Bearer KEY`, or as the password of Basic.")
}
