import Foundation

/// Keyset paging: finds the rows that follow the last row of the previous page.
///
/// The rows are found by comparing with the values of that row. So a page costs the same at every
/// position, and rows inserted meanwhile do not shift it.
///
/// Without an order, the rows are in the order of an index whose columns ascend and are never null.
struct Keyset<Record: TableMapped> {
    let order: [Order<Record>]
    let dialect: any Dialect
    /// The columns of the index; empty when an order was given.
    private let natural: [String]
    private var isNatural: Bool { !natural.isEmpty }

    init(order: [Order<Record>], natural: [String], dialect: any Dialect) {
        self.natural = order.isEmpty ? natural : []
        // Only numbers are compared by their kind, and an index has none here.
        self.order =
            order.isEmpty
            ? natural.map { Order(key: .column($0, .text), descending: false) } : order
        self.dialect = dialect
    }

    private func expression(_ order: Order<Record>) -> Fragment {
        switch order.key {
        case .column(let name, let kind): return dialect.ordered(name, kind)
        case .number(let place):
            return dialect.sortKey(place, descending: order.descending)
        case .rank(let column, let texts):
            let ranks = texts.enumerated().map { rank, text in
                "WHEN \(text) THEN \(rank)" as Fragment
            }
            return "CASE \(raw: column) \(Fragment(joining: ranks, separator: " ")) END"
        }
    }

    /// Whether the id, which breaks ties, descends; it follows the last column of the order.
    private var idDescending: Bool { order.last?.descending ?? false }

    /// The ORDER BY list.
    ///
    /// Nulls come last in both directions.
    func orderBy() -> Fragment {
        if isNatural {
            // An index of columns that are never null serves no `NULLS LAST` on SQLite.
            return Fragment(raw: (natural + ["id"]).joined(separator: ", "))
        }
        var parts = order.map { key -> Fragment in
            "\(expression(key)) \(raw: key.sortsDown ? "DESC" : "ASC") NULLS LAST"
        }
        parts.append(idDescending ? "id DESC" : "id")
        return Fragment(joining: parts, separator: ", ")
    }

    /// The rows after a cursor, as conditions of statements that run one after another.
    func parts(after cursor: Cursor?) throws -> [KeysetPart] {
        guard let cursor else { return [KeysetPart()] }
        guard isNatural else { return [KeysetPart(condition: try after(cursor))] }
        // An index scan can start within a parent or after it, but not for both in one condition.
        let (values, id) = try decode(cursor)
        let parent = Record.table.indexedReference == nil ? 0 : 1
        let columns = natural.dropFirst(parent).joined(separator: ", ")
        let last = Fragment(
            joining: values.dropFirst(parent).map { "\(stored: $0)" }, separator: ", ")
        let after: Fragment = "(\(raw: columns), id) > (\(last), \(id))"
        guard parent > 0 else { return [KeysetPart(condition: after)] }
        return [
            KeysetPart(condition: "\(raw: natural[0]) = \(stored: values[0]) AND \(after)"),
            KeysetPart(parentsAfter: values[0]),
        ]
    }

    /// The condition of the rows after a cursor.
    private func after(_ cursor: Cursor) throws -> Fragment {
        let (values, id) = try decode(cursor)
        var alternatives: [Fragment] = []
        var equal: [Fragment] = []
        for (key, value) in zip(order, values) {
            let expression = expression(key)
            guard value != .null else {
                equal.append("\(expression) IS NULL")
                continue
            }
            let last = key.bound(value)
            let beyond: Fragment = "\(expression) \(raw: key.sortsDown ? "<" : ">") \(last)"
            alternatives.append(
                Fragment(
                    joining: equal + ["(\(beyond) OR \(expression) IS NULL)"], separator: " AND "))
            equal.append("\(expression) = \(last)")
        }
        let beyond: Fragment = idDescending ? "id < \(id)" : "id > \(id)"
        alternatives.append(Fragment(joining: equal + [beyond], separator: " AND "))
        return "((\(Fragment(joining: alternatives, separator: ") OR ("))))"
    }

}

extension Order {
    /// Whether the key is sorted downwards; numbers of documents are sorted by their opposite.
    fileprivate var sortsDown: Bool {
        if case .number = key { return false }
        return descending
    }

    /// The value of a row, as it compares with the key.
    fileprivate func bound(_ value: StoredValue) -> Fragment {
        guard case .number = key else { return "\(stored: value)" }
        switch value {
        case .real(let number) where number.isNaN: return "'NaN'"
        case .real(let number) where descending: return "\(stored: .real(-number))"
        case .integer(.min) where descending: return "\(stored: .real(-Double(Int64.min)))"
        case .integer(let number) where descending: return "\(stored: .integer(-number))"
        default: return "\(stored: value)"
        }
    }
}

/// A part of the rows after a cursor.
struct KeysetPart {
    var condition: Fragment?
    /// The rows belong to parents with greater ids than this one.
    var parentsAfter: StoredValue?
}

extension Keyset {
    /// The entity and the order that a cursor belongs to.
    private var signature: String {
        let keys = order.map { "\($0.descending ? "-" : "+")\($0.key.name)" }
        return ([Record.table.name] + keys).joined(separator: " ")
    }

