import Crypto
import Foundation
import MLOpsCore

/// What an archive says of itself, in its first entry.
struct ArchiveManifest: Sendable {
    /// A file of the archive.
    struct File: Sendable {
        let name: String
        let sha256: String
        let sizeBytes: Int64
    }

    let library: String
    let project: String
    let counts: ImportReport.Counts
    let files: [File]

    /// Its canonical JSON.
    func data() throws -> Data {
        let document: JSONValue = [
            "format": .string(ArchiveLayout.format), "version": .int(ArchiveLayout.version),
            "library": .string(library), "project": .string(project),
            "counts": try JSONValue(encoding: counts),
            "files": .array(
                files.map {
                    [
                        "name": .string($0.name), "sha256": .string($0.sha256),
                        "size_bytes": .int($0.sizeBytes),
                    ]
                }),
        ]
        return Data(
            try document.canonicalText(maximumBytes: ArchiveLayout.maximumBytes).utf8)
    }

    /// Reads a manifest, and trusts nothing in it.
    ///
    /// - Throws: ``ImportSourceError``.
    static func parsed(_ data: Data) throws -> ArchiveManifest {
        guard
            let json = try? JSONValue(
                parsing: data, maximumBytes: ArchiveLayout.maximumBytes)
        else { throw ImportSourceError.damaged(ArchiveLayout.manifest, "is no valid JSON") }
        guard json["format"]?.string == ArchiveLayout.format, let version = json["version"]?.int
        else {
            throw ImportSourceError(
                .anotherKind, "The file is not an archive of a project: its manifest says so.")
        }
        let library = json["library"]?.string ?? "unknown"
        guard version == ArchiveLayout.version else {
            throw ImportSourceError(
                .anotherKind,
                "The archive has version \(version) of the format and was written by the library "
                    + "\(library.prefix(40)); this one, \(libraryVersion), reads version "
                    + "\(ArchiveLayout.version). Update it, or export with it again.")
        }
        guard let project = json["project"]?.string, let entries = json["files"]?.array,
            let counts = try? json["counts"]?.decode(as: ImportReport.Counts.self)
        else { throw ImportSourceError.damaged(ArchiveLayout.manifest, "lacks a member") }
        let files = try entries.map { entry in
            guard let name = entry["name"]?.string, let sha256 = entry["sha256"]?.string,
                let size = entry["size_bytes"]?.int, size >= 0, isHash(sha256[...]),
                ArchiveLayout.RowFile(rawValue: name) != nil
                    || name == ArchiveLayout.files + sha256
            else {
                throw ImportSourceError.damaged(
                    ArchiveLayout.manifest, "names a file that no archive has")
            }
            return File(name: name, sha256: sha256, sizeBytes: size)
        }
        let names = Set(files.map(\.name))
        guard names.count == files.count,
            ArchiveLayout.RowFile.allCases.allSatisfy({ names.contains($0.rawValue) })
        else {
            throw ImportSourceError.damaged(
                ArchiveLayout.manifest, "names a file twice, or lacks one")
        }
        return ArchiveManifest(library: library, project: project, counts: counts, files: files)
    }

    /// Whether a text is a SHA-256: 64 lower-case hexadecimal digits.
    private static func isHash(_ text: Substring) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

extension SHA256.Digest {
    /// The digits of the hash, in lower case.
    var digits: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
