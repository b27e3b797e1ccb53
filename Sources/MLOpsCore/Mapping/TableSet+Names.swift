extension TableSet {
    private static let named: [Substring: TableSet] = Dictionary(
        uniqueKeysWithValues: Schema.tables.enumerated().map { index, table in
            (table.name[...], TableSet(rawValue: 1 << UInt32(index)))
        })

    /// The tables whose names stand in an SQL text; values never do, they are bound.
    init(namedIn text: String) {
        self = []
        for word in text.utf8.split(whereSeparator: { !Self.isPartOfName($0) }) {
            if let table = Self.named[Substring(word)] { formUnion(table) }
        }
    }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): true
        default: false
        }
    }

    /// The table that a statement writes; none for one that reads.
    init(writtenBy text: String) {
        self = []
        // Most statements of a transaction read.
        guard text.utf8.first != UInt8(ascii: "S") else { return }
        let words = text.prefix { $0 != "(" }.split(maxSplits: 3, whereSeparator: \.isWhitespace)
        let name: Substring? =
            switch words.first {
            case "UPDATE": words.dropFirst().first
            case "INSERT", "DELETE": words.dropFirst(2).first
            default: nil
            }
        if let table = name.flatMap({ Self.named[$0] }) { formUnion(table) }
    }

    /// One table.
    init(_ table: Table) { self = Self.named[table.name[...]] ?? [] }

    /// The names of the tables.
    package var names: [String] {
        Schema.tables.map(\.name).filter { contains(TableSet(namedIn: $0)) }
    }

    /// The tables of these names; a name that this version does not know stands for every table.
    package init(named names: some Sequence<Substring>) {
        self = names.reduce(into: []) { $0.formUnion(Self.named[$1] ?? .all) }
    }
}
