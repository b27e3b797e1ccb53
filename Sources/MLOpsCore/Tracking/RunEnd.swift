/// How a run is to end.
struct RunEnd: Sendable, Hashable {
    let status: RunStatus
    /// Why, for a run that has failed.
    var error: String?
    /// Whether nobody can try again: the logger is gone, its store is closed, or the process ends.
    ///
    /// Such a run ends even when its last points cannot be written.
    var isFinal = false
}

/// What became of a batch of points.
enum BatchOutcome: Sendable {
    case stored
    /// The store refuses the batch however often it is written; its points are gone.
    case refused(any Error)
    /// The connection was lost during the commit; the batch is kept and may be stored.
    case unknown(any Error)
    /// Nothing was stored; the batch is kept.
    case failed(any Error)

    init(_ result: Result<Void, any Error>) {
        switch result {
        case .success: self = .stored
        case .failure(let error):
            switch (error as? StoreError)?.code {
            case let code? where code.refusesForGood: self = .refused(error)
            case .commitUnknown: self = .unknown(error)
            default: self = .failed(error)
            }
        }
    }

    /// Why the batch was not stored, as far as is known.
    var error: (any Error)? {
        switch self {
        case .stored: nil
        case .refused(let error), .unknown(let error), .failed(let error): error
        }
    }
}

extension StoreError.Code {
    private static let refusals: Set = [
        invalidValue, checkViolation, notFound, foreignKeyViolation, permissionDenied,
    ]

    /// Whether the same batch is refused again however often it is written.
    fileprivate var refusesForGood: Bool { Self.refusals.contains(self) }
}
