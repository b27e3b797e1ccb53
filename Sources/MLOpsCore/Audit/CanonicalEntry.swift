import Crypto

/// Writes the canonical form of audit entries from their stored columns.
///
/// The form is described at ``AuditLog/chainHash()``. One value serves for entry after entry.
///
/// Equal forms have equal columns. Every text is escaped, and an id has 36 characters without
/// quotation marks. Only `details` is copied as it is stored, on SQLite. Its text cannot imitate
/// the members that follow it: their names occur once more in the form, outside of `details`.
struct CanonicalEntry {
    /// The columns sorted by name, as in the form, but including `hash`.
    private static let columns = zip(AuditLog.table.columns, AuditLog.table.kinds)
        .map { (name: $0, kind: $1) }.sorted { $0.name < $1.name }

    private static let hashName = AuditLog.columns.hash.name
    private static let previousHashName = AuditLog.columns.previousHash.name

    /// The text before each value: the separator and the name.
    private static let beginnings = columns.enumerated().map { index, column in
        Array((index == 0 ? "{\"" : ",\"").utf8) + Array(column.name.utf8) + Array("\":".utf8)
    }

    private static let selectList = columns.map(\.name).joined(separator: ", ")
    private static let nullText = Array("null".utf8)

    /// The entry's sequence number in its chain.
    private(set) var sequence = 0
    /// The stored hash, in quotation marks.
    var hash = JSONBytes()
    /// The stored hash of the previous entry, in quotation marks, or `null`.
    private(set) var previousHash = JSONBytes()
    private var form = JSONBytes()
    /// The offset in the form, in bytes, at which `hash` is inserted for an export.
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

    /// Reads a row of ``select(_:where:limit:)``; an unreadable one makes ``matchesHash`` false.
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

    /// The stored values of an entry with the hash that it must carry, and that hash.
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

    /// The positions of the columns in the table.
    private static let positions = columns.compactMap {
        AuditLog.table.columns.firstIndex(of: $0.name)
    }

    /// The form with `hash` inserted, as a line of an export.
    var line: [UInt8] {
        var line = JSONBytes()
        line.append(raw: form.bytes[..<hashOffset])
        line.append(raw: ",\"hash\":".utf8)
        line.append(raw: hash.bytes)
        line.append(raw: form.bytes[hashOffset...])
        line.append(raw: "\n".utf8)
        return line.bytes
    }

    /// The form, without `hash`.
    var bytes: [UInt8] { form.bytes }

    /// The stored hash.
    var hashText: String { Self.text(hash) }

    /// The text of a hash, without its quotation marks.
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
