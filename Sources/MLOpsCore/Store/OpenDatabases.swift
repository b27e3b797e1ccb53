import Foundation
import Synchronization

/// A file, whatever its name: its device and its number there.
struct FileIdentity: Sendable, Hashable {
    private let device: UInt64
    private let number: UInt64

    /// The file that a path leads to, through links; `nil` when there is none.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// The file of a status.
    init(_ status: stat) {
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
    }
}

/// The database files that this process has open.
///
/// A process must not open them otherwise. "All locks associated with a file for a given process
/// shall be removed when any file descriptor for that file is closed by that process" (POSIX,
/// fcntl): other processes would then write into the file, or remove its log, while it is in use.
final class OpenDatabases: Sendable {
    static let shared = OpenDatabases()

    /// How many stores have each path open.
    private let paths = Mutex<[String: Int]>([:])
    /// The paths that are about to get another file.
    private let reserved = Mutex<Set<String>>([])

    /// - Throws: `.busy` while the path is reserved.
    func add(_ path: String) throws {
        try reserved.withLock { reserved in
            guard !reserved.contains(path) else { throw Self.busy(path) }
            paths.withLock { $0[path, default: 0] += 1 }
        }
    }

    /// Keeps a path from being opened, until ``release(_:)``.
    ///
    /// - Throws: `.busy` when it is reserved, or open, also under another name.
    func reserve(_ path: String) throws {
        try reserved.withLock { reserved in
            let isOpen = paths.withLock { $0[path] } != nil || (try? check(path)) == nil
            guard !isOpen, reserved.insert(path).inserted else { throw Self.busy(path) }
        }
    }

    func release(_ path: String) { reserved.withLock { _ = $0.remove(path) } }

    /// The error for a database that others use.
    static func busy(_ path: String) -> StoreError {
        StoreError(
            .busy,
            "\(path) is in use; a database is only restored while nobody has it open. End the "
                + "programs that use it, and repeat the call.")
    }

    func remove(_ path: String) {
        paths.withLock { paths in
            guard let count = paths[path] else { return }
            paths[path] = count > 1 ? count - 1 : nil
        }
    }

    /// Checks a file that is about to be opened.
    ///
    /// - Throws: `.invalidValue` when it belongs to an open database, also under another name.
    func check(_ path: String) throws {
        guard let file = FileIdentity(path) else { return }
        try check(file, at: path)
    }

    /// Checks a file that is about to be opened, or was.
    ///
    /// - Throws: As ``check(_:)`` does; an open descriptor may not be closed then.
    func check(_ file: FileIdentity, at path: String) throws {
        for open in paths.withLock({ Array($0.keys) }) {
            guard ["", "-wal", "-shm"].contains(where: { FileIdentity(open + $0) == file }) else {
                continue
            }
            throw StoreError(
                .invalidValue,
                "\(path) belongs to the open database \(open); reading it would drop the locks of "
                    + "the database. Make a backup, and use that.")
        }
    }
}
