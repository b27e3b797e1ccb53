/// What a program may do with an API key.
public struct APIKeyPermissions: Sendable, Hashable, Codable {
    /// The actions allowed on each kind of resource, such as `["models": ["read", "write"]]`.
    public var scopes: [String: [String]]

    /// The projects the key is limited to, or `nil` for every project of its user.
    public var projects: [Identifier<Project>]?

    /// Allows these actions; without arguments, nothing.
    public init(scopes: [String: [String]] = [:], projects: [Identifier<Project>]? = nil) {
        self.scopes = scopes
        self.projects = projects
    }
}

extension APIKeyPermissions: JSONConvertible {
    /// An object of `scopes`, with the actions by resource, and `projects`, which is left out when
    /// there is no limit.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "scopes": .object(scopes.mapValues { .array($0.map(JSONValue.string)) })
        ]
        if let projects { members["projects"] = .array(projects.map { .string($0.description) }) }
        return .object(members)
    }

    /// Reads the JSON form back; an empty object allows nothing.
    ///
    /// - Throws: `.corrupt` when a member is of another type.
    public init(json: JSONValue) throws {
        guard let members = json.object else { throw Self.corrupt }
        scopes = try (members["scopes"] ?? [:]).checked(\.object).mapValues { actions in
            try actions.checked(\.array).map { try $0.checked(\.string) }
        }
        projects = try members["projects"]?.checked(\.array).map { element in
            guard let project = Identifier<Project>(try element.checked(\.string)) else {
                throw Self.corrupt
            }
            return project
        }
    }

    fileprivate static var corrupt: StoreError {
        StoreError(
            .corrupt, "The permissions of an API key are not in the form that the library writes.",
            entity: APIKey.entityName, field: "permissions")
    }
}

extension JSONValue {
    fileprivate func checked<Value>(_ value: (JSONValue) -> Value?) throws -> Value {
        guard let value = value(self) else { throw APIKeyPermissions.corrupt }
        return value
    }
}
