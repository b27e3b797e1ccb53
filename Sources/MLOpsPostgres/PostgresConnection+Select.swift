import CLibPQ
import Foundation
import MLOpsCore

extension PostgresConnection {
    /// Runs one statement that reads, through a cursor: its declaration takes no other.
    ///
    /// - Throws: `.invalidValue` for one that is wrong, does not read, or is not alone.
    func select(_ sql: String, limit: Int) throws -> SQLAnswer {
        do {
            return try selecting(sql, limit)
        } catch let error as StoreError where error.code == .readOnly {
            throw StoreError(
                .invalidValue, "The statement does more than read; give a SELECT, VALUES or WITH.")
        }
    }

    private func selecting(_ sql: String, _ limit: Int) throws -> SQLAnswer {
        try interruption.check()
        try open()
        let cursor = "mlops_query"
        do {
            _ = try sendText("DECLARE \(cursor) NO SCROLL CURSOR FOR \(sql)")
        } catch let error as StoreError where error.code == .database {
            throw StoreError(.invalidValue, error.message)
        }
        var columns: [String] = []
        var rows: [[JSONValue]] = []
        var bytes = 0
        var isCut = false
        // In small parts, so that memory stays bounded whatever the rows hold.
        let part = 1000
        while true {
            let result = try sendText("FETCH \(part) FROM \(cursor)")
            if columns.isEmpty { columns = result.columnNames }
            for row in 0..<result.rowCount {
                guard rows.count < limit, bytes < SQLAnswer.maximumBytes else {
                    isCut = true
                    break
                }
                rows.append(columns.indices.map { result.json(row, Int32($0)) })
                bytes += columns.indices.reduce(0) {
                    $0 + Int(PQgetlength(result.handle, row, Int32($1)))
                }
            }
            if isCut || result.rowCount < part { break }
        }
        _ = try sendText("CLOSE \(cursor)")
        return SQLAnswer(columns: columns, rows: rows, isCut: isCut)
    }

    /// Sends one command whose values come back as text, whatever their types.
    private func sendText(_ text: String) throws -> PostgresResult {
        try interruption.check()
        return try answer(PQsendQueryParams(handle, text, 0, nil, nil, nil, nil, 0))
    }
}

extension String {
    /// A number of any length: as one if that keeps every digit, else as it is.
    fileprivate var exactNumber: JSONValue {
        if let integer = Int64(self) { return .int(integer) }
        guard contains("."), let double = Double(self), "\(double)" == self
        else { return .string(self) }
        return .double(double)
    }
}

extension PostgresResult {
    fileprivate var columnNames: [String] {
        (0..<Int32(columnCount)).map { PQfname(handle, $0).map { String(cString: $0) } ?? "" }
    }

    /// A value that was sent as text.
    fileprivate func json(_ row: Int32, _ column: Int32) -> JSONValue {
        if PQgetisnull(handle, row, column) == 1 { return .null }
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(handle, row, column), count: Int(PQgetlength(handle, row, column)))
        let text = String(decoding: bytes, as: UTF8.self)
        return switch PQftype(handle, column) {
        case PostgresType.bool: .bool(text == "t")
        case PostgresType.int2, PostgresType.int4, PostgresType.int8:
            Int64(text).map(JSONValue.int) ?? .string(text)
        case PostgresType.numeric: text.exactNumber
        case PostgresType.float4, PostgresType.float8:
            Double(text).map { $0.isFinite ? JSONValue.double($0) : .string(text) }
                ?? .string(text)
        case PostgresType.json, PostgresType.jsonb:
            (try? JSONValue(parsing: text)) ?? .string(text)
        default: .string(text)
        }
    }
}
