extension TableSet {
    private static let named: [Substring: TableSet] = Dictionary(
        uniqueKeysWithValues: Schema.tables.enumerated().map { index, table in
            (table.name[...], TableSet(rawValue: 1 << UInt32(index)))
        })

    /// The beginnings of a statement that writes, up to its table.
    private static let verbs = ["UPDATE ", "INSERT INTO ", "DELETE FROM "]

    /// The tables that an SQL text names; values are bound and never part of the text.
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

    /// The table that a statement writes; empty for a statement that reads.
    init(writtenBy text: String) {
        guard let verb = Self.verbs.first(where: { text.utf8.starts(with: $0.utf8) }) else {
            self = []
            return
        }
        let name = text.utf8.dropFirst(verb.utf8.count).prefix(while: Self.isPartOfName)
        self = Self.named[Substring(name)] ?? []
    }

    /// One table.
    init(_ table: Table) { self = Self.named[table.name[...]] ?? [] }

    /// The names of the tables.
    package var names: [String] {
        Schema.tables.filter { contains(TableSet($0)) }.map(\.name)
    }

    /// The tables with these names; an unknown name stands for every table.
    package init(named names: some Sequence<Substring>) {
        self = names.reduce(into: []) { $0.formUnion(Self.named[$1] ?? .all) }
    }
}
