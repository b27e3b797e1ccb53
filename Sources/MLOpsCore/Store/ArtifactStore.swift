import Crypto
public import Foundation

/// Files kept by the SHA-256 of their bytes, two levels deep: `ab/abcdef...`.
///
/// A file is copied to a temporary name, flushed to the disk and renamed, so that a name always
/// stands for whole content. Equal files are kept once.
public struct ArtifactStore: Sendable {
    /// The directory; it is made by the first artifact.
    public let directory: String
    let access: FileAccess

    /// Keeps artifacts under a directory.
    public init(directory: String, access: FileAccess = .owner) {
        self.directory = directory
        self.access = access
    }

    static func temporary() -> ArtifactStore {
        ArtifactStore(
            directory: FileManager.default.temporaryDirectory
                .appending(path: "mlops-artifacts-\(Identifier<Artifact>())").path)
    }

    /// Copies a file in, and returns what a run records of it.
    ///
    /// - Throws: `.inputOutput` when the file cannot be read or the copy not written;
    ///   `.invalidValue` for what is no file, and for a file of an open database.
    public func add(contentsOf file: URL) throws -> Artifact {
        try OpenDatabases.shared.check(file.path)
        do {
            try access.makeDirectory(scratch)
            let copy = scratch.appending(path: Identifier<Artifact>().description)
            defer { try? FileManager.default.removeItem(at: copy) }
            guard let descriptor = access.makeFile(copy.path) else {
                throw CocoaError(.fileWriteUnknown)
            }
            let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            defer { try? output.close() }
            var size: Int64 = 0
            let hash = try Self.hash(file) { chunk in
                try output.write(contentsOf: chunk)
                size += Int64(chunk.count)
            }
            try output.synchronize()
            let artifact = Artifact(
                sha256: hash, sizeBytes: size, path: "\(hash.prefix(2))/\(hash)")
            let target = url(artifact)
            // One that is there is as good as new: `pruneArtifacts` goes by the time.
            if utimes(target.path, nil) != 0 {
                try access.makeDirectory(target.deletingLastPathComponent())
                // Another process may have kept the same bytes meanwhile; either copy is right.
                guard rename(copy.path, target.path) == 0 else {
                    throw CocoaError(.fileWriteUnknown)
                }
            }
            return artifact
        } catch {
            throw StoreError(
                .inputOutput,
                "The artifact \(file.lastPathComponent) cannot be kept: "
                    + "\(error.localizedDescription)")
        }
    }

    /// The kept file, after its bytes were checked against the recorded SHA-256.
    ///
    /// - Throws: `.notFound` when the file is gone; `.corrupt` when its bytes have changed.
    public func verified(_ artifact: Artifact) throws -> URL {
        let file = url(artifact)
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw StoreError(
                .notFound, "The artifact \(artifact.sha256) is not in the artifact directory.",
                entity: "artifact")
        }
        guard let hash = try? Self.hash(file, { _ in }), hash == artifact.sha256 else {
            throw StoreError(
                .corrupt,
                "The bytes of the artifact \(artifact.sha256) have changed; "
                    + "restore the file from a backup.", entity: "artifact")
        }
        return file
    }

    func removeAll() { try? FileManager.default.removeItem(atPath: directory) }

    /// Where files are that are not yet, or no longer, kept.
    var scratch: URL { URL(filePath: directory).appending(path: ".incoming") }

    private func url(_ artifact: Artifact) -> URL {
        URL(filePath: directory).appending(path: artifact.path)
    }

    private static func hash(_ file: URL, _ body: (Data) throws -> Void) throws -> String {
        let input = try FileHandle(forReadingFrom: file)
        defer { try? input.close() }
        var hash = SHA256()
        while let chunk = try input.read(upToCount: 1 << 20), !chunk.isEmpty {
            hash.update(data: chunk)
            try body(chunk)
        }
        return hash.finalize().hexadecimal
    }
}
