public import Foundation
import MLOpsCore

/// A file of metrics as comma-separated values (RFC 4180, UTF-8).
///
/// The long form has a row for each point, with columns `metric` and `value`; the wide form has a
/// column for each metric. `run`, `experiment`, `step` and `timestamp` are columns of both. The
/// file is read twice, in memory of one record and of where each run's rows are.
public struct CSVSource: ImportSource {
    /// `csv`.
    public var program: String { "csv" }

    private let file: URL
    private let experiment: String
    private let isWhole: Bool
    private let index: CSVIndex

    /// Reads the header, and finds the rows of each run.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - experiment: The experiment of rows that name none; by default the file's name.
    ///   - isWhole: Whether a last line without a line break is taken. It may be torn, where the
    ///     file is still being written.
    /// - Throws: ``ImportSourceError``.
    public init(_ file: URL, experiment: String? = nil, isWhole: Bool = false) throws {
        self.file = file
        self.isWhole = isWhole
        self.experiment = experiment ?? file.deletingPathExtension().lastPathComponent
        index = try CSVIndex(file, isWhole: isWhole)
    }

    /// The experiments that the rows name.
    public func outline(_ notes: inout ImportNotes) throws -> [SourceExperiment] {
        notes.add(index.notes)
        var order: [String] = []
        var runs: [String: [SourceRunReference]] = [:]
        for (position, run) in index.runs.enumerated() {
            let name = run.key.experiment ?? experiment
            if runs[name] == nil { order.append(name) }
            runs[name, default: []].append(reference(run, at: position))
        }
        return order.map { name in
            var found = SourceExperiment(id: name, name: name)
            found.origin["file"] = .string(file.lastPathComponent)
            found.runs = runs[name] ?? []
            found.createdAt =
                found.runs.compactMap { index.runs[Int($0.position)].firstTime }.min()
            return found
        }
    }

    private func reference(_ run: CSVIndex.Run, at position: Int) -> SourceRunReference {
        let name = run.key.run ?? stem
        let isID = IdentityMap.kept(name) != nil
        return SourceRunReference(
            id: isID ? name : "\(run.key.experiment ?? experiment)/\(name)",
            scope: run.key.experiment ?? experiment, position: Int64(position))
    }

    private var stem: String { file.deletingPathExtension().lastPathComponent }

    /// A run, completed at its last time.
    public func run(
        _ reference: SourceRunReference, _ notes: inout ImportNotes
    ) throws -> SourceRun {
        let found = index.runs[Int(reference.position)]
        var run = SourceRun(name: found.key.run ?? stem, status: .completed)
        run.startedAt = found.firstTime
        run.completedAt = found.lastTime
        run.origin["file"] = .string(file.lastPathComponent)
        return run
    }

    /// The points of the run's rows, in their order.
    public func readPoints(
        of reference: SourceRunReference, _ notes: inout ImportNotes,
        _ body: (SourcePoint) throws -> Void
    ) throws {
        let run = index.runs[Int(reference.position)]
        let reader = try ByteReader(file)
        var row = CSVRow(layout: index.layout)
        for part in run.parts {
            var scanner = CSVScanner(reader, from: part.start, to: part.end, line: part.line)
            reading: while true {
                switch try scanner.advance() {
                case .end: break reading
                case .damaged: continue
                case .record:
                    guard scanner.count == index.layout.count,
                        index.key(of: scanner) == run.key
                    else { continue }
                    try row.read(scanner, &notes, body)
                }
            }
        }
    }
}

/// Reads the points of one row after another of a run.
private struct CSVRow {
    let layout: CSVLayout
    /// The step of the next row, where the file has no steps.
    private var nextStep: Int64 = 0
    /// The metrics of the last rows, so that most points need no new text.
    private var names = NameCache()

    init(layout: CSVLayout) { self.layout = layout }

    mutating func read(
        _ row: CSVScanner, _ notes: inout ImportNotes, _ body: (SourcePoint) throws -> Void
    ) throws {
        let step: Int64
        if let column = layout.step {
            guard let found = CSVNumber.step(row.bytes(column)) else {
                notes.leave("row", "its step is not a whole number", "line \(row.line)")
                return
            }
            step = found
        } else {
            step = nextStep
            nextStep += 1
        }
        var time: Date?
        if let column = layout.time, !row.bytes(column).isEmpty {
            time = row.text(column).flatMap { TimeText.date($0) }
            if time == nil {
                notes.leave("row", "its time cannot be read", "line \(row.line)")
                return
            }
        }
        switch layout.form {
        case .long(let metric, let value):
            let name = names.text(row.bytes(metric)) { row.text(metric) ?? "" }
            try point(name, row.bytes(value), step, time, row.line, &notes, body)
        case .wide(let metrics):
            for (column, name) in metrics {
                try point(name, row.bytes(column), step, time, row.line, &notes, body)
            }
        }
    }

    private func point(
        _ metric: String, _ bytes: ArraySlice<UInt8>, _ step: Int64, _ time: Date?, _ line: Int,
        _ notes: inout ImportNotes, _ body: (SourcePoint) throws -> Void
    ) throws {
        switch CSVNumber.value(bytes) {
        case .number(let value): try body(SourcePoint(metric, value, step: step, at: time))
        case .missing: break
        case .text:
            notes.leave(
                "cell", "it is text and not a number", "\(metric.prefix(30)), line \(line)")
        }
    }
}
