import Crypto
import Foundation
import MLOpsCore

/// An archive all of whose bytes have been read and are those of its manifest.
///
/// Its rows lie in files of their own until it is released, so that what was verified is what is
/// stored, and a transaction that runs again reads them again.
final class VerifiedArchive: Sendable {
    let manifest: ArchiveManifest
    let index: ArchiveCheck.Index
    private let source: OpenArchive
    private let scratch: ScratchDirectory

    /// Reads an archive; nothing is stored.
    ///
    /// - Throws: ``ImportSourceError``; `.diskFull` when the rows have no room.
    init(_ file: URL) throws {
        let (source, scratch) = (try OpenArchive(file), try ScratchDirectory())
        manifest = try Self.unpack(source, into: scratch.url)
        var check = ArchiveCheck()
        try check.read(scratch.url)
        index = check.index
        self.source = source
        self.scratch = scratch
    }

    private static func unpack(
        _ source: OpenArchive, into directory: URL
    ) throws -> ArchiveManifest {
        let tar = try TarReader(source.descriptor)
        let manifest = try readManifest(tar)
        var wanted = Dictionary(uniqueKeysWithValues: manifest.files.map { ($0.name, $0) })
        while let (name, size) = try tar.next() {
            guard let file = wanted.removeValue(forKey: name) else {
                throw ImportSourceError.damaged(
                    tar.name, "occurs twice, or is not in the manifest")
            }
            guard size == file.sizeBytes else {
                throw ImportSourceError.damaged(tar.name, "has another size than was written")
            }
            // The name is one of those that the manifest may have: no path leads anywhere.
            let isRows = ArchiveLayout.RowFile(rawValue: name) != nil
            try copy(tar, file, to: isRows ? directory.appending(path: name) : nil)
        }
        guard let missing = wanted.keys.min() else { return manifest }
        throw ImportSourceError.damaged("it", "ends before \(missing)")
    }

    private static func readManifest(_ tar: TarReader) throws -> ArchiveManifest {
        let first: (name: String, size: Int64)?
        do {
            first = try tar.next()
        } catch is ImportSourceError {
            throw ImportSourceError(
                .anotherKind, "The file is not an archive of a project, or its beginning is lost.")
        }
        guard let first, first.name == ArchiveLayout.manifest else {
            throw ImportSourceError(
                .anotherKind,
                "The file is not an archive of a project: it does not begin with "
                    + "\(ArchiveLayout.manifest).")
        }
        guard first.size <= ArchiveLayout.maximumBytes else {
            throw ImportSourceError.damaged(tar.name, "is too large")
        }
        var data = Data()
        try tar.read { data += $0 }
        return try ArchiveManifest.parsed(data)
    }

    private static func copy(
        _ tar: TarReader, _ file: ArchiveManifest.File, to copy: URL?
    ) throws {
        let output = try copy.map { try ScratchFile($0) }
        var (hash, size) = (SHA256(), Int64(0))
        try tar.read { piece in
            size += Int64(piece.count)
            guard size <= file.sizeBytes else {
                throw ImportSourceError.damaged(tar.name, "is larger than was written")
            }
            hash.update(data: piece)
            try output?.write(piece)
        }
        guard size == file.sizeBytes, hash.finalize().digits == file.sha256 else {
            throw ImportSourceError.damaged(tar.name, "has other bytes than were written")
        }
    }

    // MARK: What it holds

    /// Where the groups of a file begin and end.
    func groups(of file: ArchiveLayout.RowFile) -> [Range<UInt64>] {
        let starts = index.groups[file] ?? []
        return zip(starts, starts.dropFirst() + [.max]).map { $0..<$1 }
    }

    /// Hands the lines of a group over.
    func forEachLine(
        of file: ArchiveLayout.RowFile, in group: Range<UInt64>,
        _ body: (ArchiveLine) throws -> Void
    ) throws {
        var lines = LineReader(
            try ByteReader(scratch.url.appending(path: file.rawValue)), from: group.lowerBound,
            longest: ArchiveLayout.maximumBytes)
        while lines.position < group.upperBound, let line = try lines.line() {
            try body(ArchiveLine(line, file.rawValue))
        }
    }

    /// Hands over each artifact with its hash, and a way to its bytes.
    func forEachArtifact(
        _ body: (String, ((Data) throws -> Void) throws -> Void) throws -> Void
    ) throws {
        let tar = try TarReader(source.descriptor)
        while let (name, _) = try tar.next() {
            guard name.hasPrefix(ArchiveLayout.files) else { continue }
            let hash = String(name.dropFirst(ArchiveLayout.files.count))
            try body(hash) { take in try tar.read(take) }
        }
    }
}

/// An open file that is to be an archive.
private final class OpenArchive: Sendable {
    let descriptor: Int32

    init(_ file: URL) throws {
        // It refuses what is no file, and waits for nobody.
        guard try ByteReader(file).size > 0 else {
            throw ImportSourceError(.damaged, "\(file.path) is empty.")
        }
        descriptor = open(file.path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ImportSourceError(
                .unreadable, "\(file.path) cannot be read: \(String(cString: strerror(errno))).")
        }
    }

    deinit { close(descriptor) }
}

/// A directory that only the user reads, and that is removed when it is released.
private final class ScratchDirectory: Sendable {
    let url: URL

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "mlops-archive-\(Identifier<Project>())")
        try ScratchFile.makeDirectory(url)
        self.url = url
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}
