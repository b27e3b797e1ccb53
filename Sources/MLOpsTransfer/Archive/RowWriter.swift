import Crypto
import Foundation
import MLOpsCore

/// Writes the lines of one file of an archive, and takes their hash.
final class RowWriter {
    private let name: String
    private let file: ScratchFile
    private var buffer = Data()
    private var hash = SHA256()
    private var size: Int64 = 0

    private static let piece = 1 << 18

    /// Makes the file, in place of an earlier one, as a transaction may run again.
    init(_ file: ArchiveLayout.RowFile, in directory: URL) throws {
        name = file.rawValue
        self.file = try ScratchFile(directory.appending(path: file.rawValue))
    }

    /// Adds a line.
    ///
    /// - Throws: `.diskFull`, `.inputOutput`.
    func add(_ kind: ArchiveLayout.Kind, _ row: JSONValue) throws {
        let line = try JSONValue.object([kind.rawValue: row]).canonicalText(
            maximumBytes: ArchiveLayout.maximumBytes, maximumDepth: ArchiveLayout.maximumDepth)
        buffer.append(contentsOf: line.utf8)
        buffer.append(0x0A)
        if buffer.count >= Self.piece { try flush() }
    }

    private func flush() throws {
        try file.write(buffer)
        hash.update(data: buffer)
        size += Int64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes what is left, and returns what the manifest says of the file.
    func finish() throws -> ArchiveManifest.File {
        try flush()
        return ArchiveManifest.File(
            name: name, sha256: hash.finalize().digits, sizeBytes: size)
    }
}
