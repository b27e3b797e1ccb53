import Foundation
import Synchronization

/// The file of a store, which has to stay where it was opened.
///
/// When another file takes the name, SQLite goes on with the one that it has open: its commits are
/// lost, and its log is applied to the other file.
final class DatabaseFile: Sendable {
    private struct Identity: Equatable {
        let main: FileIdentity?
        let log: FileIdentity?
        /// The index of the log, in memory that all connections share.
        let index: FileIdentity?
    }

    /// The path without links, beside which SQLite keeps the log.
    let path: String
    private let access: FileAccess
    /// Whether the log is the store's own: one that only reads may find others write it.
    private let watchesLog: Bool
    private let opened = Mutex<Identity?>(nil)
    private let isRegistered = Mutex(true)

    /// - Throws: `.busy` while the file is being restored.
    init(_ path: String, _ configuration: SQLiteConfiguration) throws {
        self.path = Self.resolved(path)
        access = configuration.fileAccess
        watchesLog = configuration.mode == .readWrite
        try OpenDatabases.shared.add(self.path)
    }

    /// An absolute path without links, as the kernel follows them.
    ///
    /// The file need not exist, nor need what a link leads to.
    static func resolved(_ path: String) -> String {
        var path = path
        // As many links as Linux follows.
        for _ in 0..<40 {
            if let real = real(path) { return real }
            let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
            let folder = String(path.dropLast(name.count))
            if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) {
                path = target.hasPrefix("/") ? target : folder + target
            } else {
                return (real(folder.isEmpty ? "." : folder) ?? folder) + "/" + name
            }
        }
        return path
    }

    private static func real(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    deinit { release() }

    /// Tells the process that the store is closed.
    func release() {
        let wasRegistered = isRegistered.withLock { isRegistered in
            defer { isRegistered = false }
            return isRegistered
        }
        if wasRegistered { OpenDatabases.shared.remove(path) }
    }

    /// Makes the file, so that the log and its index, which take its mode, are private too.
    ///
    /// SQLite reports what keeps it from being made. The file gets its name once it is closed, as
    /// closing it later would drop the locks of another store that has opened it meanwhile.
    func make() {
        guard FileIdentity(path) == nil else { return }
        let unnamed = path + ".new-\(Identifier<DatabaseFile>())"
        guard let descriptor = access.makeFile(unnamed) else { return }
        close(descriptor)
        if link(unnamed, path) != 0, let descriptor = access.makeFile(path) {
            // A file system without links; another store of this process may lose its locks.
            close(descriptor)
        }
        unlink(unnamed)
    }

    private var present: Identity {
        Identity(
            main: FileIdentity(path), log: watchesLog ? FileIdentity(path + "-wal") : nil,
            index: watchesLog ? FileIdentity(path + "-shm") : nil)
    }

    /// Remembers which files the writing connection has open.
    func remember() {
        let present = present
        opened.withLock { $0 = present }
    }

    /// - Throws: `.fileMoved` when another file, or none, has the name of the database or its log.
    func check() throws {
        guard let opened = opened.withLock({ $0 }), opened != present else { return }
        throw StoreError(
            .fileMoved,
            "\(path), or the log beside it, was moved, replaced or removed while it was open; "
                + "nothing of the transaction was kept. Close the store and open the right file.")
    }

    /// Whether another file, or none, has the name of the database.
    var hasMoved: Bool {
        opened.withLock { $0 }.map { $0.main != FileIdentity(path) } ?? false
    }

    /// Removes the log, if it is still that of a file that has moved.
    ///
    /// The file that has the name now would be opened with it.
    func removeStrayLog() {
        guard hasMoved, let log = opened.withLock({ $0?.log }) else { return }
        guard FileIdentity(path + "-wal") == log else { return }
        unlink(path + "-wal")
        unlink(path + "-shm")
    }

    /// Whether the log beside the file may be removed by the last connection that closes.
    var hasOwnLog: Bool {
        guard let opened = opened.withLock({ $0 }), let log = present.log else { return true }
        return log == opened.log
    }
}
