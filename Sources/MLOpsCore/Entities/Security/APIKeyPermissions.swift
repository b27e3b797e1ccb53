/// The permissions of an API key, which limit those of its user.
public struct APIKeyPermissions: Sendable, Hashable, Codable {
    /// The allowed actions (see ``PermissionAction``) on each resource.
    ///
    /// A resource is the name of a table, as in `["models": ["read", "write"]]`; `*` stands for
    /// every action or every resource.
    ///
    /// The right to write, delete or purge rows includes the right to read them.
    public var scopes: [String: [String]]

    /// The projects the key is limited to, or `nil` for every project of its user.
    public var projects: [Identifier<Project>]?

    /// Makes permissions; without arguments, they allow nothing.
    public init(scopes: [String: [String]] = [:], projects: [Identifier<Project>]? = nil) {
        self.scopes = scopes
        self.projects = projects
    }
}

extension APIKeyPermissions {
    /// Everything that the key's user may do.
    public static let everything = APIKeyPermissions(scopes: ["*": ["*"]])

    /// Whether the scopes allow an action on a resource.
    public func allows(_ action: PermissionAction, on resource: String) -> Bool {
        [resource, "*"].contains { name in
            guard let actions = scopes[name], !actions.isEmpty else { return false }
            return action == .read || actions.contains(action.rawValue) || actions.contains("*")
        }
    }

    /// What both permissions allow.
    public func intersection(_ others: APIKeyPermissions) -> APIKeyPermissions {
        var common: [String: [String]] = [:]
        for resource in Set(scopes.keys).union(others.scopes.keys) {
            common[resource] = PermissionAction.allCases.filter {
                allows($0, on: resource) && others.allows($0, on: resource)
            }.map(\.rawValue)
        }
        guard let limits = others.projects else {
            return APIKeyPermissions(scopes: common, projects: projects)
        }
        return APIKeyPermissions(
            scopes: common, projects: projects.map { $0.filter(Set(limits).contains) } ?? limits)
    }

    /// Whether these permissions allow nothing that the others do not.
    public func isWithin(_ others: APIKeyPermissions) -> Bool {
        for (resource, actions) in scopes {
            for action in PermissionAction.allCases
            where actions.contains(action.rawValue) || actions.contains("*") {
                guard others.allows(action, on: resource) else { return false }
            }
        }
        guard let limits = others.projects else { return true }
        return projects.map { Set($0).isSubset(of: limits) } ?? false
    }
}

extension APIKeyPermissions: JSONConvertible {
    /// An object with `scopes` and, if the key is limited to projects, `projects`.
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
