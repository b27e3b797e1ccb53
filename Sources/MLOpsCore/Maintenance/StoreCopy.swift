import Crypto
import Foundation

/// Copies every row of a store into another, on either backend.
///
/// Ids, times, revisions, deleted rows and the audit trail stay as they are. Rows are copied in
/// batches, in the order of the source's key. Memory is bounded, and an interrupted copy continues
/// where it stopped. No other program may write to either store meanwhile.
public struct StoreCopy: Sendable {
    /// The progress of a copy.
    public struct Progress: Sendable, Hashable {
        /// The table.
        public let table: String
        /// The number of its rows in the target.
        public let done: Int
        /// The number of its rows in the source.
        public let total: Int
    }

    /// The content of a table, equal in both stores.
    public struct TableDigest: Sendable, Hashable, Codable {
        /// The table.
        public let table: String
        /// The number of rows, including deleted ones.
        public let rows: Int
        /// The sum of the rows' SHA-256 modulo 2^256, in lower-case hexadecimal digits.
        ///
        /// It does not depend on the order in which the rows are read.
        public let digest: String
    }

    private let source: any Store
    private let target: any Store
    private let batch: Batch

    /// Creates a copy between two stores.
    ///
    /// - Parameters:
    ///   - source: The store that is read.
    ///   - target: The store that is written.
    ///   - batch: The largest number of rows in one transaction.
    ///   - batchSize: The number of characters in texts and documents after which a transaction
    ///     ends; a single row may exceed it.
    public init(
        from source: any Store, to target: any Store, batch: Int = 5000, batchSize: Int = 8 << 20
    ) {
        self.source = source
        self.target = target
        self.batch = Batch(rows: max(1, batch), size: max(1, batchSize))
    }

