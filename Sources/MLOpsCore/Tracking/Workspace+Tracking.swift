public import Foundation

extension Workspace {
    /// Starts a run.
    ///
    /// The project is found by its exact name or by its slug, the experiment by its name. Both are
    /// created if they do not exist; if several processes start at once, one of them creates them.
    /// A project name may be in any script. If no slug can be made from it, or another project has
    /// that slug, the new project's slug ends with a hash of the name.
    ///
    /// - Parameters:
    ///   - project: The project's name or slug.
    ///   - experiment: The experiment's name.
    ///   - name: A name for people; by default `run-` and the end of the run's id.
    ///   - parameters: The inputs of the run: any value that encodes to a JSON object.
    ///   - tags: Labels of the run, by name; a name that begins with `mlops.` is reserved.
    ///   - note: A note for people.
    ///   - group: The group that the run is compared within.
    ///   - parent: The parent run, if any.
    ///   - options: How points are buffered, and what else is recorded.
    /// - Throws: `.invalidValue` for parameters that do not encode to a JSON object, and for a
    ///   reserved tag; `.quotaExceeded`; the errors of ``write(_:)``.
    public func startRun(
        project: String, experiment: String, name: String? = nil,
        parameters: some Encodable & Sendable = [String: String](), tags: [String: String] = [:],
        note: String? = nil, group: String? = nil, parent: Identifier<ExperimentRun>? = nil,
        options: TrackingOptions = TrackingOptions()
    ) async throws -> RunLogger {
        let parameters = try JSONValue.parameters(parameters)
        let tags = try RunMark.tags(tags, note: note, group: group)
        let environment = await Self.environment(options)
        let run = try await write { [now] tx in
            let found = try tx.experiment(named: experiment, inProjectNamed: project, at: now)
            return try tx.insertRun(
                in: found.id, name: name, parameters: parameters, tags: tags, parent: parent,
                environment: environment, at: now)
        }
        return logger(of: run, options)
    }

    /// Runs a body as a run, and ends the run with it.
    ///
    /// The run ends as completed, as cancelled when the task was cancelled, even if the body then
    /// returned normally, and as failed when the body throws another error. The body's error is
    /// rethrown.
    ///
    /// The body's result need not be `Sendable`: it may be a model that was trained in it.
    ///
    /// See `startRun` for the parameters.
    public func withRun<Value>(
        project: String, experiment: String, name: String? = nil,
        parameters: some Encodable & Sendable = [String: String](), tags: [String: String] = [:],
        note: String? = nil, group: String? = nil, parent: Identifier<ExperimentRun>? = nil,
        options: TrackingOptions = TrackingOptions(),
        _ body: (RunLogger) async throws -> sending Value
    ) async throws -> sending Value {
        let run = try await startRun(
            project: project, experiment: experiment, name: name, parameters: parameters,
            tags: tags, note: note, group: group, parent: parent, options: options)
        return try await run.scope(body)
    }

    /// Resumes a run that has ended, or whose process has exited, to log more points.
    ///
    /// A run that continues from a checkpoint repeats the steps after it. With `fromStep`, the
    /// points and records of these steps are removed, and the summaries of the metrics are made
    /// true again. The metrics of the machine, `system/...`, stay: their steps are seconds.
    ///
    /// - Parameters:
    ///   - id: The run.
    ///   - step: The first step that will be logged again; `nil` keeps all points.
    ///   - options: How points are buffered, and what else is recorded.
    /// - Throws: `.notFound`; `.conflict` while this program logs the run, or another process that
    ///   is known to be alive does.
    public func resumeRun(
        _ id: Identifier<ExperimentRun>, fromStep step: Int? = nil,
        options: TrackingOptions = TrackingOptions()
    ) async throws -> RunLogger {
        let environment = await Self.environment(options)
        let host = ProcessInfo.processInfo.hostName
        let (claim, others) = OpenLoggers.claim(id, in: store.lifecycle)
        defer { OpenLoggers.release(claim) }
        let truncation = try await truncation(of: id, before: step.map(Int64.init))
        let run = try await write { [store] tx in
            let stored = try tx.runs.find(id)
            let (process, life) = stored.processLife(host: host)
            // Another store may be a copy, with a run of the same id; the row tells.
            let isLogged = others.contains { other in
                other === store.lifecycle
                    || stored.status == .running && (process == nil || process == .current)
            }
            guard !isLogged else {
                throw StoreError(
                    .conflict, "The run \(id) is logged by this program; end that logger first.",
                    entity: ExperimentRun.entityName)
            }
            if stored.status == .running, life == .alive, let process, process != .current {
                throw StoreError(
                    .conflict,
                    "The run \(id) is logged by the process \(process.number), which is alive.",
                    entity: ExperimentRun.entityName, field: "environment")
            }
            var kept = stored.environment.object ?? [:]
            kept["process"] = nil
            kept["code"] = environment["code"] ?? kept["code"]
            let run = try tx.runs.logged.resume(
                id, fromStep: step.map(Int64.init),
                environment: options.capturesEnvironment ? environment : .object(kept))
            try truncation?.apply(to: id, in: tx)
            return run
        }
        return logger(of: run, options)
    }

