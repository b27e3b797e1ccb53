public import Foundation

/// Records beside points: what a step looks like, and what data it used.
///
/// The calls are synchronous as those of points are. They check the value and put it into a buffer;
/// what they throw could never be stored. Values of one name and kind are one artifact of the run
/// whose items have steps; a step may have several.
extension RunLogger {
    /// Records a table under a name.
    ///
    /// - Throws: `.invalidValue` for a name that no store takes, and beyond
    ///   ``RunTable/maximumBytes``.
    public func log(table: RunTable, named name: String, step: Int = 0) throws {
        try log(table, named: name, step: step)
    }

    /// Records an image under a name.
    ///
    /// - Throws: `.invalidValue` for a name that no store takes.
    public func log(image: RunImage, named name: String, step: Int = 0) throws {
        try log(image, named: name, step: step)
    }

    /// Records the bytes of a PNG or JPEG file under a name.
    ///
    /// - Throws: `.invalidValue` for other bytes, for more than ``RunImage/maximumBytes``, and for
    ///   a name that no store takes.
    public func log(image data: Data, named name: String, step: Int = 0) throws {
        try log(RunImage(data), named: name, step: step)
    }

    /// Records a text of at most 16 MiB under a name.
    ///
    /// - Throws: `.invalidValue` for a longer text, and for a name that no store takes.
    public func log(text: String, named name: String, step: Int = 0) throws {
        try log(RecordedText(text), named: name, step: step)
    }

    /// Records a histogram under a name.
    ///
    /// - Throws: `.invalidValue` for a name that no store takes.
    public func log(histogram: RunHistogram, named name: String, step: Int = 0) throws {
        try log(histogram, named: name, step: step)
    }

    /// Records that the run used a dataset.
    ///
    /// The entry is named by context, name and digest, so that no other content replaces it. The
    /// digest of a file may be the SHA-256 of ``logArtifact(_:named:)-(URL,_)``.
    public func log(dataset: Dataset) {
        let text = (try? dataset.recordedBytes()) ?? Data()
        records.append(
            PendingRecord(name: dataset.entryName, content: .dataset(dataset), data: text))
    }

    private func log(_ value: some RunRecord, named name: String, step: Int) throws {
        let item = PendingRecord.Item(
            kind: type(of: value).kind, step: Int64(step), loggedAt: workspace.store.clock(),
            fileExtension: value.fileExtension, details: value.details)
        let record = try PendingRecord(
            name: Self.checked(name), content: .item(item), data: value.recordedBytes())
        records.append(record)
    }

    /// The name of an artifact in the form of names.
    private static func checked(_ name: String) throws -> String {
        let name = name.asName
        guard !name.isEmpty, !name.utf8.contains(0) else {
            throw StoreError(
                .invalidValue, "An artifact needs a name without NUL.", entity: "artifact",
                field: "name")
        }
        try name.checkNameLength(of: "artifact", field: "name")
        return name
    }

    /// The number of records that were refused.
    ///
    /// A record is refused when it is logged after the end of the run, when its name is that of
    /// another kind of artifact, or when the store will never accept it.
    public var refusedRecords: Int { records.lost.refused }

    /// The number of records that were dropped because the buffer was full.
    public var droppedRecords: Int { records.lost.dropped }

    // MARK: Files of values

    /// Keeps bytes as a file and records it in the run.
    ///
    /// - Parameters:
    ///   - data: The bytes.
    ///   - name: The name in the run; the file's extension is that of the name.
    /// - Throws: `.inputOutput`, `.diskFull`; `.invalidValue` for a name that no store takes;
    ///   `.alreadyExists` when the name is that of a record or a dataset.
    @discardableResult
    public func logArtifact(_ data: Data, named name: String) async throws -> Artifact {
        let (artifacts, name) = (workspace.store.artifacts, try Self.checked(name))
        let fileExtension = name.fileExtension
        let artifact = try await offTheCooperativePool {
            try artifacts.keep(data, fileExtension: fileExtension)
        }
        try await workspace.write { [id] in
            try $0.runs.logged.record(artifact, named: name, in: id)
        }
        return artifact
    }

    /// Keeps a value as a JSON file, by the rules of ``JSONValue/init(encoding:)``.
    ///
    /// ``Workspace/artifact(_:named:of:)`` decodes it again.
    ///
    /// - Throws: What the value's own `encode` throws; `.invalidValue` for more than 1 MiB; as
    ///   ``logArtifact(_:named:)-(Data,_)``.
    @discardableResult
    public func logArtifact(
        encoding value: some Encodable & Sendable, named name: String
    ) async throws -> Artifact {
        let text = try JSONValue(encoding: value).canonicalText()
        let (artifacts, name) = (workspace.store.artifacts, try Self.checked(name))
        let artifact = try await offTheCooperativePool {
            try artifacts.keep(Data(text.utf8), fileExtension: "json")
        }
        try await workspace.write { [id] in
            try $0.runs.logged.record(artifact, named: name, in: id)
        }
        return artifact
    }

    /// Keeps bytes as a file with the next write of the records.
    func logSoon(_ data: Data, named name: String) {
        records.append(
            PendingRecord(name: name, content: .file(name.fileExtension), data: data))
    }
}

extension String {
    /// What follows the last dot of the last part of a path, if it is short and plain.
    fileprivate var fileExtension: String {
        let last = split(separator: "/").last ?? ""
        guard let dot = last.lastIndex(of: "."), dot != last.startIndex else { return "" }
        let found = String(last[last.index(after: dot)...])
        return found.isPlainExtension ? found : ""
    }
}
