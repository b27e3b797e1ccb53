extension RunLogger {
    /// Sets tags by name; other tags stay.
    ///
    /// - Throws: `.invalidValue` for a tag that begins with `mlops.`: the library gives these a
    ///   meaning, and has methods that set them.
    public func setTags(_ tags: [String: String]) async throws {
        try RunMark.checkUnreserved(tags)
        try await merge(tags: tags)
    }

    /// Sets the note of the run, which is for people; `nil` removes it.
    public func setNote(_ note: String?) async throws {
        try await merge(tags: [RunMark.note: note])
    }

    /// Puts the run into a group that it is compared within; `nil` takes it out.
    public func setGroup(_ group: String?) async throws {
        try await merge(tags: [RunMark.group: group])
    }

    /// Sets a mark of the run; see ``ExperimentRun/marks``.
    public func mark(_ mark: String) async throws {
        try await merge(tags: [RunMark.mark + mark: "true"])
    }

    /// Removes a mark of the run.
    public func unmark(_ mark: String) async throws {
        try await merge(tags: [RunMark.mark + mark: nil])
    }

    /// Marks that training stops before its planned end.
    ///
    /// The run goes on; end it as always.
    ///
    /// - Parameters:
    ///   - reason: Why, such as `loss has not improved for 10 epochs`.
    ///   - step: The last step.
    public func markEarlyStopped(reason: String, step: Int? = nil) async throws {
        try await merge(tags: [
            RunMark.earlyStopped: reason, RunMark.earlyStoppedStep: step.map { "\($0)" },
        ])
    }

    private func merge(tags: [String: String?]) async throws {
        try await workspace.write { [id] tx in
            var run = try tx.runs.find(id)
            for (name, value) in tags { run.tags[name] = value }
            try tx.runs.update(run)
        }
    }

    /// Adds parameters that are known only now.
    ///
    /// Parameters inside others are added too: `["optimizer": ["beta": 0.9]]` leaves the other
    /// members of `optimizer`. A parameter that has this value already stays.
    ///
    /// - Throws: `.conflict` that names the parameter, when it has another value; nothing is added
    ///   then. `.invalidValue` for parameters that do not encode to a JSON object.
    public func setParameters(_ parameters: some Encodable & Sendable) async throws {
        let added = try JSONValue.parameters(parameters)
        try await workspace.write { [id] tx in
            var run = try tx.runs.find(id)
            let merged = try run.parameters.adding(added.namingKeys(), path: [])
            guard merged != run.parameters else { return }
            run.parameters = merged
            try tx.runs.update(run)
        }
    }

    /// Adds parameters of several types that are known only now.
    ///
    /// They are added as other parameters are, with the same errors.
    @_disfavoredOverload
    public func setParameters(_ parameters: NamedValues) async throws {
        // A document, so that the other form is called.
        let document = try JSONValue(encoding: parameters)
        try await setParameters(document)
    }
}

extension RunMark {
    /// Checks tags that a program gives.
    ///
    /// - Throws: `.invalidValue` that names the first reserved one.
    static func checkUnreserved(_ tags: [String: String]) throws {
        guard let reserved = tags.keys.filter({ $0.hasPrefix(prefix) }).min() else { return }
        throw StoreError(
            .invalidValue,
            "The tag \(reserved) is reserved: the library sets tags that begin with \(prefix). "
                + "See setNote, setGroup and markEarlyStopped of the run's logger.",
            entity: ExperimentRun.entityName, field: "tags")
    }

    /// The tags of a new run.
    static func tags(
        _ tags: [String: String], note: String?, group: String?
    ) throws -> [String: String] {
        try checkUnreserved(tags)
        var tags = tags
        tags[Self.note] = note
        tags[Self.group] = group
        return tags
    }
}

extension JSONValue {
    /// The JSON object of a run's parameters.
    ///
    /// - Throws: `.invalidValue` for another document; the errors of ``init(encoding:)``.
    static func parameters(_ value: some Encodable) throws -> JSONValue {
        let document = try JSONValue(encoding: value)
        guard case .object = document else {
            throw StoreError(
                .invalidValue, "Parameters have to encode to a JSON object, with a name for each.",
                entity: ExperimentRun.entityName, field: "parameters")
        }
        return document
    }

    /// The document with the members of another one, at every depth.
    ///
    /// - Throws: `.conflict` that names the first member with two values.
    fileprivate func adding(_ other: JSONValue, path: [String]) throws -> JSONValue {
        if case .object(var members) = self, case .object(let added) = other {
            for (key, value) in added.sorted(by: { $0.key < $1.key }) {
                members[key] = try members[key]?.adding(value, path: path + [key]) ?? value
            }
            return .object(members)
        }
        guard try comparableText() == other.comparableText() else {
            throw StoreError(
                .conflict,
                "The parameter \(path.joined(separator: ".")) of the run has another value already;"
                    + " parameters are added, not changed.",
                entity: ExperimentRun.entityName, field: path.joined(separator: "."))
        }
        return self
    }
}