    /// The cursor after a row.
    func cursor(after record: Record) throws -> Cursor {
        let stored = try record.storedValues()
        let values = order.map { key in Self.value(of: key.key, in: stored) }
        let document = JSONValue.array([
            .string(signature), .array(values.map(Self.json)), .string(record.id.description),
        ])
        // A single text may already have the largest size of a document.
        let text = try document.canonicalText(maximumBytes: .max)
        return Cursor(Data(text.utf8).base64EncodedString())
    }

    private static func value(of key: OrderKey, in values: [StoredValue]) -> StoredValue {
        let column = Record.table.columns.firstIndex(of: key.column)
        let stored = column.map { values[$0] } ?? .null
        if case .rank(_, let texts) = key, case .text(let text) = stored {
            return texts.firstIndex(of: text).map { .integer(Int64($0)) } ?? .null
        }
        guard case .number(let place) = key, case .json(let stored) = stored else {
            // Both backends sort NaN as if there were no value.
            if case .real(let number) = stored, number.isNaN { return .null }
            return stored
        }
        switch place.keys.reduce(stored.value, { Self.part($1, of: $0) }) {
        case .int(let number): return .integer(number)
        case let member: return Double(json: member).map(StoredValue.real) ?? .null
        }
    }

    private static func part(_ key: JSONPlace.Key, of value: JSONValue) -> JSONValue {
        switch key {
        case .name(let name): member(name, of: value)
        case .index(let index): value[index] ?? .null
        }
    }

    /// The member whose key has the same bytes, as the databases compare keys.
    ///
    /// Swift's strings are also equal when their bytes differ but their characters are equivalent.
    private static func member(_ key: String, of value: JSONValue) -> JSONValue {
        guard case .object(let members) = value, let index = members.index(forKey: key),
            members[index].key.utf8.elementsEqual(key.utf8)
        else { return .null }
        return members[index].value
    }

    private static func json(_ value: StoredValue) -> JSONValue {
        switch value {
        case .null, .json: .null
        case .integer(let number): ["i", .int(number)]
        case .real(let number): ["r", number.json]
        case .text(let text): ["t", .string(text)]
        case .bool(let flag): ["b", .bool(flag)]
        case .uuid(let uuid): ["u", .string(uuid.lowercased)]
        case .time(let microseconds): ["m", .int(microseconds)]
        }
    }

    private static func value(_ json: JSONValue) -> StoredValue? {
        guard json != .null else { return .null }
        switch (json[0]?.string, json[1]) {
        case ("i", .int(let number)): return .integer(number)
        case ("r", let number): return Double(json: number).map(StoredValue.real)
        case ("t", .string(let text)): return .text(text)
        case ("b", .bool(let flag)): return .bool(flag)
        case ("u", .string(let text)): return Identifier<Record>(text).map { .uuid($0.uuid) }
        case ("m", .int(let microseconds)): return .time(microseconds)
        default: return nil
        }
    }

    /// Whether a row can have a value under a key of the order.
    ///
    /// A cursor comes from a client. A value of another type or out of its range would be an error
    /// of one database, and compare somehow on the other.
    private func mayHave(_ value: StoredValue, _ key: OrderKey) -> Bool {
        // The columns of an index are never null.
        if value == .null { return !isNatural }
        let kind: ColumnKind? =
            if case .column = key {
                Record.table.columns.firstIndex(of: key.column).map { Record.table.kinds[$0] }
            } else {
                nil
            }
        switch (key, value) {
        case (.column, .integer): return kind == .integer
        case (.column, .real(let number)): return kind == .real && !number.isNaN
        case (.column, .text(let text)):
            return kind == .text && text.utf8.count <= String.maximumStoredBytes
        case (.column, .bool): return kind == .bool
        case (.column, .uuid): return kind == .uuid
        case (.column, .time(let microseconds)):
            return kind == .time && Date(microseconds: microseconds).microseconds != nil
        case (.number, .integer), (.number, .real): return true
        case (.rank(_, let texts), .integer(let rank)):
            return texts.indices.contains(Int(rank))
        default: return false
        }
    }

    private func decode(_ cursor: Cursor) throws -> ([StoredValue], Identifier<Record>) {
        guard let data = Data(base64Encoded: cursor.description),
            let document = try? JSONValue(parsing: data, maximumBytes: .max),
            document[0]?.string == signature,
            let values = document[1]?.array?.compactMap(Self.value), values.count == order.count,
            zip(values, order).allSatisfy({ mayHave($0, $1.key) }),
            let id = document[2]?.string.flatMap(Identifier<Record>.init(_:))
        else {
            throw StoreError(
                .invalidValue,
                "The cursor is not one of this query; use the `next` of its last page unchanged.",
                entity: Record.entityName, field: "cursor")
        }
        return (values, id)
    }
}

extension OrderKey {
    /// - Throws: `.invalidValue` for a place that is not the one that was meant.
    func check() throws { if case .number(let place) = self { _ = try place.checked() } }

    var column: String {
        switch self {
        case .column(let name, _), .rank(let name, _): name
        case .number(let place): place.column
        }
    }

    var name: String {
        switch self {
        case .column(let name, _), .rank(let name, _): name
        case .number(let place): ([place.column] + place.keys.map(\.text)).joined(separator: "/")
        }
    }
}
