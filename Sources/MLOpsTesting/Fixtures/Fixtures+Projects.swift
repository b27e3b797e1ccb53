public import MLOpsCore

extension Fixtures {
    /// A user; insert it under system access.
    public static func user(
        _ number: Int = 1, email: String? = nil, firstName: String = "Ada",
        lastName: String = "Lovelace", isActive: Bool = true
    ) -> User {
        User(
            id: id(User.self, number), email: email ?? "user\(number)@example.com",
            firstName: firstName, lastName: lastName, isActive: isActive, createdAt: date)
    }

    /// An organization; insert it under system access.
    public static func organization(
        _ number: Int = 1, name: String? = nil, slug: String? = nil, maxUsers: Int? = nil,
        maxProjects: Int? = nil, maxModels: Int? = nil
    ) -> Organization {
        Organization(
            id: id(Organization.self, number), name: name ?? "Organization \(number)", slug: slug,
            maxUsers: maxUsers, maxProjects: maxProjects, maxModels: maxModels, createdAt: date)
    }

    /// A membership of a user in the workspace's organization.
    public static func membership(
        _ number: Int = 1, of user: Identifier<User>, role: OrganizationRole = .member
    ) -> OrganizationMembership {
        OrganizationMembership(
            id: id(OrganizationMembership.self, number), user: user, role: role, joinedAt: date,
            createdAt: date)
    }

    /// A project.
    public static func project(
        _ number: Int = 1, name: String? = nil, slug: String? = nil,
        visibility: ProjectVisibility = .organization, settings: JSONValue = [:]
    ) -> Project {
        Project(
            id: id(Project.self, number), name: name ?? "Project \(number)", slug: slug,
            description: "A project of the fixtures.", visibility: visibility, settings: settings,
            createdAt: date)
    }

    /// A membership of a user in a project.
    public static func projectMember(
        _ number: Int = 1, of user: Identifier<User>, in project: Identifier<Project>,
        role: ProjectRole = .contributor
    ) -> ProjectMember {
        ProjectMember(
            id: id(ProjectMember.self, number), project: project, user: user, role: role,
            createdAt: date)
    }
}
