import Foundation
import MLOpsCore

/// The names and limits of a project's archive.
enum ArchiveLayout {
    /// What the manifest calls the format.
    static let format = "mlops-project"
    /// The version of the format that is written, and the latest that is read.
    static let version: Int64 = 1

    static let manifest = "manifest.json"
    /// The folder of the artifacts, each under its SHA-256.
    static let files = "files/"

    /// The files of rows, in the order in which they are stored: what a row refers to precedes it.
    enum RowFile: String, CaseIterable, Sendable {
        case people = "people.jsonl"
        case project = "project.json"
        case models = "models.jsonl"
        case experiments = "experiments.jsonl"
        case runs = "runs.jsonl"
        case versions = "versions.jsonl"
        case deployments = "deployments.jsonl"
        case alerts = "alerts.jsonl"
    }

    /// What a line is: an object with one member, which has this name.
    enum Kind: String, Sendable {
        case project, person, model, experiment, run, points, version, deployment, change
        case measurement
        case driftReport = "drift_report"
        case alert
    }

    /// The longest manifest, with about 400,000 artifacts, and the longest line, in bytes.
    static let maximumBytes = 64 << 20
    /// A line and its row are two levels above the documents of columns.
    static let maximumDepth = JSONValue.maximumDepth + 2
    /// The most points in a line, and rows in an insert.
    static let batch = 1000
}

extension ImportSourceError {
    /// The error of an archive whose bytes are not those that an export has written.
    static func damaged(_ entry: String, _ problem: String) -> ImportSourceError {
        ImportSourceError(
            .damaged, "The archive is damaged: \(entry) \(problem). Nothing of it was imported.")
    }
}
