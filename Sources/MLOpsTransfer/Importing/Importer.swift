import Foundation
public import MLOpsCore
import Synchronization

/// Takes a store of another program into a store of this library.
///
/// The source is only read, and may be written meanwhile. A run is stored whole or not at all, in
/// one transaction that reads its points in batches; a second import adds what is new and changes
/// nothing else.
///
/// ```swift
/// let source = try CSVSource(URL(filePath: "metrics.csv"))
/// let report = try await Importer(from: source).run(into: store) { print($0.points) }
/// print(report)
/// ```
public struct Importer: Sendable {
    private let source: any ImportSource
    private let options: ImportOptions
    /// What the source has, if it was read ahead.
    private var outline: (experiments: [SourceExperiment], notes: ImportNotes)?

    /// An import from a source.
    public init(from source: any ImportSource, options: ImportOptions = ImportOptions()) {
        self.source = source
        self.options = options
    }

    /// Reads which experiments and runs the source has; ``run(into:as:progress:)`` of the result
    /// does not read them again.
    ///
    /// So a store is not made for a source that cannot be read.
    ///
    /// - Throws: ``ImportSourceError`` when nothing can be read.
    public func prepared() async throws -> Importer {
        var importer = self
        importer.outline = try await readOutline()
        return importer
    }

    private func readOutline() async throws -> ([SourceExperiment], ImportNotes) {
        try await blocking { [source] in
            var notes = ImportNotes()
            return (try source.outline(&notes), notes)
        }
    }

    /// Imports what is new.
    ///
    /// - Parameters:
    ///   - store: The store.
    ///   - workspace: Whose rows they become, and whose work; the local workspace by default.
    ///   - progress: Called after each batch, on any thread.
    /// - Throws: ``ImportSourceError`` when nothing can be read; ``ImportInterruption`` when the
    ///   store refuses more (`.diskFull`, `.busy`) or the task was cancelled; the errors of making
    ///   the project.
    public func run(
        into store: any Store, as workspace: Workspace? = nil,
        progress: @escaping @Sendable (ImportProgress) -> Void = { _ in }
    ) async throws -> ImportReport {
        var report = ImportReport(
            source: source.program, project: options.project, isDryRun: options.isDryRun)
        let (outline, notes) =
            if let outline = self.outline { outline } else { try await readOutline() }
        report.notes = notes
        let meter = ProgressMeter(
            totalRuns: outline.reduce(0) { $0 + $1.runs.count }, report: progress)
        do {
            try await store.withSystemAccess(reason: "rows of the past are imported") { access in
                let target = try await ImportTarget(
                    access, store, workspace, program: source.program, options: options)
                let site = try await target.mapping(outline)
                try await take(outline, into: site, of: store, meter, &report)
                try await takeModels(into: site, &report)
            }
        } catch let error as ImportSourceError {
            throw error
        } catch {
            throw ImportInterruption(report: report, cause: error)
        }
        return report
    }

    private func take(
        _ outline: [SourceExperiment], into site: ImportTarget, of store: any Store,
        _ meter: ProgressMeter, _ report: inout ImportReport
    ) async throws {
        var all: [String: Int] = [:]
        for (index, experiment) in outline.enumerated() {
            for run in experiment.runs {
                if let other = all.updateValue(index, forKey: run.id), other != index {
                    report.notes.change(
                        "run", "two experiments have it; it is in the first", run.id)
                }
            }
        }
        for experiment in outline {
            let runs = ParentOrder(experiment, in: all, &report.notes).runs
            let place = try await site.transact { tx in
                try ExperimentImport(experiment: experiment, site: site).perform(in: tx)
            }
            report.taken += place.taken
            report.present += place.present
            report.notes.add(place.notes)
            guard let found = place.experiment else {
                meter.skip(runs.count)
                continue
            }
            for reference in runs {
                try Task.checkCancellation()
                try await take(reference, of: found, into: site, of: store, meter, &report)
                meter.endRun()
            }
        }
    }

    private func take(
        _ reference: SourceRunReference, of experiment: ExperimentPlace, into site: ImportTarget,
        of store: any Store, _ meter: ProgressMeter, _ report: inout ImportReport
    ) async throws {
        do {
            let (source, options) = (source, options)
            var (run, notes) = try await blocking {
                var notes = ImportNotes()
                return (try source.run(reference, &notes), notes)
            }
            let artifacts = try await ArtifactImport(
                site: site, options: options, store: store, source: source, reference: reference
            ).keep(run, &notes)
            let task = RunImport(
                source: source, reference: reference, run: run, experiment: experiment,
                artifacts: artifacts, site: site, options: options, meter: meter)
            let outcome = try await site.transact { try task.perform(in: $0) }
            report.notes.add(notes)
            report.notes.add(outcome.notes)
            report.taken += outcome.taken
            report.present += outcome.present
        } catch let error as ImportSourceError {
            report.notes.leave("run", error.message, reference.id)
        } catch let error as StoreError where error.concernsOneRow {
            report.notes.leave("run", error.message, reference.id)
        }
    }

    private func takeModels(
        into site: ImportTarget, _ report: inout ImportReport
    ) async throws {
        let source = source
        let (models, notes) = try await blocking {
            var notes = ImportNotes()
            do {
                return (try source.models(&notes), notes)
            } catch let error as ImportSourceError {
                notes.leave("registry", error.message)
                return ([], notes)
            }
        }
        report.notes.add(notes)
        for model in models {
            do {
                let outcome = try await site.transact {
                    try ModelImport(model: model, site: site).perform(in: $0)
                }
                report.notes.add(outcome.notes)
                report.taken += outcome.taken
                report.present += outcome.present
            } catch let error as StoreError where error.concernsOneRow {
                report.notes.leave("model", error.message, model.name)
            }
        }
    }
}

/// What a transaction of an import did.
struct ImportOutcome: Sendable {
    var taken = ImportReport.Counts()
    var present = ImportReport.Counts()
    var notes = ImportNotes()
}

extension StoreError {
    /// Whether it is about the row that was to be stored, and not about the store.
    var concernsOneRow: Bool {
        [.invalidValue, .checkViolation, .alreadyExists, .notFound, .foreignKeyViolation]
            .contains(code)
    }
}

/// Counts runs and points, and reports them.
final class ProgressMeter: Sendable {
    private let state: Mutex<ImportProgress>
    private let report: @Sendable (ImportProgress) -> Void

    init(totalRuns: Int, report: @escaping @Sendable (ImportProgress) -> Void) {
        var progress = ImportProgress()
        progress.totalRuns = totalRuns
        state = Mutex(progress)
        self.report = report
    }

    func add(points: Int) { change { $0.points += points } }
    func endRun() { change { $0.runs += 1 } }
    func skip(_ runs: Int) { change { $0.runs += runs } }

    private func change(_ body: (inout ImportProgress) -> Void) {
        let progress = state.withLock { state in
            body(&state)
            return state
        }
        report(progress)
    }
}

/// Runs a body that reads files, which may take long, on a thread outside of the cooperative pool.
func blocking<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
}
