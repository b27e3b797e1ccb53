public import Foundation
import MLOpsCore

/// Where an export goes.
public enum ExportDestination: Sendable, Hashable {
    /// The standard output of the process.
    case standardOutput
    /// A file, which only its owner may read; it has its name when it is whole.
    case file(URL, replacing: Bool = false)
}

/// Writes an export to its destination.
///
/// A file is made under another name beside its own, and gets its own at the end.
final class ExportFile: Sendable {
    private struct Target {
        let path: String
        let partial: String
        let replaces: Bool
    }

    private let target: Target?
    private let file: FileHandle

    /// - Throws: `.alreadyExists`; `.cannotOpen`; `.invalidValue` for a file of an open database.
    init(_ destination: ExportDestination) throws {
        switch destination {
        case .standardOutput:
            target = nil
            file = .standardOutput
        case .file(let url, let replaces):
            let path = url.path
            try SQLiteStore.checkIsNotOpen(path)
            try Self.checkIsFree(path, replaces)
            let partial = url.deletingLastPathComponent()
                .appending(path: ".partial-\(Identifier<Artifact>())").path
            file = try Self.make(partial, for: path)
            target = Target(path: path, partial: partial, replaces: replaces)
        }
    }

    private static func checkIsFree(_ path: String, _ replaces: Bool) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard replaces else {
            throw StoreError(.alreadyExists, "\(path) exists already; choose another name.")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw StoreError(.alreadyExists, "\(path) is no file, and is not replaced.")
        }
    }

    /// Makes a file that must not exist, which only its owner may read.
    ///
    /// - Parameter path: The name for the message.
    /// - Throws: `.cannotOpen`.
    static func make(_ file: String, for path: String) throws -> FileHandle {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw StoreError(.cannotOpen, "\(path) cannot be created: \(reason).")
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Writes bytes; a reader of the output may keep the caller waiting.
    ///
    /// - Throws: `.diskFull`, `.inputOutput`.
    func write(_ bytes: ExportBytes) async throws {
        guard bytes.count > 0 else { return }
        try await blocking { [self] in
            try reporting { try file.write(contentsOf: bytes.bytes) }
        }
    }

    /// Gives a file its name, when its bytes are on the disk.
    ///
    /// - Throws: `.alreadyExists` when something has got the name meanwhile; `.diskFull`,
    ///   `.inputOutput`.
    func finish() async throws {
        guard let target else { return }
        try await blocking { [self] in
            try reporting {
                try file.synchronize()
                try file.close()
            }
            if target.replaces {
                guard rename(target.partial, target.path) == 0 else { throw failure(errno) }
            } else if link(target.partial, target.path) == 0 {
                unlink(target.partial)
            } else {
                guard errno != EEXIST else {
                    throw StoreError(
                        .alreadyExists, "\(target.path) exists already; choose another name.")
                }
                // A file system without second names.
                try Self.checkIsFree(target.path, false)
                guard rename(target.partial, target.path) == 0 else { throw failure(errno) }
            }
        }
    }

    /// Removes the file, which is not whole.
    func discard() { if let target { unlink(target.partial) } }

    private func reporting(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            let code = (error as? POSIXError)?.code.rawValue
            throw failure(code ?? Self.posixCode(of: error as NSError))
        }
    }

    private static func posixCode(of error: NSError) -> Int32 {
        if error.domain == NSPOSIXErrorDomain { return Int32(clamping: error.code) }
        if error.code == CocoaError.fileWriteOutOfSpace.rawValue { return ENOSPC }
        let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError
        return cause.map { posixCode(of: $0) } ?? EIO
    }

    private func failure(_ code: Int32) -> StoreError {
        let place = target?.path ?? "The output"
        if code == ENOSPC || code == EDQUOT {
            return StoreError(.diskFull, "\(place) cannot be written: the disk is full.")
        }
        let reason = String(cString: strerror(code))
        return StoreError(.inputOutput, "\(place) cannot be written: \(reason).")
    }

    /// Runs a body that writes; a file has its name after it, or does not exist.
    static func writing<Value>(
        to destination: ExportDestination, _ body: (ExportFile) async throws -> Value
    ) async throws -> Value {
        let file = try ExportFile(destination)
        do {
            let value = try await body(file)
            try await file.finish()
            return value
        } catch {
            file.discard()
            throw error
        }
    }
}