    /// Copies the rows that the target does not have yet, and compares both stores completely.
    ///
    /// - Returns: Each table's rows and digest, the same in both stores.
    /// - Throws: `.conflict` when the target has rows that the source does not have, or different
    ///   ones; the errors of reading and writing.
    public func run(
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> [TableDigest] {
        for record in Schema.records { try await checkBeginning(record) }
        for record in Schema.records { try await copy(record, progress) }
        for record in Schema.records { try await join(record) }
        var digests: [TableDigest] = []
        for record in Schema.records {
            let expected = try await digest(of: record, in: source)
            let found = try await digest(of: record, in: target)
            guard expected == found else {
                throw StoreError(
                    .conflict,
                    "The table \(expected.table) differs: \(expected.rows) rows in the source, "
                        + "\(found.rows) in the target. Copy into an empty store, and keep others "
                        + "from writing to either.",
                    entity: record.entityName)
            }
            digests.append(expected)
        }
        return digests
    }

    /// Checks that the rows of the target are the first ones of the source, before anything is
    /// written.
    private func checkBeginning<Record: TableMapped>(_ record: Record.Type) async throws {
        let count = try await target.count(record)
        guard count > 0 else { return }
        let found = try await digest(of: record, in: target, first: count)
        guard try await digest(of: record, in: source, first: count) == found else {
            throw StoreError(
                .conflict,
                "The target has other rows in \(record.table.name) than the source. Nothing was "
                    + "written; copy into an empty store, or into the one of an earlier attempt.",
                entity: record.entityName)
        }
    }

    private func copy<Record: TableMapped>(
        _ record: Record.Type, _ progress: @escaping @Sendable (Progress) -> Void
    ) async throws {
        let total = try await source.count(record)
        let key = try await source.key(of: record)
        var (done, last) = try await target.position(record, key)
        progress(Progress(table: record.table.name, done: done, total: total))
        while true {
            let rows = try await source.rows(record, key, after: last, batch)
            guard let end = rows.last else { return }
            try await target.put(record, rows.map(Self.unjoined(record)))
            last = record.table.values(of: key, in: end)
            done += rows.count
            progress(Progress(table: record.table.name, done: done, total: total))
        }
    }

    /// Removes a row's references to its own table, so that it can be stored in any order.
    private static func unjoined<Record: TableMapped>(
        _ record: Record.Type
    ) -> ([StoredValue]) -> [StoredValue] {
        let positions = record.table.ownReferences.map(\.position)
        return { row in
            var row = row
            for position in positions { row[position] = .null }
            return row
        }
    }

    /// Sets the references of a table to itself, once all its rows are stored.
    private func join<Record: TableMapped>(_ record: Record.Type) async throws {
        let key = try await source.key(of: record)
        for (column, position) in record.table.ownReferences {
            var last: [StoredValue] = []
            while true {
                let rows = try await source.rows(record, key, after: last, batch)
                guard let end = rows.last else { break }
                try await target.join(record, column, position, rows)
                last = record.table.values(of: key, in: end)
            }
        }
    }

    /// The digest of all rows, or of the first ones without their references to own rows.
    private func digest<Record: TableMapped>(
        of record: Record.Type, in store: any Store, first limit: Int? = nil
    ) async throws -> TableDigest {
        let key = try await store.key(of: record)
        var sum = DigestSum()
        var count = 0
        var last: [StoredValue] = []
        while true {
            let rows = try await store.rows(record, key, after: last, batch)
            guard let end = rows.last, limit.map({ count < $0 }) ?? true else { break }
            let digested =
                limit.map { rows.prefix($0 - count).map(Self.unjoined(record)) } ?? rows
            for row in digested {
                var hash = SHA256()
                for value in row {
                    let text = try Self.text(value)
                    // With the length, neighbouring values cannot be split differently.
                    hash.update(data: Data("\(text.utf8.count):\(text)".utf8))
                }
                sum.add(hash.finalize())
            }
            count += digested.count
            last = record.table.values(of: key, in: end)
        }
        return TableDigest(table: record.table.name, rows: count, digest: sum.hexadecimal)
    }

    private static func text(_ value: StoredValue) throws -> String {
        switch value {
        case .null: "null"
        case .integer(let number), .time(let number): "\(number)"
        // Some columns of SQLite do not keep the sign of zero.
        case .real(let number): number == 0 ? "0.0" : number.isNaN ? "nan" : "\(number)"
        case .text(let text): "\"\(text)"
        case .bool(let flag): "\(flag)"
        case .uuid(let uuid): uuid.lowercased
        case .json(let document): try document.canonicalText()
        }
    }
}

/// The limits of a batch in memory.
private struct Batch {
    let rows: Int
    let size: Int
}

/// A sum of digests, modulo 2^256.
private struct DigestSum {
    /// The bytes, the lowest first.
    private var bytes = [UInt8](repeating: 0, count: 32)

    mutating func add(_ digest: SHA256.Digest) {
        var carry: UInt16 = 0
        for (index, byte) in digest.enumerated() {
            let sum = UInt16(bytes[index]) + UInt16(byte) + carry
            bytes[index] = UInt8(truncatingIfNeeded: sum)
            carry = sum >> 8
        }
    }

    var hexadecimal: String { bytes.hexadecimal }
}

extension Table {
    fileprivate func values(of columns: [String], in row: [StoredValue]) -> [StoredValue] {
        columns.compactMap { self.columns.firstIndex(of: $0) }.map { row[$0] }
    }

    /// The size of a row, as a sum over the columns that may be long.
    fileprivate var size: Fragment {
        let long = zip(columns, kinds).filter { $1 == .text || $1 == .json }.map(\.0)
        let lengths = long.map { "coalesce(length(CAST(\($0) AS text)), 0)" }
        return "\(raw: (lengths + ["100"]).joined(separator: " + "))"
    }

    /// The columns that refer to rows of the same table, with their positions.
    fileprivate var ownReferences: [(column: String, position: Int)] {
        references.filter { $0.parent == name }.map(\.column).sorted().compactMap { column in
            columns.firstIndex(of: column).map { (column, $0) }
        }
    }
}

/// Reads and writes the rows of one table as they are stored.
extension Store {
    private func engine<Value: Sendable>(
        writing: Bool, _ body: @escaping @Sendable (SQLTransaction) throws -> Value
    ) async throws -> Value {
        try await withSystemAccess(reason: "copy") {
            try await $0.engine(writing: writing, body)
        }
    }

