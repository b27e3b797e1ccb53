public import Foundation
import MLOpsCore

/// Databases of Trackio: one file for each of its projects, or the directory of them.
///
/// Each of Trackio's projects becomes an experiment. Trackio stamps a whole batch with the time at
/// which it was written, so that points follow their steps and not their times.
public struct TrackioSource: ImportSource {
    /// `trackio`.
    public var program: String { "trackio" }

    private let projects: [TrackioProject]
    private let notes: ImportNotes

    /// Opens a file, or all databases of a directory.
    ///
    /// - Throws: ``ImportSourceError``; in a directory only if no file is a database of Trackio.
    public init(_ place: URL) throws {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: place.path, isDirectory: &isDirectory) else {
            throw ImportSourceError(.missing, "\(place.path) does not exist.")
        }
        guard isDirectory.boolValue else {
            projects = [try TrackioProject(place)]
            notes = ImportNotes()
            return
        }
        var (projects, notes) = ([TrackioProject](), ImportNotes())
        for name in FileTree.names(in: place.resolvingSymlinksInPath())
        where name.hasSuffix(".db") {
            do {
                projects.append(try TrackioProject(place.appending(path: name)))
            } catch {
                notes.leave("file", "\(error)", name)
            }
        }
        guard !projects.isEmpty else {
            throw ImportSourceError(
                .anotherKind, "\(place.path) has no database of Trackio (`<project>.db`).")
        }
        self.projects = projects
        self.notes = notes
    }

    /// An experiment for each of Trackio's projects.
    public func outline(_ notes: inout ImportNotes) throws -> [SourceExperiment] {
        notes.add(self.notes)
        var experiments: [SourceExperiment] = []
        for (index, project) in projects.enumerated() {
            do {
                experiments.append(try project.experiment(at: index, &notes))
            } catch let error as ImportSourceError where projects.count > 1 {
                notes.leave("file", error.message, project.name)
            }
        }
        return experiments
    }

    private func project(of reference: SourceRunReference) -> TrackioProject {
        projects[Int(reference.position)]
    }

    /// A run with its configuration as parameters.
    public func run(
        _ reference: SourceRunReference, _ notes: inout ImportNotes
    ) throws -> SourceRun { try project(of: reference).run(reference.id, &notes) }

    /// Tables, pictures, texts, histograms and other files that were logged with a step.
    public func readRecords(
        of reference: SourceRunReference, _ notes: inout ImportNotes,
        _ body: (SourceRecord) throws -> Void
    ) throws { try project(of: reference).readRecords(of: reference.id, &notes, body) }

    /// The numbers that were logged, then those of the system.
    public func readPoints(
        of reference: SourceRunReference, _ notes: inout ImportNotes,
        _ body: (SourcePoint) throws -> Void
    ) throws {
        let project = project(of: reference)
        try project.readPoints(of: reference.id, isSystem: false, &notes, body)
        try project.readPoints(of: reference.id, isSystem: true, &notes, body)
    }
}
