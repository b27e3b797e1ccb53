import ArgumentParser
import MLOpsCore
import MLOpsTransfer

/// The exit statuses of the tool; 64 to 78 are those of `sysexits.h`.
enum ExitStatus: Int32, CaseIterable {
    case success = 0
    case negative = 1
    case usage = 64
    case badData = 65
    case noInput = 66
    case software = 70
    case cannotCreate = 73
    case busy = 75
    case denied = 77
    case configuration = 78
    case interrupted = 130

    private var meaning: String {
        switch self {
        case .success: "done"
        case .negative: "a check failed, or nothing was found"
        case .usage: "a wrong option or argument"
        case .badData: "a database or file that is damaged, or of another kind or version"
        case .noInput: "a database or file does not exist"
        case .software: "another error"
        case .cannotCreate: "a file or row cannot be written, or its state does not allow it"
        case .busy: "another process kept the database locked"
        case .denied: "who acts may not do this"
        case .configuration: "a key that is needed is not configured"
        case .interrupted: "interrupted"
        }
    }

    /// The list for the help of the root command.
    static var help: String {
        allCases.map { status in
            let number = String(status.rawValue)
            return "  \(number)\(String(repeating: " ", count: 5 - number.count))\(status.meaning)"
        }.joined(separator: "\n")
    }

    /// The status of each kind of error; one that is not listed is ``software``.
    private static let table: [StoreError.Code: ExitStatus] = [
        .notFound: .negative,
        .promotionRefused: .negative,
        .invalidValue: .usage,
        .checkViolation: .usage,
        .notADatabase: .badData,
        .corrupt: .badData,
        .schemaTooNew: .badData,
        .schemaTooOld: .badData,
        .migrationChanged: .badData,
        .alreadyExists: .cannotCreate,
        .conflict: .cannotCreate,
        .quotaExceeded: .cannotCreate,
        .foreignKeyViolation: .cannotCreate,
        .readOnly: .cannotCreate,
        .fileMoved: .cannotCreate,
        .cannotOpen: .cannotCreate,
        .diskFull: .cannotCreate,
        .busy: .busy,
        .permissionDenied: .denied,
        .missingKey: .configuration,
    ]

    init(_ code: StoreError.Code) { self = Self.table[code] ?? .software }
}

/// An error of the tool itself: a message and the exit status.
struct Failure: Error {
    let status: ExitStatus
    let message: String
    /// Whether what the command looks for does not exist; then it has written nothing.
    private(set) var isAbsence = false

    /// An empty message prints nothing, because the output has already reported the failure.
    init(_ status: ExitStatus, _ message: String = "") {
        self.status = status
        self.message = message
    }

    /// The error that nothing was found; with `--json` the output is an empty list, or null.
    static func nothing(_ message: String) -> Failure {
        var failure = Failure(.negative, message)
        failure.isAbsence = true
        return failure
    }

    /// The failure for an error; `nil` for an error of the argument parser.
    init?(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as StoreError where error.code == .notFound: self = .nothing(error.message)
        case let error as StoreError: self.init(ExitStatus(error.code), error.message)
        case let error as ImportSourceError:
            let isAbsent = error.kind == .missing || error.kind == .unreadable
            self.init(isAbsent ? .noInput : .badData, error.message)
        case is CancellationError: self.init(.interrupted, "interrupted")
        case is ExitCode, is CleanExit, is ValidationError: return nil
        default:
            // The types of parse errors are not public; their exit code identifies them.
            guard MLOps.exitCode(for: error) != .validationFailure else { return nil }
            guard MLOps.exitCode(for: error) != .success else { return nil }
            self.init(.software, "\(error)")
        }
    }
}
