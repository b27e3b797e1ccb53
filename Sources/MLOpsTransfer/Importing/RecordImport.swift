import Foundation
import MLOpsCore

/// Keeps the items of a run's records as they are read, and their lists in the end.
struct RecordImport {
    private struct Key: Hashable {
        let step: Int64
        let sha256: String
    }

    private struct Record {
        let kind: Artifact.Kind
        /// How often the run has an item already.
        var present: [Key: Int]
        var count = 0
        var new: [RecordedItem] = []
    }

    private let store: any Store
    private let isDryRun: Bool
    private let present: [String: Artifact]
    private var records: [String: Record] = [:]

    init(store: any Store, isDryRun: Bool, present: [String: Artifact]) {
        self.store = store
        self.isDryRun = isDryRun
        self.present = present
    }

    /// How many of the records the run has already.
    var known: Int { records.keys.count { present[$0] != nil } }

    /// Keeps an item that the run does not have.
    ///
    /// - Throws: `.diskFull`.
    mutating func add(
        _ value: RecordedValue, _ source: SourceRecord, _ notes: inout ImportNotes
    ) throws {
        do {
            var record = try records[source.name] ?? record(of: value.kind, source.name)
            guard record.kind == value.kind,
                present[source.name].map({ $0.kind == value.kind }) ?? true
            else {
                notes.leave(
                    "record", "the run has something of another kind under its name", source.name)
                return
            }
            record.count += 1
            if !isDryRun {
                let item = try store.artifacts.add(value, step: source.step, loggedAt: source.time)
                let key = Key(step: item.step, sha256: item.sha256)
                if let count = record.present[key], count > 0 {
                    record.present[key] = count - 1
                } else {
                    record.new.append(item)
                }
            }
            records[source.name] = record
        } catch let error as StoreError where error.code != .diskFull {
            notes.leave("record", error.message, source.name)
        }
    }

    private func record(of kind: Artifact.Kind, _ name: String) throws -> Record {
        var record = Record(kind: kind, present: [:])
        guard let known = present[name], known.kind == kind, !isDryRun else { return record }
        for item in try store.artifacts.items(of: known) {
            record.present[Key(step: item.step, sha256: item.sha256), default: 0] += 1
        }
        return record
    }

    /// The records that are new or have new items, by name.
    func finish(_ notes: inout ImportNotes) throws -> [String: Artifact] {
        var artifacts: [String: Artifact] = [:]
        for (name, record) in records {
            if isDryRun {
                guard record.count > present[name]?.itemCount ?? 0 else { continue }
                artifacts[name] = Artifact(sha256: "", sizeBytes: 0)
            } else if !record.new.isEmpty {
                artifacts[name] = try store.artifacts.record(
                    of: record.kind, record.new, after: present[name])
            } else {
                continue
            }
            if present[name] != nil {
                notes.change("artifact", "it has grown since the last import", name)
            }
        }
        return artifacts
    }
}
