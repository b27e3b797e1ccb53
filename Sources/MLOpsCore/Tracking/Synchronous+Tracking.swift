public import Foundation

extension Synchronous where Base == Workspace {
    /// Starts a run.
    ///
    /// See ``Workspace/startRun(project:experiment:name:parameters:tags:parent:options:)`` for the
    /// parameters.
    @available(*, noasync)
    public func startRun(
        project: String, experiment: String, name: String? = nil,
        parameters: some Encodable & Sendable = [String: String](), tags: [String: String] = [:],
        parent: Identifier<ExperimentRun>? = nil, options: TrackingOptions = TrackingOptions()
    ) throws -> RunLogger {
        try waiting(in: base.store) {
            try await $0.startRun(
                project: project, experiment: experiment, name: name, parameters: parameters,
                tags: tags, parent: parent, options: options)
        }
    }

    /// See ``Workspace/resumeRun(_:fromStep:options:)``.
    @available(*, noasync)
    public func resumeRun(
        _ id: Identifier<ExperimentRun>, fromStep step: Int? = nil,
        options: TrackingOptions = TrackingOptions()
    ) throws -> RunLogger {
        try waiting(in: base.store) {
            try await $0.resumeRun(id, fromStep: step, options: options)
        }
    }

    /// See ``Workspace/exportArtifact(named:of:to:)``.
    @discardableResult
    @available(*, noasync)
    public func exportArtifact(
        named name: String, of run: Identifier<ExperimentRun>, to destination: URL
    ) throws -> URL {
        try waiting(in: base.store) {
            try await $0.exportArtifact(named: name, of: run, to: destination)
        }
    }
}

extension RunLogger {
    /// The synchronous form of the logger's `async` methods; `log` is synchronous itself.
    public var sync: Synchronous<RunLogger> { Synchronous(self) }
}

extension Synchronous where Base == RunLogger {
    /// See ``RunLogger/flush()``.
    @available(*, noasync)
    public func flush() throws { try waiting { try await $0.flush() } }

    /// See ``RunLogger/setTags(_:)``.
    @available(*, noasync)
    public func setTags(_ tags: [String: String]) throws {
        try waiting { try await $0.setTags(tags) }
    }

    /// See ``RunLogger/logArtifact(_:named:)-(URL,_)``.
    @discardableResult
    @available(*, noasync)
    public func logArtifact(_ file: URL, named name: String? = nil) throws -> Artifact {
        try waiting { try await $0.logArtifact(file, named: name) }
    }

    /// See ``RunLogger/finish()``.
    @discardableResult
    @available(*, noasync)
    public func finish() throws -> ExperimentRun { try waiting { try await $0.finish() } }

    /// See ``RunLogger/fail(_:)``.
    @discardableResult
    @available(*, noasync)
    public func fail(_ error: any Error) throws -> ExperimentRun {
        try waiting { try await $0.fail(error) }
    }

    /// See ``RunLogger/cancel()``.
    @discardableResult
    @available(*, noasync)
    public func cancel() throws -> ExperimentRun { try waiting { try await $0.cancel() } }

    private func waiting<Value: Sendable>(
        _ work: @escaping @Sendable (RunLogger) async throws -> Value
    ) throws -> Value { try waiting(in: base.workspace.store, work) }
}
