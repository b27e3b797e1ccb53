public import Foundation

/// A project, which groups models, experiments and deployments of an organization.
public struct Project: TenantOwned, SoftDeletable, Authored {
    /// The name of a row in messages.
    public static let entityName = "project"

    /// The key.
    public package(set) var id: Identifier<Project>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization> = .unassigned
    /// Its name.
    public var name: String
    /// Its name in paths and commands, unique in the organization; kept in the form of ``Slug``.
    public var slug: String {
        didSet { slug = Slug.normalized(slug) }
    }
    /// Its purpose.
    public var description: String?
    /// Who may see it.
    public var visibility: ProjectVisibility
    /// Whether it is in use.
    public var isActive: Bool
    /// Settings, as a JSON object.
    ///
    /// The member `promotion` holds the policies that `setPromotionPolicy` sets, and which no other
    /// call changes.
    public var settings: JSONValue
    /// Who made it; filled in on insert.
    public package(set) var createdBy: Identifier<User> = .unassigned
    /// When it was made.
    public package(set) var createdAt: Date
    /// When it last changed.
    public package(set) var updatedAt: Date
    /// When it was deleted.
    public package(set) var deletedAt: Date?
    /// The deletion that it was part of.
    public package(set) var deletionID: Identifier<Deletion>?
    /// The revision: 1 after the insert, one more after each change.
    public package(set) var revision: Int = 1

    /// Makes a project that is not stored yet; the slug defaults to one of the name.
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
        self.name = name
        self.slug = Slug.normalized(slug ?? name)
        self.description = description
        self.visibility = visibility
        self.isActive = isActive
        self.settings = settings
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
    }
}

/// Who may see a project.
public enum ProjectVisibility: String, TextEnumeration {
    /// Its members, and the organization's owners and admins.
    case `private`
    /// Every member of the organization.
    case organization
}

extension Project {
    /// The member of the settings that holds the policies.
    static let promotionKey = "promotion"

    /// The policies of models that have none of their own.
    public var promotionPolicies: PromotionPolicies {
        settings[Self.promotionKey].map(PromotionPolicies.init(damaged:)) ?? PromotionPolicies()
    }
}
