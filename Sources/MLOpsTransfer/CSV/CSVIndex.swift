import Foundation

/// Where the rows of each run are in a file.
struct CSVIndex: Sendable {
    /// What tells runs apart; `nil` for what no column says.
    struct Key: Hashable, Sendable {
        var experiment: String?
        var run: String?
    }

    /// Rows in turn, from one byte to another.
    struct Part: Sendable {
        let start: UInt64
        var end: UInt64
        let line: Int
    }

    struct Run: Sendable {
        let key: Key
        var parts: [Part]
        var firstTime: Date?
        var lastTime: Date?
    }

    let layout: CSVLayout
    private(set) var runs: [Run] = []
    private(set) var notes = ImportNotes()

    /// The most parts of a run; where rows of runs alternate, a part has rows of others too.
    private static let maximumParts = 4096

    /// - Throws: ``ImportSourceError``.
    init(_ file: URL, isWhole: Bool) throws {
        let reader = try ByteReader(file)
        let size = try reader.size
        guard size > 0 else { throw ImportSourceError(.damaged, "\(file.path) is empty.") }
        let mark = try reader.read(at: 0, count: 3)
        var scanner = CSVScanner(
            reader, from: mark.elementsEqual([0xEF, 0xBB, 0xBF]) ? 3 : 0, to: size)
        let header = try Self.header(&scanner, of: file)
        layout = try CSVLayout(header: header, of: file.path, &notes)
        if layout.step == nil {
            notes.change("file", "it has no column `step`; rows are numbered from 0")
        }
        try index(&scanner, isWhole: isWhole)
    }

    private static func header(_ scanner: inout CSVScanner, of file: URL) throws -> [String] {
        let other = ImportSourceError(
            .anotherKind, "\(file.path) is not a file of comma-separated values in UTF-8.")
        guard case .record = try scanner.advance() else { throw other }
        return try (0..<scanner.count).map {
            guard let text = scanner.text($0), !text.utf8.contains(0) else { throw other }
            return text
        }
    }

    private mutating func index(_ scanner: inout CSVScanner, isWhole: Bool) throws {
        var positions: [Key: Int] = [:]
        var last: Int?
        while true {
            switch try scanner.advance() {
            case .end: return
            case .damaged(let message):
                notes.leave("row", message, "line \(scanner.line)")
                last = nil
            case .record:
                if scanner.isBlank { continue }
                guard scanner.isTerminated || isWhole else {
                    notes.leave(
                        "row",
                        "it has no line break and may be torn; if the file is whole, import it "
                            + "as such", "line \(scanner.line)")
                    return
                }
                guard let key = checkedKey(of: scanner) else {
                    last = nil
                    continue
                }
                let position = positions[key] ?? runs.count
                if position == runs.count {
                    positions[key] = position
                    runs.append(Run(key: key, parts: []))
                }
                runs[position].add(scanner, extending: last == position, Self.maximumParts)
                runs[position].note(time(of: scanner))
                last = position
            }
        }
    }

    private mutating func checkedKey(of row: CSVScanner) -> Key? {
        guard row.count == layout.count else {
            notes.leave(
                "row", "it has another number of fields than the header",
                "line \(row.line) has \(row.count), not \(layout.count)")
            return nil
        }
        guard let key = key(of: row) else {
            notes.leave("row", "its run or experiment is not UTF-8", "line \(row.line)")
            return nil
        }
        return key
    }

    /// Which run a row belongs to; `nil` if that is not UTF-8.
    func key(of row: CSVScanner) -> Key? {
        var key = Key()
        if let column = layout.experiment {
            guard let text = row.text(column) else { return nil }
            key.experiment = text.isEmpty ? nil : text
        }
        if let column = layout.run {
            guard let text = row.text(column) else { return nil }
            key.run = text.isEmpty ? nil : text
        }
        return key
    }

    private func time(of row: CSVScanner) -> Date? {
        guard let column = layout.time, let text = row.text(column) else { return nil }
        return TimeText.date(text)
    }
}

extension CSVIndex.Run {
    fileprivate mutating func add(_ row: CSVScanner, extending: Bool, _ most: Int) {
        if !parts.isEmpty, extending || parts.count == most {
            parts[parts.count - 1].end = row.end
        } else {
            parts.append(CSVIndex.Part(start: row.start, end: row.end, line: row.line))
        }
    }

    fileprivate mutating func note(_ time: Date?) {
        guard let time else { return }
        firstTime = min(firstTime ?? time, time)
        lastTime = max(lastTime ?? time, time)
    }
}
