import Foundation
import MLOpsCore

extension TrackioProject {
    /// Types of values that become records or files.
    static let recordTypes: Set<String> = [
        "trackio.table", "trackio.image", "trackio.histogram", "trackio.markdown",
        "trackio.audio", "trackio.video", "trackio.html", "trackio.object3d",
    ]

    private struct Histogram: Decodable {
        let bins: [Double]
        let values: [Double]
    }

    private struct Markdown: Decodable {
        let text: String
        enum CodingKeys: String, CodingKey { case text = "_value" }
    }

    private struct Media: Decodable {
        let path: String
        let caption: String?
        enum CodingKeys: String, CodingKey {
            case path = "file_path"
            case caption
        }
    }

    /// Hands over the tables, pictures, texts, histograms and files that a run logged with a step.
    func readRecords(
        of id: String, _ notes: inout ImportNotes, _ body: (SourceRecord) throws -> Void
    ) throws {
        var names = NameCache()
        try database.rows(
            """
            SELECT step, timestamp, metrics FROM metrics
            WHERE \(key) = ? AND instr(metrics, '"_type"') > 0 ORDER BY step, id
            """, .text(id)
        ) { row in
            // What cannot be read of a row is noted with its points.
            guard let step = row.integer(0), let time = row.text(1).flatMap({ TimeText.date($0) })
            else { return }
            var found: [SourceRecord] = []
            _ = JSONNumbers.read(row.bytes(2), names: &names) { _, _ in
            } other: { name, other in
                guard case .typed(let type, let bytes) = other, Self.recordTypes.contains(type)
                else { return }
                guard let content = content(type, bytes, name, &notes) else { return }
                var record = SourceRecord(name, content, step: step, at: time)
                if case .file(.file(let file)) = content {
                    record.name = "media/\(name)/\(step)/\(file.lastPathComponent)"
                }
                found.append(record)
            }
            for record in found { try body(record) }
        }
    }

    private func content(
        _ type: String, _ bytes: UnsafeBufferPointer<UInt8>, _ name: String,
        _ notes: inout ImportNotes
    ) -> SourceRecord.Content? {
        do {
            switch type {
            case "trackio.table":
                guard let read = try TrackioTable.read(bytes) else {
                    notes.leave("table", "it has no rows", name)
                    return nil
                }
                for column in read.texts {
                    notes.change(
                        "column of a table",
                        "its values are of several types, or nested: they "
                            + "became text", "\(name): \(column)")
                }
                return .item(.table(read.table))
            case "trackio.histogram": return .item(.histogram(try Self.histogram(bytes)))
            case "trackio.markdown":
                return .item(.text(try Self.decoded(Markdown.self, bytes).text))
            default: return try media(type, Self.decoded(Media.self, bytes), name, &notes)
            }
        } catch let error as StoreError {
            notes.leave("record", error.message, name)
        } catch {
            notes.leave("record", "it is not in the form that Trackio writes", name)
        }
        return nil
    }

    private static func decoded<Document: Decodable>(
        _ type: Document.Type, _ bytes: UnsafeBufferPointer<UInt8>
    ) throws -> Document {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return try decoder.decode(type, from: Data(bytes))
    }

    private static func histogram(_ bytes: UnsafeBufferPointer<UInt8>) throws -> RunHistogram {
        let found = try decoded(Histogram.self, bytes)
        // A density is no count; -1 is refused.
        return try RunHistogram(
            edges: found.bins, counts: found.values.map { Int(exactly: $0) ?? -1 })
    }

    private func media(
        _ type: String, _ media: Media, _ name: String, _ notes: inout ImportNotes
    ) throws -> SourceRecord.Content? {
        guard let file = files.media(media.path) else {
            notes.leave("file", "it is not below the directory `media`", media.path)
            return nil
        }
        if media.caption?.isEmpty == false {
            notes.leave("caption", "a record has no place for it", name)
        }
        guard type == "trackio.image" else { return .file(.file(file)) }
        let data = try ByteReader(file).read(at: 0, count: RunImage.maximumBytes + 1)
        // Other formats are files of the run.
        guard let image = try? RunImage(Data(data)) else { return .file(.file(file)) }
        return .item(.image(image))
    }

    // MARK: Files

    /// Adds the files of artifacts, and one of alerts.
    func readFiles(of id: String, into run: inout SourceRun, _ notes: inout ImportNotes) throws {
        var (alerts, more) = (Data(), ImportNotes())
        try database.asFarAsReadable("artifact", &notes) {
            try readArtifacts(of: id, into: &run.artifacts, &more)
        }
        try database.asFarAsReadable("alert", &notes) {
            try readAlerts(of: id, into: &alerts, &more)
        }
        notes.add(more)
        if !alerts.isEmpty {
            run.artifacts["alerts.jsonl"] = .bytes(alerts, fileExtension: "jsonl")
        }
    }

    private struct ManifestEntry: Decodable {
        let path: String
        let digest: String
        let ref: String?
    }

    /// The files of the artifacts that a run has made, by artifact, version and path.
    private func readArtifacts(
        of id: String, into found: inout [String: SourceArtifact], _ notes: inout ImportNotes
    ) throws {
        guard hasArtifacts else { return }
        try database.rows(
            """
            SELECT a.name, v.version, v.manifest FROM artifact_versions v
            JOIN artifacts a ON a.id = v.artifact_id WHERE v.producer_run_id = ? ORDER BY v.id
            """, .text(id)
        ) { row in
            let folder = "\(row.text(0) ?? "")/v\(row.integer(1) ?? 0)"
            let manifest = try? JSONDecoder().decode(
                [ManifestEntry].self, from: Data(row.bytes(2)))
            guard let manifest else {
                notes.leave("artifact", "its list of files is damaged", folder)
                return
            }
            for entry in manifest {
                let name = "\(folder)/\(entry.path)"
                if let place = entry.ref {
                    notes.leave("file", "it is elsewhere: \(place)", name)
                } else if let file = files.artifact(entry.digest) {
                    found[name] = .file(file)
                } else {
                    notes.leave("file", "it is not below the directory `artifacts`", name)
                }
            }
        }
    }

    /// The alerts of a run as lines of JSON.
    ///
    /// They have no state there. As alerts of a store they would be open, and people be told of
    /// them again, or resolved by somebody at some time, which nobody has recorded.
    private func readAlerts(
        of id: String, into lines: inout Data, _ notes: inout ImportNotes
    ) throws {
        guard hasAlerts else { return }
        var count = 0
        try database.rows(
            """
            SELECT title, text, level, step, timestamp FROM alerts
            WHERE \(alertKey) = ? ORDER BY id
            """, .text(id)
        ) { row in
            var line: [String: JSONValue] = [:]
            for (column, name) in [(0, "title"), (1, "text"), (2, "level"), (4, "timestamp")] {
                if let text = row.text(Int32(column)) {
                    line[name] = .string(text.replacing("\0", with: "\u{FFFD}"))
                }
            }
            if let step = row.integer(3) { line["step"] = .int(step) }
            guard let text = try? JSONValue.object(line).canonicalText() else {
                notes.leave("alert", "it is larger than 1 MiB", row.text(0)?.prefix(60).description)
                return
            }
            lines += Data((text + "\n").utf8)
            count += 1
        }
        if count > 0 {
            notes.change(
                "alert",
                "it has no state there; it is a line of the run's file alerts.jsonl",
                count: count)
        }
    }
}
