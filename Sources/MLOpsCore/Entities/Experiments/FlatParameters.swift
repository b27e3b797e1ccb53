extension ExperimentRun {
    /// The parameters by name; a nested one has the names on the way to it, with dots between.
    public var flatParameters: [String: JSONValue] { parameters.flattened }
}

extension JSONValue {
    /// The members of an object by name, those of objects in it as `outer.inner`.
    public var flattened: [String: JSONValue] {
        var flat: [String: JSONValue] = [:]
        func add(_ value: JSONValue, under name: String) {
            guard case .object(let members) = value, !members.isEmpty else {
                flat[name] = value
                return
            }
            for (key, member) in members { add(member, under: "\(name).\(key)") }
        }
        for (key, member) in object ?? [:] { add(member, under: key) }
        return flat
    }
}
