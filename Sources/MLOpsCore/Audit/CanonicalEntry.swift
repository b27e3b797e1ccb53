import Crypto

/// The canonical form of one entry after another (see ``AuditLog/chainHash()``), written from the
/// columns as they are stored.
///
/// Equal forms have equal columns: every text is escaped, ids have 36 characters of which none is a
/// quotation mark, and the only column that is copied as it stands, `details` on SQLite, cannot
/// reach over the members behind it, since their names occur in the form once outside of it.
struct CanonicalEntry {
    /// The columns in the order of the form, which is that of their names, with `hash` among them.
    private static let columns = zip(AuditLog.table.columns, AuditLog.table.kinds)
        .map { (name: $0, kind: $1) }.sorted { $0.name < $1.name }

    private static let hashName = AuditLog.columns.hash.name
    private static let previousHashName = AuditLog.columns.previousHash.name

    /// What stands before each value.
    private static let beginnings = columns.enumerated().map { index, column in
        Array((index == 0 ? "{\"" : ",\"").utf8) + Array(column.name.utf8) + Array("\":".utf8)
    }

    private static let selectList = columns.map(\.name).joined(separator: ", ")
    private static let nullText = Array("null".utf8)

    /// The entry's place in its chain.
    private(set) var sequence = 0
    /// The stored hash, in quotation marks.
    var hash = JSONBytes()
    /// The stored hash of the entry before, in quotation marks, or `null`.
    private(set) var previousHash = JSONBytes()
    private var form = JSONBytes()
    /// Where the hash would stand in the form.
    private var hashOffset = 0
    private var isReadable = false

    /// The entries of one chain in their order.
    static func select(
        _ organization: Identifier<Organization>?, where condition: Fragment, limit: Int
    ) -> Fragment {
        """
        SELECT sequence, \(raw: selectList) FROM audit_logs \
        WHERE \(chain(of: organization)) AND \(condition) ORDER BY sequence LIMIT \(limit)
        """
    }

    /// The entries of one chain: an organization's, or the system's own.
    static func chain(of organization: Identifier<Organization>?) -> Fragment {
        organization.map { "organization_id = \($0)" } ?? "organization_id IS NULL"
    }

    /// Takes in a row of ``select(_:where:limit:)``; one that cannot be read is remembered as such.
    mutating func read(_ row: inout RowDecoder) throws {
        sequence = try row.next()
        form.removeAll()
        hash.removeAll()
        previousHash.removeAll()
        do {
            try write(&row)
            isReadable = true
        } catch is StoreError {
            isReadable = false
        }
    }

    private mutating func write(_ row: inout RowDecoder) throws {
        for (column, beginning) in zip(Self.columns, Self.beginnings) {
            if column.name == Self.hashName {
                hashOffset = form.bytes.count
                try row.write(column.kind, to: &hash)
                continue
            }
            form.append(raw: beginning)
            if column.name == Self.previousHashName {
                try row.write(column.kind, to: &previousHash)
                form.append(raw: previousHash.bytes)
            } else {
                try row.write(column.kind, to: &form)
            }
        }
        form.append(raw: CollectionOfOne(UInt8(ascii: "}")))
    }

    /// The SHA-256 of the form.
    private var digest: String {
        var digest = SHA256()
        form.bytes.withUnsafeBytes { digest.update(bufferPointer: $0) }
        return digest.finalize().hexadecimal
    }

    /// Whether the entry was read and carries the hash of its form.
    var matchesHash: Bool {
        isReadable && hash.bytes.dropFirst().dropLast().elementsEqual(digest.utf8)
    }

    /// The hash that an entry must carry.
    ///
    /// - Throws: `.invalidValue` when a column cannot be stored.
    static func hash(of entry: AuditLog) throws -> String { try stored(entry).hash }

    /// An entry's row with the hash that it must carry, and that hash.
    ///
    /// - Throws: `.invalidValue` when a column cannot be stored.
    static func stored(_ entry: AuditLog) throws -> (values: [StoredValue], hash: String) {
        var values = try entry.storedValues()
        var row = RowDecoder(ValueRow(values: positions.map { values[$0] }))
        var form = CanonicalEntry()
        try form.write(&row)
        let hash = form.digest
        if let hashPosition { values[hashPosition] = .text(hash) }
        return (values, hash)
    }

    private static let hashPosition = AuditLog.table.position(of: AuditLog.columns.hash)

    /// Where the columns stand in the table.
    private static let positions = columns.compactMap {
        AuditLog.table.columns.firstIndex(of: $0.name)
    }

    /// The form with the hash in its place, as a line of an export.
    var line: [UInt8] {
        var line = JSONBytes()
        line.append(raw: form.bytes[..<hashOffset])
        line.append(raw: ",\"hash\":".utf8)
        line.append(raw: hash.bytes)
        line.append(raw: form.bytes[hashOffset...])
        line.append(raw: "\n".utf8)
        return line.bytes
    }

    /// The form alone.
    var bytes: [UInt8] { form.bytes }

    /// The stored hash.
    var hashText: String { Self.text(hash) }

    /// The text of a hash in quotation marks.
    static func text(_ hash: JSONBytes) -> String {
        String(decoding: hash.bytes.dropFirst().dropLast(), as: UTF8.self)
    }
}

extension RowDecoder {
    /// Appends the next column as canonical JSON.
    mutating func write(_ kind: ColumnKind, to json: inout JSONBytes) throws {
        try row.write(position, kind, to: &json)
        position += 1
    }
}
