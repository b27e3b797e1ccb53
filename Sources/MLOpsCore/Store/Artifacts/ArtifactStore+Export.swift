public import Foundation

extension ArtifactStore {
    /// Copies an artifact out under a name, with the extension that it was logged with.
    ///
    /// A directory gets its files back under their names. A record becomes a directory with a file
    /// for each item, named by its step, and a dataset a JSON file. Every byte of a file is checked
    /// against the recorded SHA-256 on the way, and nothing is left under the name if one is wrong.
    ///
    /// - Parameters:
    ///   - artifact: What the run recorded.
    ///   - name: Its name in a directory: that in the run.
    ///   - destination: A directory that exists, or a new path, which is then taken as it is.
    /// - Returns: Where the artifact is now.
    /// - Throws: `.notFound`, `.corrupt`, `.inputOutput`, `.diskFull`; `.alreadyExists`, as nothing
    ///   is replaced; `.invalidValue` for a name that leads out of the destination.
    @discardableResult
    public func export(
        _ artifact: Artifact, named name: String, to destination: URL
    ) throws -> URL {
        let target = try target(of: artifact, named: name, in: destination)
        let partial = target.deletingLastPathComponent()
            .appending(path: ".partial-\(Identifier<Artifact>())")
        return try Self.reporting("\(target.path) cannot be written") {
            try access.makeDirectory(target.deletingLastPathComponent())
            defer { try? FileManager.default.removeItem(at: partial) }
            switch artifact.kind {
            case .file:
                try copy(artifact.sha256, to: partial)
            case .directory:
                try access.makeDirectory(partial)
                for file in try manifest(artifact.sha256).files {
                    let copied = partial.appending(path: file.name)
                    try access.makeDirectory(copied.deletingLastPathComponent())
                    try copy(file.sha256, to: copied)
                }
            case .image, .table, .text, .histogram:
                try access.makeDirectory(partial)
                for (name, hash) in try itemNames(of: artifact) {
                    try copy(hash, to: partial.appending(path: name))
                }
            case .dataset:
                try write(artifact.dataset, to: partial)
            }
            try take(target, for: partial, isFile: !artifact.kind.hasList)
            return target
        }
    }

    /// The SHA-256 of each file that an artifact consists of, with the lists of a directory's files
    /// and of a record's items; none for a dataset.
    ///
    /// - Throws: `.notFound` when a list is gone; `.corrupt` when it has changed.
    public func files(of artifact: Artifact) throws -> Set<String> {
        let roots = Set(artifact.roots)
        guard artifact.kind.hasList else { return roots }
        return try roots.reduce(into: roots) { $0.formUnion(try filesListed(in: $1)) }
    }

    /// The file names of a record's items: the step with eight digits, and a number from the second
    /// item of a step on.
    private func itemNames(of record: Artifact) throws -> [(name: String, hash: String)] {
        var (last, number) = (Int64?.none, 0)
        return try items(of: record).map { item in
            number = item.step == last ? number + 1 : 0
            last = item.step
            let digits = String(item.step.magnitude)
            let step =
                (item.step < 0 ? "-" : "")
                + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
            let suffix = number == 0 ? "" : "-\(number)"
            // A list is read as a stranger's.
            guard item.fileExtension.isPlainExtension else { throw RecordSegment.invalid }
            let dot = item.fileExtension.isEmpty ? "" : "."
            return ("\(step)\(suffix)\(dot)\(item.fileExtension)", item.sha256)
        }
    }

    private func write(_ dataset: Dataset?, to file: URL) throws {
        guard let dataset else {
            throw StoreError(.corrupt, "A recorded dataset has no description.", entity: "artifact")
        }
        let output = try makeFile(file)
        try output.write(contentsOf: dataset.recordedBytes())
        try output.synchronize()
    }

    private func copy(_ hash: String, to file: URL) throws {
        let output = try makeFile(file)
        try read(hash) { try output.write(contentsOf: $0) }
        try output.synchronize()
    }

    /// Gives a finished copy its name, unless something has it.
    private func take(_ target: URL, for copy: URL, isFile: Bool) throws {
        if isFile {
            if FileManager.default.link(copy.path, as: target.path) { return }
            guard errno == EEXIST else { throw POSIXError.last }
        }
        // A directory cannot have a second name.
        var status = stat()
        guard lstat(target.path, &status) != 0 else {
            throw StoreError(
                .alreadyExists, "\(target.path) exists already; choose another name.")
        }
        guard rename(copy.path, target.path) == 0 else { throw POSIXError.last }
    }

    private func target(
        of artifact: Artifact, named name: String, in destination: URL
    ) throws -> URL {
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(
            atPath: destination.path, isDirectory: &isDirectory)
        guard exists, isDirectory.boolValue else { return destination }
        let hasExtension =
            artifact.fileExtension.isEmpty
            || name.hasSuffix("." + artifact.fileExtension)
        let full = hasExtension ? name : "\(name).\(artifact.fileExtension)"
        guard ArtifactManifest.staysInside(full) else {
            throw StoreError(
                .invalidValue,
                "The artifact's name is no path below a directory; name the new file instead.",
                entity: "artifact", field: "name")
        }
        return destination.appending(path: full)
    }
}
