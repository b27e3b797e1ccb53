/// What an import took, changed and left, and why.
public struct ImportReport: Sendable, Hashable, Codable {
    /// Numbers of things.
    public struct Counts: Sendable, Hashable, Codable {
        /// Experiments.
        public internal(set) var experiments = 0
        /// Runs.
        public internal(set) var runs = 0
        /// Points of metrics.
        public internal(set) var points = 0
        /// Parameters of runs.
        public internal(set) var parameters = 0
        /// Tags of runs.
        public internal(set) var tags = 0
        /// Files of runs.
        public internal(set) var artifacts = 0
        /// Registered models.
        public internal(set) var models = 0
        /// Versions of models.
        public internal(set) var modelVersions = 0
        /// Deployments.
        public internal(set) var deployments = 0
        /// Changes of deployments.
        public internal(set) var changes = 0
        /// Measurements of deployments.
        public internal(set) var measurements = 0
        /// Drift reports of deployments.
        public internal(set) var driftReports = 0
        /// Alerts.
        public internal(set) var alerts = 0

        static func += (counts: inout Counts, other: Counts) {
            counts.experiments += other.experiments
            counts.runs += other.runs
            counts.points += other.points
            counts.parameters += other.parameters
            counts.tags += other.tags
            counts.artifacts += other.artifacts
            counts.models += other.models
            counts.modelVersions += other.modelVersions
            counts.deployments += other.deployments
            counts.changes += other.changes
            counts.measurements += other.measurements
            counts.driftReports += other.driftReports
            counts.alerts += other.alerts
        }
    }

    /// The program whose store was read.
    public let source: String
    /// The project it went into.
    public let project: String
    /// Whether nothing was written.
    public let isDryRun: Bool
    /// What was taken, or would be.
    public internal(set) var taken = Counts()
    /// What the source has and the store had already.
    public internal(set) var present = Counts()
    /// What was changed and what was left, and why.
    public internal(set) var notes = ImportNotes()

    init(source: String, project: String, isDryRun: Bool) {
        self.source = source
        self.project = project
        self.isDryRun = isDryRun
    }
}

extension ImportReport.Counts {
    /// The counts that are not zero, in words.
    var words: [String] {
        [
            (experiments, "experiment"), (runs, "run"), (points, "point"),
            (parameters, "parameter"), (tags, "tag"), (artifacts, "artifact"), (models, "model"),
            (modelVersions, "model version"), (deployments, "deployment"), (changes, "change"),
            (measurements, "measurement"), (driftReports, "drift report"), (alerts, "alert"),
        ].filter { $0.0 > 0 }.map { $0.0.counted($0.1) }
    }
}

extension Int {
    /// A number with its noun, as in `1 run` and `1,200 runs`.
    func counted(_ noun: String) -> String {
        var digits = Array(String(self).reversed())
        for index in stride(from: 3, to: digits.count, by: 3).reversed() {
            digits.insert(",", at: index)
        }
        return "\(String(digits.reversed())) \(noun)\(self == 1 ? "" : "s")"
    }
}

extension ImportReport: CustomStringConvertible {
    /// The report as text, in lines of at most 80 columns.
    public var description: String {
        var lines: [String] = []
        let verb = isDryRun ? "would be taken" : "taken"
        let project = String(project.prefix(30))
        lines += Self.wrapped(
            "\(verb) from \(source) into the project \(project): "
                + (taken.words.isEmpty ? "nothing" : taken.words.joined(separator: ", ")))
        if !present.words.isEmpty {
            lines += Self.wrapped("there already: " + present.words.joined(separator: ", "))
        }
        return (lines + notes.lines).joined(separator: "\n")
    }

    /// Breaks a line between words, at 80 columns; further lines are indented by two more.
    static func wrapped(_ text: String) -> [String] {
        let indent = String(text.prefix { $0 == " " })
        var lines: [String] = []
        var line = indent
        for word in text.split(whereSeparator: \.isWhitespace) {
            let isFirst = line.allSatisfy { $0 == " " }
            if !isFirst, line.count + 1 + word.count > 80 {
                lines.append(line)
                line = indent + "  " + word
            } else {
                line += (isFirst ? "" : " ") + word
            }
        }
        return lines + [line]
    }
}

extension ImportNotes {
    /// The notes as text, in lines of at most 80 columns.
    var lines: [String] {
        var lines: [String] = []
        for (title, notes) in [("changed:", changed), ("left:", left)] where !notes.isEmpty {
            lines.append(title)
            for note in notes {
                lines += ImportReport.wrapped(
                    "  \(note.count.counted(note.subject)): \(note.reason)")
                if !note.examples.isEmpty {
                    let more = note.count > note.examples.count ? ", ..." : ""
                    lines += ImportReport.wrapped(
                        "    " + note.examples.joined(separator: ", ") + more)
                }
            }
        }
        return lines
    }
}
