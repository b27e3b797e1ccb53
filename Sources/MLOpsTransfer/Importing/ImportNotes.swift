/// What an import does otherwise than the source says, and why.
///
/// Equal reasons are counted and the first few of what they concern are kept, so that memory is
/// bounded whatever a source holds.
public struct ImportNotes: Sendable, Hashable, Codable {
    /// One reason.
    public struct Note: Sendable, Hashable, Codable {
        /// What it concerns, in the singular, such as `point`.
        public let subject: String
        /// What was done, or not, and why.
        public let reason: String
        /// How many it concerns.
        public internal(set) var count: Int
        /// Some of them.
        public internal(set) var examples: [String]
    }

    /// How many examples a note keeps.
    static let examples = 3
    /// How many reasons are told apart; further ones are counted together.
    static let maximumNotes = 200

    /// What was taken otherwise than it stands in the source.
    public private(set) var changed: [Note] = []
    /// What was not taken.
    public private(set) var left: [Note] = []

    /// Makes an empty list.
    public init() {}

    /// Notes what is taken otherwise than it stands in the source.
    public mutating func change(
        _ subject: String, _ reason: String, _ example: String? = nil, count: Int = 1
    ) { Self.add(Note(subject, reason, count, example), to: &changed) }

    /// Notes what is not taken.
    public mutating func leave(
        _ subject: String, _ reason: String, _ example: String? = nil, count: Int = 1
    ) { Self.add(Note(subject, reason, count, example), to: &left) }

    /// Adds the notes of another list.
    mutating func add(_ other: ImportNotes) {
        for note in other.changed { Self.add(note, to: &changed) }
        for note in other.left { Self.add(note, to: &left) }
    }

    private static func add(_ note: Note, to notes: inout [Note]) {
        // The last one first: a fault often concerns many rows in turn.
        let same = notes.lastIndex { $0.subject == note.subject && $0.reason == note.reason }
        if let same {
            notes[same].count += note.count
            for example in note.examples
            where notes[same].examples.count < examples && !notes[same].examples.contains(example) {
                notes[same].examples.append(example)
            }
            return
        }
        guard notes.count < maximumNotes else {
            if note.reason != furtherReasons {
                add(Note(note.subject, furtherReasons, note.count, nil), to: &notes)
            }
            return
        }
        notes.append(note)
    }

    private static let furtherReasons = "for further reasons"
}

extension ImportNotes.Note {
    fileprivate init(_ subject: String, _ reason: String, _ count: Int, _ example: String?) {
        self.init(
            subject: subject, reason: reason, count: count,
            examples: example.map { [String($0.prefix(60))] } ?? [])
    }
}
