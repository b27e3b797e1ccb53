import Foundation

extension Historical {
    /// The row as a JSON object with a member for each column, by the column's name.
    ///
    /// An id is a text, a time the number of microseconds since 1970 UTC, and a document is itself.
    /// NaN, both infinities and -0.0 are the texts `NaN`, `Infinity`, `-Infinity` and `-0.0`. Not
    /// among the members is the organization, which follows from where a row is stored.
    ///
    /// A document may hold 64 levels, and its column adds one: see
    /// ``JSONValue/canonicalText(maximumBytes:maximumDepth:)``.
    ///
    /// - Throws: `.invalidValue` for a value that cannot be stored.
    public func json() throws -> JSONValue {
        guard let row = record as? any TableMapped else { throw Self.foreign }
        return try Self.json(row, given)
    }

    /// Reads the JSON object of a row; every column takes the value that stands there.
    ///
    /// A column without a member takes the value of a new row: the JSON may be older than it.
    ///
    /// - Throws: `.invalidValue` for a member that is no column, or of another type, and for a row
    ///   without an id; `.corrupt` for a document that does not fit its column.
    public init(json: JSONValue) throws {
        guard let type = Record.self as? any TableMapped.Type,
            let record = try type.init(columns: json) as? Record
        else { throw Self.foreign }
        self.init(record)
    }

    private static func json<Row: TableMapped>(
        _ row: Row, _ given: [(column: String, value: StoredValue)]
    ) throws -> JSONValue {
        var members: [String: JSONValue] = [:]
        for (column, value) in zip(Row.table.columns, try row.storedValues(with: given))
        where column != CommonColumn.organizationID {
            members[column] = value.rowMember
        }
        return .object(members)
    }

    private static var foreign: StoreError {
        StoreError(.invalidValue, "\(Record.self) is no entity of the library.")
    }
}

extension Historical where Record: TableMapped {
    /// The values of the columns, in the order of the table.
    func storedValues() throws -> [StoredValue] { try record.storedValues(with: given) }
}

extension TableMapped {
    /// The values of the columns, some of which are given.
    fileprivate func storedValues(
        with given: [(column: String, value: StoredValue)]
    ) throws -> [StoredValue] {
        var values = try storedValues()
        for (column, value) in given {
            guard let position = Self.table.columns.firstIndex(of: column) else { continue }
            values[position] = value
        }
        return values
    }

    /// Reads the members of a row.
    fileprivate init(columns json: JSONValue) throws {
        let table = Self.table
        guard var members = json.object, members[CommonColumn.id] != nil else {
            throw StoreError(
                .invalidValue, "The JSON of a \(Self.entityName) is no object with an id.",
                entity: Self.entityName, field: CommonColumn.id)
        }
        var values = try Self.blank.storedValues()
        for (position, column) in table.columns.enumerated()
        where column != CommonColumn.organizationID {
            guard let member = members.removeValue(forKey: column) else { continue }
            guard let value = StoredValue(rowMember: member, table.kinds[position]) else {
                throw StoreError(
                    .invalidValue, "The member \(column) of a \(Self.entityName) does not fit it.",
                    entity: Self.entityName, field: column)
            }
            values[position] = value
        }
        guard let stranger = members.keys.min() else {
            var decoder = RowDecoder(ValueRow(values: values))
            try self.init(from: &decoder)
            return
        }
        throw StoreError(
            .invalidValue, "A \(Self.entityName) has no column \(stranger).",
            entity: Self.entityName, field: stranger)
    }
}

extension StoredValue {
    private static let negativeZero = JSONValue.string("-0.0")

    /// The value as a member of a row's JSON.
    fileprivate var rowMember: JSONValue {
        switch self {
        case .null: .null
        case .integer(let number), .time(let number): .int(number)
        case .real(let number):
            number == 0 && number.sign == .minus ? Self.negativeZero : number.json
        case .text(let text): .string(text)
        case .bool(let value): .bool(value)
        case .uuid(let id): .string(id.lowercased)
        case .json(let document): document.value
        }
    }

    /// Reads a member of a row's JSON; `nil` for one of another kind.
    fileprivate init?(rowMember member: JSONValue, _ kind: ColumnKind) {
        let value: StoredValue? =
            switch kind {
            case .json: .json(StoredDocument(member))
            case _ where member == .null: .null
            case .integer: member.int.map { .integer($0) }
            case .real where member == Self.negativeZero: .real(-0.0)
            case .real: Double(json: member).map { .real($0) }
            case .text: member.string.map { .text($0) }
            case .bool: member.bool.map { .bool($0) }
            case .uuid: member.string.flatMap { UUID(uuidString: $0) }.map { .uuid($0) }
            case .time:
                member.int.flatMap { time in
                    Date(microseconds: time).microseconds == time ? .time(time) : nil
                }
            }
        guard let value else { return nil }
        self = value
    }
}
