import Foundation
import MLOpsCore

/// A directory of event files, read once for everything but its points.
struct TensorBoardRun: Sendable {
    /// A program began again: what was logged before, from a step on, was thrown away.
    struct Restart: Sendable {
        let event: Int
        let step: Int64
    }

    private(set) var firstTime: Date?
    private(set) var lastTime: Date?
    private(set) var parameters = HyperParameters()
    private(set) var restarts: [Restart] = []
    private(set) var notes = ImportNotes()
    /// The plugin of each tag that names one.
    private(set) var plugins: [String: String] = [:]
    private var media = TensorBoardMedia()
    private var events = 0

    /// The files of the run: histograms and texts as lines of JSON, and pictures.
    var artifacts: [String: SourceArtifact] { media.artifacts }

    /// Reads the files in their order.
    init(_ files: [URL]) throws {
        for file in files {
            let name = file.lastPathComponent
            var isFirst = true
            var isKnown = true
            let end = try EventFile.read(file) { record, _ in
                let event = TensorBoardEvent(record)
                if isFirst, let version = event.version, version != "brain.Event:2" {
                    notes.change("file", "its version is \(version.prefix(40)), not known", name)
                } else if isFirst, event.version == nil {
                    isKnown = false
                }
                isFirst = false
                add(event, of: name)
            }
            if !isKnown { notes.change("file", "it does not begin with a version", name) }
            switch end {
            case .whole:
                if isFirst { notes.leave("file", "it is empty", name) }
            case .torn: notes.leave("record", "the last one of its file is torn", name)
            case .damaged(let message):
                notes.leave("rest of a file", message, name)
            }
        }
        notes.add(media.notes)
    }

    private mutating func add(_ event: TensorBoardEvent, of file: String) {
        defer { events += 1 }
        if event.isDamaged { notes.leave("event", "it is not a valid message", file) }
        if event.hasGraph { notes.leave("graph", "graphs are not taken", file) }
        if event.isStart { restarts.append(Restart(event: events, step: event.step)) }
        var hasValues = false
        event.forEachValue { value in
            hasValues = true
            let tag = String(decoding: value.tag, as: UTF8.self)
            if let plugin = value.plugin { plugins[tag] = plugin }
            if plugins[tag] == "hparams" {
                if let content = value.pluginContent { parameters.read(content) }
            } else {
                media.add(value, tag, plugins[tag], event)
            }
        }
        guard hasValues, let date = event.date else { return }
        firstTime = min(firstTime ?? date, date)
        lastTime = max(lastTime ?? date, date)
    }

    /// The step from which on what an event logged was thrown away later; `nil` if nothing was.
    func limit(ofEvent event: Int) -> Int64? {
        restarts.lazy.filter { $0.event > event }.map(\.step).min()
    }
}
