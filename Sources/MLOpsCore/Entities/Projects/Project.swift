public import Foundation

/// A project: the place of models, experiments and deployments in an organization.
public struct Project: TenantOwned, SoftDeletable, Authored {
    /// What one row is called in messages.
    public static let entityName = "project"

    /// The key.
    public package(set) var id: Identifier<Project>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization>
    /// Its name.
    public var name: String
    /// Its name in paths and commands, unique in the organization; kept in the form of ``Slug``.
    public var slug: String {
        didSet { slug = Slug.normalized(slug) }
    }
    /// What it is for.
    public var description: String?
    /// Who may see it.
    public var visibility: ProjectVisibility
    /// Whether it is worked on.
    public var isActive: Bool
    /// Settings, as a JSON object.
    public var settings: JSONValue
    /// Who made it; filled in on insert.
    public package(set) var createdBy: Identifier<User>
    /// When it was made.
    public package(set) var createdAt: Date
    /// When it last changed.
    public package(set) var updatedAt: Date
    /// When it was deleted.
    public package(set) var deletedAt: Date?
    /// The deletion that took it.
    public package(set) var deletionID: Identifier<Deletion>?
    /// How often it was written.
    public package(set) var revision: Int

    /// Makes a project that is not stored yet; without a slug it is made from the name.
    public init(
        id: Identifier<Project> = Identifier(),
        name: String,
        slug: String? = nil,
        description: String? = nil,
        visibility: ProjectVisibility = .private,
        isActive: Bool = true,
        settings: JSONValue = [:],
        createdAt: Date = .now
    ) {
        self.id = id
        organizationID = .unassigned
        self.name = name
        self.slug = Slug.normalized(slug ?? name)
        self.description = description
        self.visibility = visibility
        self.isActive = isActive
        self.settings = settings
        createdBy = .unassigned
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
        deletedAt = nil
        deletionID = nil
        revision = 1
    }
}

/// Who may see a project.
public enum ProjectVisibility: String, TextEnumeration {
    /// Its members, and the organization's owners and admins.
    case `private`
    /// Every member of the organization.
    case organization
}
