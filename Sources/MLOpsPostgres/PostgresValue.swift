import CLibPQ
import Foundation
import MLOpsCore

/// The object ids of the types that the schema uses (PostgreSQL's `pg_type.dat`).
enum PostgresType {
    static let unknown: Oid = 0
    static let bool: Oid = 16
    static let name: Oid = 19
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let json: Oid = 114
    static let float4: Oid = 700
    static let float8: Oid = 701
    static let varchar: Oid = 1043
    static let timestamptz: Oid = 1184
    static let numeric: Oid = 1700
    static let uuid: Oid = 2950
    static let jsonb: Oid = 3802
}

/// Microseconds from 1970 to 2000, the epoch of PostgreSQL.
private let epoch: Int64 = 946_684_800_000_000

extension StoredValue {
    var postgresType: Oid {
        switch self {
        case .null: PostgresType.unknown
        case .integer: PostgresType.int8
        case .real: PostgresType.float8
        case .text: PostgresType.text
        case .bool: PostgresType.bool
        case .uuid: PostgresType.uuid
        case .time: PostgresType.timestamptz
        case .json: PostgresType.jsonb
        }
    }

    /// Appends the value in PostgreSQL's binary form; nothing for null.
    func write(to bytes: inout [UInt8]) throws {
        switch self {
        case .null: break
        case .integer(let value): bytes.append(bigEndian: UInt64(bitPattern: value))
        case .real(let value): bytes.append(bigEndian: value.bitPattern)
        case .text(let text): bytes.append(contentsOf: text.utf8)
        case .bool(let flag): bytes.append(flag ? 1 : 0)
        case .uuid(let uuid):
            bytes.append(bigEndian: uuid.words.0)
            bytes.append(bigEndian: uuid.words.1)
        case .time(let microseconds):
            bytes.append(bigEndian: UInt64(bitPattern: microseconds - epoch))
        case .json(let document):
            // The version of the binary form of `jsonb`.
            bytes.append(1)
            bytes.append(contentsOf: try document.canonicalText().utf8)
        }
    }
}

extension [UInt8] {
    mutating func append<Word: FixedWidthInteger>(bigEndian value: Word) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}

/// The parameters of a statement, as libpq takes them.
struct PostgresParameters {
    private(set) var types: [Oid] = []
    private var lengths: [Int32] = []
    private var offsets: [Int?] = []
    private var bytes: [UInt8] = []

    init(_ values: [StoredValue]) throws {
        types.reserveCapacity(values.count)
        lengths.reserveCapacity(values.count)
        offsets.reserveCapacity(values.count)
        for value in values {
            let start = bytes.count
            try value.write(to: &bytes)
            types.append(value.postgresType)
            offsets.append(value == .null ? nil : start)
            lengths.append(Int32(bytes.count - start))
        }
        // An empty text needs an address too: libpq sends a null pointer as NULL.
        bytes.append(0)
    }

    typealias Pointers = (
        values: UnsafePointer<UnsafePointer<CChar>?>?, lengths: UnsafePointer<Int32>?,
        formats: UnsafePointer<Int32>?
    )

    func withPointers<Value>(_ body: (Int32, Pointers) throws -> Value) rethrows -> Value {
        try bytes.withUnsafeBytes { buffer in
            let start = buffer.bindMemory(to: CChar.self).baseAddress
            let values = offsets.map { offset in offset.flatMap { start?.advanced(by: $0) } }
            let formats = [Int32](repeating: 1, count: offsets.count)
            return try values.withUnsafeBufferPointer { values in
                try lengths.withUnsafeBufferPointer { lengths in
                    try formats.withUnsafeBufferPointer { formats in
                        try body(
                            Int32(offsets.count),
                            (values.baseAddress, lengths.baseAddress, formats.baseAddress))
                    }
                }
            }
        }
    }
}

