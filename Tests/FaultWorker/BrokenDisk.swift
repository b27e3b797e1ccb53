import CSQLite
import Foundation
import MLOpsCore
import Synchronization

/// The disk of this process, which fails while a mode asks for it.
///
/// SQLite's own calls are replaced, so that they meet the error where a disk would cause it.
enum BrokenDisk {
    /// Whether data cannot be brought to the disk.
    static let syncFails = Atomic(false)
    /// Whether a file cannot be read.
    static let readFails = Atomic(false)

    private typealias Read =
        @convention(c) (Int32, UnsafeMutableRawPointer?, Int, Int) -> Int
    private typealias Open =
        @convention(c) (
            UnsafeMutablePointer<sqlite3_vfs>?, UnsafePointer<CChar>?,
            UnsafeMutablePointer<sqlite3_file>?, Int32, UnsafeMutablePointer<Int32>?
        ) -> Int32
    private typealias Sync =
        @convention(c) (UnsafeMutablePointer<sqlite3_file>?, Int32) -> Int32

    // Unchecked: `open` is written before SQLite opens a file, and `sync` gets the same function
    // from every file.
    nonisolated(unsafe) private static var open: Open?
    nonisolated(unsafe) private static var sync: Sync?

    /// Replaces the calls; before the first file is opened.
    static func install() {
        sqlite3_initialize()
        guard let vfs = sqlite3_vfs_find(nil) else { return }
        let read: Read = { file, buffer, count, offset in
            guard BrokenDisk.readFails.load(ordering: .relaxed) else {
                return pread(file, buffer, count, offset)
            }
            errno = EIO
            return -1
        }
        let call = unsafeBitCast(read, to: sqlite3_syscall_ptr.self)
        for name in ["pread", "pread64"] { _ = vfs.pointee.xSetSystemCall(vfs, name, call) }
        open = vfs.pointee.xOpen
        vfs.pointee.xOpen = { vfs, name, file, flags, given in
            let code = BrokenDisk.open?(vfs, name, file, flags, given) ?? SQLITE_ERROR
            if code == SQLITE_OK { BrokenDisk.replaceSync(of: file) }
            return code
        }
    }

    /// Gives a file methods of its own, which live as long as the process.
    private static func replaceSync(of file: UnsafeMutablePointer<sqlite3_file>?) {
        guard let file, let usual = file.pointee.pMethods else { return }
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        methods.initialize(to: usual.pointee)
        sync = usual.pointee.xSync
        methods.pointee.xSync = { file, flags in
            guard BrokenDisk.syncFails.load(ordering: .relaxed) else {
                return BrokenDisk.sync?(file, flags) ?? SQLITE_ERROR
            }
            errno = EIO
            return csqlite_ioerr_fsync
        }
        file.pointee.pMethods = UnsafePointer(methods)
    }
}

extension FaultWorker {
    /// Reads and commits while the disk fails, and prints the error of each.
    static func useBrokenDisk(_ path: String) async throws {
        func code(_ body: () async throws -> Void) async -> String {
            do {
                try await body()
                return "none"
            } catch {
                BrokenDisk.readFails.store(false, ordering: .relaxed)
                BrokenDisk.syncFails.store(false, ordering: .relaxed)
                return (error as? StoreError)?.code.rawValue ?? "\(error)"
            }
        }
        BrokenDisk.install()
        var configuration = SQLiteConfiguration()
        configuration.durability = .full
        let store = try await SQLiteStore.open(path, configuration: configuration)
        let workspace = try await store.localWorkspace()
        BrokenDisk.readFails.store(true, ordering: .relaxed)
        say("read \(await code { _ = try await workspace.metrics.all() })")
        BrokenDisk.readFails.store(true, ordering: .relaxed)
        say("verify \(await code { _ = try await store.verify() })")
        let run = try await workspace.startRun(project: "p", experiment: "e")
        run.log("m", 1, step: 1)
        BrokenDisk.syncFails.store(true, ordering: .relaxed)
        say("commit \(await code { try await run.flush() })")
        run.log("m", 1, step: 2)
        try await run.finish()
        say("points \(try await workspace.metrics.count { $0.runID == run.id })")
        say("sound \(try await store.verify().isSound)")
        try await store.close()
    }
}