    /// Copies a file or a directory into the artifact directory and records it in a run, which may
    /// have ended.
    ///
    /// An artifact of the same name is replaced. See ``ArtifactStore/add(contentsOf:)`` for what is
    /// kept of a directory.
    ///
    /// - Throws: `.notFound`; `.permissionDenied`; what
    ///   ``RunLogger/logArtifact(_:named:)-(URL,_)`` throws.
    @discardableResult
    public func addArtifact(
        _ file: URL, named name: String, to run: Identifier<ExperimentRun>
    ) async throws -> Artifact {
        let artifacts = store.artifacts
        let artifact = try await offTheCooperativePool { try artifacts.add(contentsOf: file) }
        try await write { try $0.runs.logged.record(artifact, named: name, in: run) }
        return artifact
    }

    /// Returns a file that a run recorded, after verifying its bytes.
    ///
    /// It is the kept file itself, whose name is its hash: it is only to be read.
    ///
    /// - Throws: `.notFound` when the run has no artifact of this name or the file is gone;
    ///   `.corrupt` when its bytes have changed; `.invalidValue` for a directory.
    public func artifact(
        named name: String, of run: Identifier<ExperimentRun>
    ) async throws -> URL {
        let artifact = try await recorded(name, of: run)
        let artifacts = store.artifacts
        return try await offTheCooperativePool { try artifacts.verified(artifact) }
    }

    /// Copies a file or directory that a run recorded to a place outside of the store.
    ///
    /// In a directory it gets its name in the run, with the extension that it was logged with.
    /// Nothing is replaced.
    ///
    /// - Parameters:
    ///   - name: Its name in the run.
    ///   - run: The run.
    ///   - destination: A directory that exists, or a new path, which is taken as it is.
    /// - Returns: Where the copy is.
    /// - Throws: `.notFound` when the run has no artifact of this name or a file is gone;
    ///   `.corrupt` when bytes have changed; `.alreadyExists`, `.inputOutput`, `.diskFull`.
    @discardableResult
    public func exportArtifact(
        named name: String, of run: Identifier<ExperimentRun>, to destination: URL
    ) async throws -> URL {
        let artifact = try await recorded(name, of: run)
        let artifacts = store.artifacts
        return try await offTheCooperativePool {
            try artifacts.export(artifact, named: name, to: destination)
        }
    }

    func recorded(
        _ name: String, of run: Identifier<ExperimentRun>
    ) async throws -> Artifact {
        try await runs.find(run).artifact(named: name)
    }

    /// Makes the logger of a run; the only place that does.
    fileprivate func logger(of run: ExperimentRun, _ options: TrackingOptions) -> RunLogger {
        RunLogger(run, workspace: self, options: options, logger: store.logger)
    }

    static func environment(_ options: TrackingOptions) async -> JSONValue {
        var members: [String: JSONValue] = [:]
        if options.capturesEnvironment { members = await RunEnvironment.capture().object ?? [:] }
        if options.capturesCodeState { members["code"] = await CodeState.capture().json }
        return .object(members)
    }
}

extension RunLogger {
    /// Runs a body as a child run of this one, in the same experiment.
    ///
    /// The child ends as a run of `withRun` does.
    public func withChild<Value>(
        name: String? = nil, parameters: some Encodable & Sendable = [String: String](),
        tags: [String: String] = [:], note: String? = nil, group: String? = nil,
        _ body: (RunLogger) async throws -> sending Value
    ) async throws -> sending Value {
        let parameters = try JSONValue.parameters(parameters)
        let tags = try RunMark.tags(tags, note: note, group: group)
        let environment = await Workspace.environment(options)
        let run = try await workspace.write { [id, experimentID, now = workspace.now] tx in
            try tx.insertRun(
                in: experimentID, name: name, parameters: parameters, tags: tags, parent: id,
                environment: environment, at: now)
        }
        return try await workspace.logger(of: run, options).scope(body)
    }

    /// Ends the run as its body ends.
    ///
    /// - Throws: `.conflict` when the run was ended elsewhere meanwhile, and not as completed.
    func scope<Value>(
        _ body: (RunLogger) async throws -> sending Value
    ) async throws -> sending Value {
        let value: Value
        do {
            value = try await body(self)
        } catch {
            // The body's error is thrown, not one of ending the run.
            if error is CancellationError || Task.isCancelled {
                _ = try? await cancel()
            } else {
                _ = try? await fail(error)
            }
            throw error
        }
        // The body may have ended the run itself.
        if isEnded { return value }
        do {
            // A body that stops early because its task was cancelled often returns normally.
            _ = try await Task.isCancelled ? cancel() : finish()
        } catch let error as StoreError where error.code == .conflict {
            guard try await workspace.runs.find(id).status == .completed else { throw error }
        } catch {
            _ = try? await fail(error)
            throw error
        }
        return value
    }
}

extension Transaction {
    /// Finds an experiment and its project by name; creates them if they do not exist.
    fileprivate func experiment(
        named name: String, inProjectNamed projectName: String, at now: Date
    ) throws -> Experiment {
        let project = try projects.findOrCreate(named: projectName)
        return try experiments.findOrCreate(
            Experiment(project: project.id, name: name, status: .running, startedAt: now))
    }

    fileprivate func insertRun(
        in experiment: Identifier<Experiment>, name: String?, parameters: JSONValue,
        tags: [String: String], parent: Identifier<ExperimentRun>?, environment: JSONValue,
        at now: Date
    ) throws -> ExperimentRun {
        let id = Identifier<ExperimentRun>()
        let run = ExperimentRun(
            id: id, experiment: experiment, parentRun: parent,
            runName: name ?? "run-\(id.description.suffix(8))", status: .running,
            parameters: parameters, tags: tags, environment: environment, startedAt: now)
        return try runs.insert(run)
    }
}
