/// What the maker of an API key could do when it was made.
///
/// The rights of the key are the smaller of these and those of its user now.
public struct APIKeyLimits: Sendable, Hashable, Codable {
    /// The maker's role in the organization.
    public let role: OrganizationRole
    /// The maker's own roles in projects, which count below the role `admin`.
    public let projects: [Identifier<Project>: ProjectRole]
    /// Whether the key is valid beyond the end of the key that issued it, which it replaced.
    package internal(set) var outlivesIssuer: Bool
    /// Who made the key, or holds the secret since a rotation; `nil` for the system.
    package internal(set) var maker: Identifier<User>?

    package init(
        role: OrganizationRole, projects: [Identifier<Project>: ProjectRole] = [:],
        outlivesIssuer: Bool = false, maker: Identifier<User>? = nil
    ) {
        self.role = role
        self.projects = projects
        self.outlivesIssuer = outlivesIssuer
        self.maker = maker
    }

    /// No limits: the maker was an owner of the organization, or the system.
    package static let none = APIKeyLimits(role: .owner)

    /// Whether the maker had roles in projects only, instead of being the owner of all.
    var areByProject: Bool { role < .admin }

    /// The smaller of both, in the organization and in each project, with the other's maker.
    package func bounded(by other: APIKeyLimits) -> APIKeyLimits {
        let roles: [Identifier<Project>: ProjectRole]
        switch (areByProject, other.areByProject) {
        case (true, true):
            let both = projects.filter { other.projects[$0.key] != nil }
            roles = both.merging(
                other.projects.filter { both[$0.key] != nil }, uniquingKeysWith: min)
        case (true, false): roles = projects
        case (false, true): roles = other.projects
        case (false, false): roles = [:]
        }
        return APIKeyLimits(
            role: min(role, other.role), projects: roles, outlivesIssuer: outlivesIssuer,
            maker: other.maker)
    }

    /// The limits with the role of an owner in more projects.
    func owning(_ owned: [Identifier<Project>]) -> APIKeyLimits {
        let roles = owned.reduce(into: projects) { $0[$1] = .owner }
        return APIKeyLimits(
            role: role, projects: roles, outlivesIssuer: outlivesIssuer, maker: maker)
    }
}

extension APIKeyLimits: JSONConvertible {
    /// An object with `role` and `projects`, and `outlives_issuer` and `maker` if they are set.
    public var json: JSONValue {
        let roles = projects.map { ($0.key.description, JSONValue.string($0.value.rawValue)) }
        var members: [String: JSONValue] = [
            "role": .string(role.rawValue),
            "projects": .object(Dictionary(uniqueKeysWithValues: roles)),
        ]
        if outlivesIssuer { members["outlives_issuer"] = true }
        members["maker"] = maker.map { .string($0.description) }
        return .object(members)
    }

    /// Reads the JSON form back.
    ///
    /// - Throws: `.corrupt` when a member is missing or of another type.
    public init(json: JSONValue) throws {
        guard let role = json["role"]?.string.flatMap(OrganizationRole.init(rawValue:)),
            let members = json["projects"]?.object
        else { throw Self.corrupt }
        let roles = try members.map { project, role in
            guard let project = Identifier<Project>(project),
                let role = role.string.flatMap(ProjectRole.init(rawValue:))
            else { throw Self.corrupt }
            return (project, role)
        }
        self.init(
            role: role, projects: Dictionary(roles, uniquingKeysWith: min),
            outlivesIssuer: json["outlives_issuer"] == true,
            maker: json["maker"]?.string.flatMap { Identifier($0) })
    }

    private static var corrupt: StoreError {
        StoreError(
            .corrupt, "The limits of an API key are not in the form that the library writes.",
            entity: APIKey.entityName, field: "limits")
    }
}
