import Foundation
import MLOpsCore

/// The database file that a command works on.
struct Database {
    let path: String
    private let timeout: Duration

    /// For what a command opens the file.
    enum Purpose {
        /// To read or change rows: the file exists, and its schema is up to date.
        case use
        /// To look at its schema or change it: the file exists, its schema may be old.
        case inspect
        /// To make it, and bring its schema up to date.
        case create
    }

    init(_ options: GlobalOptions) throws {
        path = try options.path()
        timeout = .milliseconds(Int64(options.timeout * 1000))
    }

    /// Whether the file exists.
    var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// The size of the file, in bytes.
    var size: Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.size] as? Int ?? 0
    }

    /// Opens the file, hands the store to the body, and closes it.
    func open<Value>(
        for purpose: Purpose, _ body: (SQLiteStore) async throws -> Value
    ) async throws -> Value {
        if purpose != .create { try checkExists() }
        var configuration = SQLiteConfiguration()
        configuration.busyTimeout = timeout
        configuration.slowStatementThreshold = nil
        configuration.migratesOnOpen = purpose == .create
        configuration.requiresCurrentSchema = purpose != .inspect
        return try await SQLiteStore.open(path, configuration: configuration).closing(after: body)
    }

    private func checkExists() throws {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw Failure(
                .noInput, "\(path) does not exist; `mlops db migrate` or `mlops seed` makes it")
        }
        guard !isDirectory.boolValue else {
            throw Failure(.badData, "\(path) is a directory")
        }
        // Opening an empty file would make a database of it.
        guard size > 0 else {
            throw Failure(.badData, "\(path) is empty; `mlops db migrate` makes a database of it")
        }
    }
}
