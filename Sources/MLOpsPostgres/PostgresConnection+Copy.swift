import CLibPQ
import MLOpsCore

extension PostgresConnection {
    /// Fewer rows than this are inserted by one INSERT.
    private static let copyThreshold = 200

    /// Copies the rows into a temporary table and inserts from there.
    ///
    /// PostgreSQL refuses `COPY` into a table with row-level security. The temporary table costs 3
    /// % of the time (see the decision page "Bulk ingest on PostgreSQL").
    func insertRows(
        _ insertion: Insertion, count: Int, row: (Int, inout RowEncoder) throws -> Void
    ) throws {
        guard count > 0 else { return }
        try timingInsert(of: count, insertion) { try insert(insertion, count, row) }
    }

    private func insert(
        _ insertion: Insertion, _ count: Int, _ row: (Int, inout RowEncoder) throws -> Void
    ) throws {
        let (table, list) = (insertion.table, insertion.list)
        var encoder = RowEncoder(capacity: insertion.columns.count)
        guard count >= Self.copyThreshold else {
            var insert: Fragment = "INSERT INTO \(raw: table) (\(raw: list)) VALUES "
            for index in 0..<count {
                encoder.values.removeAll(keepingCapacity: true)
                try row(index, &encoder)
                let values = encoder.values.map { value in "\(stored: value)" as Fragment }
                insert.append(raw: index == 0 ? "(" : ", (")
                insert.append(Fragment(joining: values, separator: ", "))
                insert.append(raw: ")")
            }
            // Only the text for one row is likely to be used again.
            if count == 1 { try execute(insert) } else { try executeOnce(insert) }
            return
        }
        try interruption.check()
        try open()
        let stage = "mlops_stage_\(table)"
        let copy = """
            CREATE TEMP TABLE IF NOT EXISTS \(stage) (LIKE \(table)) ON COMMIT DELETE ROWS;
            COPY pg_temp.\(stage) (\(list)) FROM STDIN (FORMAT binary)
            """
        var bodyError: (any Error)?
        do {
            _ = try answer(PQsendQuery(handle, copy)) { handle, deadline in
                do {
                    try sendRows(insertion.columns.count, count, &encoder, until: deadline, row)
                    PQputCopyEnd(handle, nil)
                } catch {
                    bodyError = error
                    PQputCopyEnd(handle, "stopped")
                }
            }
        } catch {
            throw bodyError ?? error
        }
        try runScript(
            """
            INSERT INTO \(table) (\(list)) SELECT \(list) FROM pg_temp.\(stage);
            TRUNCATE pg_temp.\(stage)
            """)
    }

    /// Sends rows in PostgreSQL's binary COPY format: a header, the rows, a trailer.
    private func sendRows(
        _ width: Int, _ count: Int, _ encoder: inout RowEncoder,
        until deadline: ContinuousClock.Instant?, _ row: (Int, inout RowEncoder) throws -> Void
    ) throws {
        var bytes = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00]
        bytes.append(contentsOf: [UInt8](repeating: 0, count: 8))
        for index in 0..<count {
            encoder.values.removeAll(keepingCapacity: true)
            try row(index, &encoder)
            bytes.append(bigEndian: Int16(width))
            for value in encoder.values {
                if value == .null {
                    bytes.append(bigEndian: Int32(-1))
                    continue
                }
                let start = bytes.count
                bytes.append(bigEndian: Int32(0))
                try value.write(to: &bytes)
                let length = Int32(bytes.count - start - 4).bigEndian
                withUnsafeBytes(of: length) {
                    bytes.replaceSubrange(start..<start + 4, with: $0)
                }
            }
            if bytes.count > 1 << 18 {
                try interruption.check()
                try put(&bytes, until: deadline)
            }
        }
        bytes.append(bigEndian: Int16(-1))
        try put(&bytes, until: deadline)
    }

    /// Passes bytes to libpq and waits until they are sent, so that its buffer stays small.
    private func put(
        _ bytes: inout [UInt8], until deadline: ContinuousClock.Instant?
    ) throws {
        let isSent = bytes.withUnsafeBytes { buffer in
            PQputCopyData(
                handle, buffer.bindMemory(to: CChar.self).baseAddress, Int32(buffer.count))
        }
        guard isSent == 1 else { throw lost() }
        try flush(until: deadline)
        bytes.removeAll(keepingCapacity: true)
    }
}
