/// The requested end of a run.
struct RunEnd: Sendable, Hashable {
    let status: RunStatus
    /// The error of a failed run.
    var error: String?
    /// Whether the end cannot be retried.
    ///
    /// The logger was released, its store is closed, or the process ends. Such a run ends even when
    /// its last points cannot be written.
    var isFinal = false
}

/// The outcome of writing a batch of points.
enum BatchOutcome: Sendable {
    case stored
    /// The store will always refuse the batch; its points are lost.
    case refused(any Error)
    /// The connection was lost during the commit; the batch is kept and may be stored.
    case unknown(any Error)
    /// Nothing was stored; the batch is kept.
    case failed(any Error)

    init(_ result: Result<Void, any Error>) {
        switch result {
        case .success: self = .stored
        case .failure(let error):
            switch error as? StoreError {
            case let error? where error.refusesForGood: self = .refused(error)
            case let error? where error.code == .commitUnknown: self = .unknown(error)
            default: self = .failed(error)
            }
        }
    }

    /// The error, unless the batch was stored.
    var error: (any Error)? {
        switch self {
        case .stored: nil
        case .refused(let error), .unknown(let error), .failed(let error): error
        }
    }
}

extension StoreError {
    /// Whether writing the same batch again would fail again.
    ///
    /// Only what the library has found wrong itself is final. A database reports a broken rule also
    /// when it is out of memory in a CHECK, and a missing right until the operator grants it.
    fileprivate var refusesForGood: Bool {
        !isReported && [.invalidValue, .notFound, .permissionDenied].contains(code)
    }
}
