// The same calls for parameters of several types, written as one literal: without these overloads
// such a literal needs `as`. They are disfavored, since a literal of numbers suits both forms.

extension Workspace {
    /// Starts a run with parameters of several types.
    ///
    /// ```swift
    /// let run = try await workspace.startRun(
    ///     project: "Digits", experiment: "sweep",
    ///     parameters: ["learning_rate": 0.1, "layers": [64, 32], "optimizer": name])
    /// ```
    ///
    /// See the form for any encodable value for the parameters and errors.
    @_disfavoredOverload
    public func startRun(
        project: String, experiment: String, name: String? = nil, parameters: NamedValues,
        tags: [String: String] = [:], note: String? = nil, group: String? = nil,
        parent: Identifier<ExperimentRun>? = nil, options: TrackingOptions = TrackingOptions()
    ) async throws -> RunLogger {
        // A document, so that the other form is called.
        let parameters = try JSONValue(encoding: parameters)
        return try await startRun(
            project: project, experiment: experiment, name: name, parameters: parameters,
            tags: tags, note: note, group: group, parent: parent, options: options)
    }

    /// Runs a body as a run with parameters of several types, and ends the run with it.
    ///
    /// See the form for any encodable value for the parameters and errors.
    @_disfavoredOverload
    public func withRun<Value>(
        project: String, experiment: String, name: String? = nil, parameters: NamedValues,
        tags: [String: String] = [:], note: String? = nil, group: String? = nil,
        parent: Identifier<ExperimentRun>? = nil, options: TrackingOptions = TrackingOptions(),
        _ body: (RunLogger) async throws -> sending Value
    ) async throws -> sending Value {
        let parameters = try JSONValue(encoding: parameters)
        return try await withRun(
            project: project, experiment: experiment, name: name, parameters: parameters,
            tags: tags, note: note, group: group, parent: parent, options: options, body)
    }
}

extension RunLogger {
    /// Runs a body as a child run of this one, with parameters of several types.
    @_disfavoredOverload
    public func withChild<Value>(
        name: String? = nil, parameters: NamedValues, tags: [String: String] = [:],
        note: String? = nil, group: String? = nil,
        _ body: (RunLogger) async throws -> sending Value
    ) async throws -> sending Value {
        let parameters = try JSONValue(encoding: parameters)
        return try await withChild(
            name: name, parameters: parameters, tags: tags, note: note, group: group, body)
    }
}
