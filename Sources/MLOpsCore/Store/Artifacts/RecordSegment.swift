import Foundation

/// A list of items of a record.
///
/// Its canonical JSON is kept as a file, whose SHA-256 the row of the run names. A record has
/// several lists, so that a new item does not rewrite the earlier ones.
struct RecordSegment {
    let kind: Artifact.Kind
    /// Tells lists of equal items apart, so that one that may be stored is found by its hash.
    let id: Identifier<RecordSegment>
    /// The items in the order in which they were logged.
    let items: [RecordedItem]

    /// What every list begins with.
    static let beginning = Data("{\"record\":{".utf8)
    /// The most items that lists are merged to.
    static let maximumMergedItems = 1 << 11
    /// The error of a file that is whole, but no list that this library has written.
    static let invalid = StoreError(
        .corrupt, "The list of a record's items is not valid.", entity: "artifact",
        field: "segments")

    init(kind: Artifact.Kind, items: [RecordedItem]) {
        self.kind = kind
        id = Identifier()
        self.items = items
    }

    /// - Throws: `.invalidValue` for too many items.
    func data() throws -> Data {
        let document: JSONValue = [
            "record": [
                "kind": .string(kind.rawValue), "id": .string(id.description), "items": items.json,
            ]
        ]
        return Data(try document.canonicalText(maximumBytes: ArtifactManifest.maximumBytes).utf8)
    }

    /// Reads a list, and trusts nothing in it.
    ///
    /// - Throws: `.corrupt` for what this library has not written.
    init(parsing data: Data) throws {
        let json = try? JSONValue(parsing: data, maximumBytes: ArtifactManifest.maximumBytes)
        guard let record = json?["record"], let items = record["items"]?.array,
            let kind = record["kind"]?.string.flatMap(Artifact.Kind.init(rawValue:)),
            let id = record["id"]?.string.flatMap({ Identifier<RecordSegment>($0) }),
            let read = try? items.map(RecordedItem.init(json:)),
            read.allSatisfy({ $0.sha256.isSHA256 && $0.sizeBytes >= 0 })
        else { throw Self.invalid }
        self.kind = kind
        self.id = id
        self.items = read
    }

    /// What the row says of the list.
    func entry(sha256: String) -> Artifact.Segment {
        Artifact.Segment(
            sha256: sha256, count: items.count,
            sizeBytes: items.reduce(0) { $0 &+ $1.sizeBytes },
            firstStep: items.map(\.step).min() ?? 0, lastStep: items.map(\.step).max() ?? 0)
    }

    /// The number of lists at the end of a record to merge with new items.
    ///
    /// A list is merged when it has less than twice the items that follow it. So each is at least
    /// twice as long as the next, their number grows as the logarithm of the items, and an item is
    /// written again as often as that.
    static func merged(_ counts: [Int], adding count: Int) -> Int {
        var (total, taken) = (count, 0)
        for earlier in counts.reversed() {
            guard earlier < 2 * total, earlier + total <= maximumMergedItems else { break }
            total += earlier
            taken += 1
        }
        return taken
    }
}

extension ArtifactStore {
    /// Keeps a list of items, which have to be kept before.
    func keep(_ segment: RecordSegment, _ touched: inout Set<URL>) throws -> Artifact.Segment {
        let data = try segment.data()
        return segment.entry(sha256: try keep(&touched) { try $0(data) }.hash)
    }

    /// Keeps bytes as a file.
    func keep(_ data: Data, fileExtension: String) throws -> Artifact {
        var touched: Set<URL> = []
        let kept = try keep(&touched) { try $0(data) }
        flush(touched)
        return Artifact(sha256: kept.hash, sizeBytes: kept.size, fileExtension: fileExtension)
    }

    /// Flushes the names of kept files.
    func flush(_ directories: Set<URL>) {
        for directory in directories { FileManager.default.synchronize(directory: directory.path) }
    }

    /// Reads a kept file of limited size into memory.
    func data(_ hash: String, maximumBytes: Int) throws -> Data {
        var data = Data()
        try read(hash) { chunk in
            guard data.count + chunk.count <= maximumBytes else {
                throw StoreError(
                    .invalidValue,
                    "The artifact has more than \(maximumBytes) bytes; export it instead.",
                    entity: "artifact")
            }
            data += chunk
        }
        return data
    }

    /// Reads a list of items.
    func segment(_ hash: String) throws -> RecordSegment {
        try RecordSegment(parsing: listData(hash))
    }

    /// The bytes of a list; of a file that is too large to be one, its beginning.
    func listData(_ hash: String) throws -> Data {
        var data = Data()
        try read(hash) { chunk in
            // What is larger is no list; the parser says so.
            if data.count <= ArtifactManifest.maximumBytes { data += chunk }
        }
        return data
    }

    /// The items of a record in the order of their steps; of one step in the order of logging.
    ///
    /// - Parameters:
    ///   - record: The record.
    ///   - step: Only items of this step are read.
    /// - Throws: `.notFound` when a list is gone; `.corrupt` when it has changed.
    public func items(of record: Artifact, step: Int64? = nil) throws -> [RecordedItem] {
        var items: [RecordedItem] = []
        for segment in record.segments {
            if let step, step < segment.firstStep || step > segment.lastStep { continue }
            let read = try self.segment(segment.sha256)
            guard read.kind == record.kind else { throw RecordSegment.invalid }
            items += read.items.filter { step == nil || $0.step == step }
        }
        // Not every sort keeps the order of equal steps.
        return items.enumerated().sorted {
            ($0.element.step, $0.offset) < ($1.element.step, $1.offset)
        }.map(\.element)
    }

    /// The hashes of the files that a list names, of a directory or of a record.
    ///
    /// - Throws: `.notFound`, `.corrupt`; one of two errors for what is no list, see
    ///   ``StoreError/isOfInvalidList``.
    func filesListed(in hash: String) throws -> [String] {
        let data = try listData(hash)
        if data.starts(with: RecordSegment.beginning) {
            return try RecordSegment(parsing: data).items.map(\.sha256)
        }
        return try ArtifactManifest(parsing: data).files.map(\.sha256)
    }

    /// The lists of a record without the items from a step on.
    ///
    /// Lists that have some of them are written anew; one that cannot be read stays as it is.
    func segments(_ segments: [Artifact.Segment], before step: Int64) throws -> [Artifact.Segment] {
        var touched: Set<URL> = []
        let kept = try segments.compactMap { segment -> Artifact.Segment? in
            guard segment.lastStep >= step else { return segment }
            guard segment.firstStep < step else { return nil }
            do {
                let read = try self.segment(segment.sha256)
                let items = read.items.filter { $0.step < step }
                guard !items.isEmpty else { return nil }
                return try keep(RecordSegment(kind: read.kind, items: items), &touched)
            } catch let error as StoreError where error.code == .notFound || error.code == .corrupt
            {
                return segment
            }
        }
        flush(touched)
        return kept
    }
}

extension String {
    /// Whether it is empty, or up to 16 ASCII letters and digits.
    var isPlainExtension: Bool {
        utf8.count <= 16
            && utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
                    || (0x61...0x7A).contains($0)
            }
    }
}

extension StoreError {
    /// Whether a file is whole, but no list of files or items.
    var isOfInvalidList: Bool { self == ArtifactManifest.invalid || self == RecordSegment.invalid }
}
