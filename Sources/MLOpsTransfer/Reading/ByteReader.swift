import Foundation
import MLOpsCore

/// Reads a file from any position, a piece at a time.
final class ByteReader {
    private let handle: FileHandle
    private let path: String

    /// Opens a file for reading.
    ///
    /// - Throws: ``ImportSourceError``.
    init(_ file: URL) throws {
        path = file.path
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw ImportSourceError(.missing, "\(path) does not exist.")
        }
        guard !isDirectory.boolValue else {
            throw ImportSourceError(.anotherKind, "\(path) is a directory, not a file.")
        }
        // A FIFO that nobody writes to would block the opening.
        guard let type = try? FileManager.default.attributesOfItem(atPath: path)[.type],
            type as? FileAttributeType == .typeRegular
                || type as? FileAttributeType == .typeSymbolicLink
        else { throw ImportSourceError(.anotherKind, "\(path) is not a regular file.") }
        do {
            // Closing a file of an open database would drop the locks that SQLite has on it.
            try SQLiteStore.checkIsNotOpen(path)
        } catch let error as StoreError {
            throw ImportSourceError(.unreadable, error.message)
        }
        do {
            handle = try FileHandle(forReadingFrom: file)
        } catch {
            throw ImportSourceError(
                .unreadable, "\(path) cannot be read: \(error.localizedDescription)")
        }
    }

    deinit { try? handle.close() }

    /// How many bytes the file has now.
    var size: UInt64 {
        get throws {
            try reporting { try handle.seekToEnd() }
        }
    }

    /// Up to a number of bytes from a position on; fewer at the end.
    func read(at offset: UInt64, count: Int) throws -> Data {
        try reporting {
            try handle.seek(toOffset: offset)
            return try handle.read(upToCount: count) ?? Data()
        }
    }

    private func reporting<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw ImportSourceError(
                .unreadable, "\(path) cannot be read: \(error.localizedDescription)")
        }
    }
}