    fileprivate func count<Record: TableMapped>(_ record: Record.Type) async throws -> Int {
        try await engine(writing: false) {
            try $0.integer("SELECT count(*) FROM \(raw: record.table.name)")
        }
    }

    /// The columns of the index that orders the rows of a table.
    fileprivate func key<Record: TableMapped>(of record: Record.Type) async throws -> [String] {
        try await engine(writing: false) {
            $0.connection.dialect.key(ofTenantRows: record.table.isTenantOwned)
        }
    }

    /// The number of rows, and the key of the last one.
    fileprivate func position<Record: TableMapped>(
        _ record: Record.Type, _ key: [String]
    ) async throws -> (count: Int, last: [StoredValue]) {
        let count = try await count(record)
        let order = key.map { "\($0) DESC" }.joined(separator: ", ")
        let last = try await engine(writing: false) {
            try $0.rows(
                """
                SELECT \(raw: key.joined(separator: ", ")) FROM \(raw: record.table.name) \
                ORDER BY \(raw: order) LIMIT 1
                """
            ) { row in
                try key.map { _ in try row.next(Identifier<Record>.self).storedValue() }
            }.first
        }
        return (count, last ?? [])
    }

    /// The stored rows that follow a key; the first ones after an empty key.
    ///
    /// The query limits the batch: PostgreSQL's answer is held in memory as a whole.
    fileprivate func rows<Record: TableMapped>(
        _ record: Record.Type, _ key: [String], after last: [StoredValue], _ batch: Batch
    ) async throws -> [[StoredValue]] {
        try await engine(writing: false) { tx in
            let columns = key.joined(separator: ", ")
            let values = Fragment(joining: last.map { "\(stored: $0)" }, separator: ", ")
            let condition: Fragment = last.isEmpty ? "TRUE" : "(\(raw: columns)) > (\(values))"
            let list = record.table.selectList
            return try tx.rows(
                """
                SELECT \(raw: list) FROM ( \
                SELECT \(raw: list), sum(row_size) OVER ( \
                ORDER BY \(raw: columns) ROWS UNBOUNDED PRECEDING) - row_size AS size_before \
                FROM (SELECT \(raw: list), \(record.table.size) AS row_size \
                FROM \(raw: record.table.name) WHERE \(condition) \
                ORDER BY \(raw: columns) LIMIT \(batch.rows)) AS following) AS sized \
                WHERE size_before < \(batch.size) ORDER BY \(raw: columns)
                """
            ) { row in
                try Record(from: &row).storedValues()
            }
        }
    }

    fileprivate func put<Record: TableMapped>(
        _ record: Record.Type, _ rows: [[StoredValue]]
    ) async throws {
        try await engine(writing: true) { tx in
            try tx.insertRows(into: record.table, of: nil, count: rows.count) {
                $1.values = rows[$0]
            }
        }
    }

    fileprivate func join<Record: TableMapped>(
        _ record: Record.Type, _ column: String, _ position: Int, _ rows: [[StoredValue]]
    ) async throws {
        try await engine(writing: true) { tx in
            let key = tx.connection.dialect.key(ofTenantRows: record.table.isTenantOwned)
            let joined = rows.filter { $0[position] != .null }
            let same = key.indices.map { "own.\(key[$0]) = found.column\($0 + 1)" }
            // A statement of SQLite has at most 32,766 parameters.
            for start in stride(from: 0, to: joined.count, by: 10_000) {
                let tuples = joined[start..<min(start + 10_000, joined.count)].map { row in
                    let values = record.table.values(of: key, in: row) + [row[position]]
                    let list = values.map { "\(stored: $0)" as Fragment }
                    return "(\(Fragment(joining: list, separator: ", ")))" as Fragment
                }
                try tx.execute(
                    """
                    UPDATE \(raw: record.table.name) AS own \
                    SET \(raw: column) = found.column\(raw: "\(key.count + 1)") \
                    FROM (VALUES \(Fragment(joining: tuples, separator: ", "))) AS found \
                    WHERE \(raw: same.joined(separator: " AND "))
                    """)
            }
        }
    }
}
