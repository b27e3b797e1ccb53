import Crypto
public import Foundation

/// Files kept by the SHA-256 of their bytes, two levels deep: `ab/abcdef...`.
///
/// A file is copied to a temporary name, flushed to the disk and renamed, and the directory is
/// flushed too, so that a name always stands for whole content. Equal files are kept once.
///
/// A directory is a list of its files with their names and hashes. That list is kept as a file,
/// and so is each of the files. A record has lists of its items, which are files too.
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

    func removeAll() { try? FileManager.default.removeItem(atPath: directory) }

    /// Where files are that are not yet, or no longer, kept.
    var scratch: URL { URL(filePath: directory).appending(path: ".incoming") }

    /// Where the file with a hash is, or would be.
    ///
    /// - Throws: `.corrupt` for what is no hash, and might be a path.
    func place(of hash: String) throws -> URL {
        guard hash.isSHA256 else {
            throw StoreError(
                .corrupt, "A recorded SHA-256 is not 64 hexadecimal digits.", entity: "artifact")
        }
        return URL(filePath: directory).appending(path: "\(hash.prefix(2))/\(hash)")
    }

    // MARK: Keeping

    /// Copies a file or a directory in, and returns what a run records of it.
    ///
    /// A copy that exists is replaced, so that logging the same bytes again mends a damaged one. Of
    /// a directory, files and their names are kept; empty directories, modes and times are not.
    ///
    /// - Throws: `.inputOutput` when something cannot be read or the copy not written; `.diskFull`;
    ///   `.invalidValue` for a device, FIFO or socket, for a file of an open database, and for a
    ///   link inside a directory.
    public func add(contentsOf file: URL) throws -> Artifact {
        let source = try SourceFile(file.path)
        var touched: Set<URL> = []
        let artifact: Artifact
        if source.kind == .file {
            let kept = try keep(&touched, source.read)
            artifact = Artifact(
                sha256: kept.hash, sizeBytes: kept.size, fileExtension: file.pathExtension)
        } else {
            var files: [ArtifactManifest.File] = []
            try keepFiles(of: source, below: [], in: &files, &touched)
            let manifest = try ArtifactManifest(files).data()
            artifact = Artifact(
                sha256: try keep(&touched) { try $0(manifest) }.hash,
                sizeBytes: files.reduce(0) { $0 + $1.sizeBytes }, kind: .directory,
                fileExtension: file.pathExtension)
        }
        flush(touched)
        return artifact
    }

    /// Keeps bytes that are no file yet, and returns what a run records of them.
    ///
    /// - Throws: `.inputOutput` when they cannot be written; `.diskFull`.
    public func add(_ bytes: Data, fileExtension: String = "") throws -> Artifact {
        var touched: Set<URL> = []
        let kept = try keep(&touched) { try $0(bytes) }
        for directory in touched { FileManager.default.synchronize(directory: directory.path) }
        return Artifact(sha256: kept.hash, sizeBytes: kept.size, fileExtension: fileExtension)
    }

    /// Keeps bytes that are handed over a piece at a time, and returns what a run records of them.
    ///
    /// - Parameters:
    ///   - fileExtension: The extension that a file of them has, without the dot.
    ///   - pieces: Calls its argument with each piece.
    /// - Throws: `.inputOutput` when they cannot be written; `.diskFull`.
    public func add(
        fileExtension: String = "", pieces: ((Data) throws -> Void) throws -> Void
    ) throws -> Artifact {
        var touched: Set<URL> = []
        let kept = try keep(&touched, pieces)
        flush(touched)
        return Artifact(sha256: kept.hash, sizeBytes: kept.size, fileExtension: fileExtension)
    }

    private func keepFiles(
        of directory: SourceFile, below path: [String], in files: inout [ArtifactManifest.File],
        _ touched: inout Set<URL>
    ) throws {
        guard path.count < ArtifactManifest.maximumDepth else {
            throw StoreError(
                .invalidValue,
                "The directory has more than \(ArtifactManifest.maximumDepth) levels.",
                entity: "artifact")
        }
        for name in try directory.names() {
            let source = try SourceFile(name, in: directory)
            guard source.kind == .file else {
                try keepFiles(of: source, below: path + [name], in: &files, &touched)
                continue
            }
            let kept = try keep(&touched, source.read)
            files.append(
                ArtifactManifest.File(
                    name: (path + [name]).joined(separator: "/"), sha256: kept.hash,
                    sizeBytes: kept.size))
        }
    }

    /// Keeps the bytes that a body hands over.
    ///
    /// - Parameters:
    ///   - touched: Gets the directory, which is to be flushed.
    ///   - bytes: Calls its argument with each piece.
    func keep(
        _ touched: inout Set<URL>, _ bytes: ((Data) throws -> Void) throws -> Void
    ) throws -> (hash: String, size: Int64) {
        var (hash, size) = (SHA256(), Int64(0))
        return try Self.reporting("An artifact cannot be kept") {
            try access.makeDirectory(scratch)
            let copy = scratch.appending(path: Identifier<Artifact>().description)
            defer { try? FileManager.default.removeItem(at: copy) }
            let output = try makeFile(copy)
            try bytes { chunk in
                try output.write(contentsOf: chunk)
                hash.update(data: chunk)
                size += Int64(chunk.count)
            }
            try output.synchronize()
            let digest = hash.finalize().hexadecimal
            let target = try place(of: digest)
            try access.makeDirectory(target.deletingLastPathComponent())
            guard rename(copy.path, target.path) == 0 else { throw POSIXError.last }
            touched.insert(target.deletingLastPathComponent())
            return (digest, size)
        }
    }

    /// Makes a file to be written, which is closed when it is released.
    func makeFile(_ file: URL) throws -> FileHandle {
        guard let descriptor = access.makeFile(file.path) else { throw POSIXError.last }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    // MARK: Reading

    /// The kept file, after its bytes were checked against the recorded SHA-256.
    ///
    /// Its name has no extension; ``export(_:named:to:)`` gives it one.
    ///
    /// - Throws: `.notFound` when the file is gone; `.corrupt` when its bytes have changed;
    ///   `.invalidValue` for anything but a file, which is only exported.
    public func verified(_ artifact: Artifact) throws -> URL {
        guard artifact.kind == .file else {
            throw StoreError(
                .invalidValue,
                "The artifact is of the kind \(artifact.kind.rawValue); export it to read it.",
                entity: "artifact")
        }
        try read(artifact.sha256) { _ in }
        return try place(of: artifact.sha256)
    }

    /// Reads a kept file, a piece at a time; its bytes have the hash if this returns.
    ///
    /// - Throws: `.notFound`, `.corrupt`, `.inputOutput`; what the body throws.
    public func read(_ hash: String, _ body: (Data) throws -> Void) throws {
        let file = try place(of: hash)
        // A file that may not be reached is not missing.
        guard FileIdentity(file.path) != nil || errno != ENOENT && errno != ENOTDIR else {
            throw StoreError(
                .notFound, "The artifact \(hash) is not in the artifact directory.",
                entity: "artifact")
        }
        let damage = StoreError(
            .corrupt,
            "The bytes of the artifact \(hash) have changed; log it again, or restore it from a "
                + "backup.", entity: "artifact")
        let source: SourceFile
        do {
            source = try SourceFile(file.path)
        } catch let error as StoreError where error.code == .invalidValue {
            throw damage
        }
        guard source.kind == .file else { throw damage }
        var found = SHA256()
        try source.read { chunk in
            found.update(data: chunk)
            try body(chunk)
        }
        guard found.finalize().hexadecimal == hash else { throw damage }
    }

    /// Reads the list of a directory's files.
    func manifest(_ hash: String) throws -> ArtifactManifest {
        try ArtifactManifest(parsing: listData(hash))
    }

    // MARK: Errors

    /// Runs a body that writes; its errors of the system get the code and words of the store.
    static func reporting<Value>(_ subject: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as StoreError {
            throw error
        } catch {
            let isFull =
                (error as? CocoaError)?.code == .fileWriteOutOfSpace
                || (error as? POSIXError)?.code == .ENOSPC
            throw StoreError(
                isFull ? .diskFull : .inputOutput, "\(subject): \(error.localizedDescription)",
                entity: "artifact")
        }
    }
}