/// The answer to a statement.
final class PostgresResult {
    let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQclear(handle) }

    var status: ExecStatusType { PQresultStatus(handle) }
    var rowCount: Int32 { PQntuples(handle) }
    var columnCount: Int { Int(PQnfields(handle)) }

    /// How many rows a command changed.
    var changedRows: Int { PQcmdTuples(handle).flatMap { Int(String(cString: $0)) } ?? 0 }

    /// The command tag, such as `COMMIT`.
    var command: String { PQcmdStatus(handle).map { String(cString: $0) } ?? "" }

    /// Whether the session is over: the severity, never localized, is FATAL or PANIC.
    var endsSession: Bool { ["FATAL", "PANIC"].contains(field("V")) }

    /// A field of an error report (`PG_DIAG_...`).
    func field(_ code: Character) -> String? {
        guard let scalar = code.asciiValue else { return nil }
        return PQresultErrorField(handle, Int32(scalar)).map { String(cString: $0) }
    }
}

/// One row of an answer.
struct PostgresRow: Row {
    let result: PostgresResult
    let row: Int32

    func value(_ position: Int, _ kind: ColumnKind) throws -> StoredValue {
        let column = Int32(position)
        if PQgetisnull(result.handle, row, column) == 1 { return .null }
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(result.handle, row, column),
            count: Int(PQgetlength(result.handle, row, column)))
        switch (kind, PQftype(result.handle, column)) {
        case (.integer, PostgresType.int8), (.integer, PostgresType.int4),
            (.integer, PostgresType.int2):
            return .integer(bytes.integer)
        case (.real, PostgresType.float8):
            return .real(Double(bitPattern: UInt64(bitPattern: bytes.integer)))
        case (.real, PostgresType.int8), (.real, PostgresType.int4):
            return .real(Double(bytes.integer))
        case (.bool, PostgresType.bool): return .bool(bytes.first != 0)
        case (.time, PostgresType.timestamptz):
            let (microseconds, isOutside) = bytes.integer.addingReportingOverflow(epoch)
            // `infinity` overflows, and `-infinity` is `Int64.min`.
            guard !isOutside, bytes.integer != .min else { throw corrupt(column, kind) }
            return .time(microseconds)
        case (.uuid, PostgresType.uuid) where bytes.count == 16:
            let high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
            let low = UInt64(
                bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            return .uuid(UUID(words: (high, low)))
        case (.text, PostgresType.text), (.text, PostgresType.varchar), (.text, PostgresType.name),
            (.text, PostgresType.unknown):
            return .text(String(decoding: bytes, as: UTF8.self))
        case (.json, PostgresType.jsonb):
            guard
                let document = try? JSONValue(
                    stored: UnsafeRawBufferPointer(rebasing: bytes.dropFirst()))
            else {
                throw corrupt(column, kind)
            }
            return .json(StoredDocument(document, maximumBytes: .max))
        default: throw corrupt(column, kind)
        }
    }

    /// Appends a text without a copy; parses a document, because `jsonb` has its own key order.
    func write(_ position: Int, _ kind: ColumnKind, to json: inout JSONBytes) throws {
        let column = Int32(position)
        guard kind == .text, PQgetisnull(result.handle, row, column) == 0 else {
            return try value(position, kind).write(to: &json)
        }
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(result.handle, row, column),
            count: Int(PQgetlength(result.handle, row, column)))
        json.append(string: bytes.assumingMemoryBound(to: UInt8.self))
    }

    private func corrupt(_ column: Int32, _ kind: ColumnKind) -> StoreError {
        let name = PQfname(result.handle, column).map { String(cString: $0) } ?? "?"
        return StoreError(
            .corrupt, "The stored value of column `\(name)` is not a \(kind).", field: name)
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes as a big-endian number in two's complement.
    fileprivate var integer: Int64 {
        let start: Int64 = (first ?? 0) < 0x80 ? 0 : -1
        return reduce(start) { $0 << 8 | Int64($1) }
    }
}
