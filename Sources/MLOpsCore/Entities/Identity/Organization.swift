public import Foundation

/// A tenant; rows other than users belong to one.
public struct Organization: SoftDeletable {
    /// The name of a row in messages.
    public static let entityName = "organization"

    /// The key.
    public package(set) var id: Identifier<Organization>
    /// Its name.
    public var name: String
    /// Its name in paths and commands, unique among organizations; kept in the form of ``Slug``.
    public var slug: String {
        didSet { slug = Slug.normalized(slug) }
    }
    /// A description.
    public var description: String?
    /// The address for invoices; kept in the form of ``EmailAddress``.
    public var billingEmail: String? {
        didSet { billingEmail = billingEmail.map(EmailAddress.normalized) }
    }
    /// The subscription plan.
    public var subscriptionPlan: SubscriptionPlan
    /// The state of the subscription.
    public var subscriptionStatus: SubscriptionStatus
    /// Whether its members may work in it.
    public var isActive: Bool
    /// The largest number of members, at least 1; `nil` is no limit.
    public var maxUsers: Int?
    /// The largest number of projects, at least 1; `nil` is no limit.
    public var maxProjects: Int?
    /// The largest number of models, at least 1; `nil` is no limit.
    public var maxModels: Int?
    /// Settings, as a JSON object.
    public var settings: JSONValue
    /// Who made the organization, or `nil` for the system.
    public package(set) var createdBy: Identifier<User>?
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

    /// Makes an organization that is not stored yet; the slug defaults to one of the name.
    public init(
        id: Identifier<Organization> = Identifier(),
        name: String,
        slug: String? = nil,
        description: String? = nil,
        billingEmail: String? = nil,
        subscriptionPlan: SubscriptionPlan = .starter,
        subscriptionStatus: SubscriptionStatus = .active,
        isActive: Bool = true,
        maxUsers: Int? = nil,
        maxProjects: Int? = nil,
        maxModels: Int? = nil,
        settings: JSONValue = [:],
        createdBy: Identifier<User>? = nil,
        createdAt: Date = .now
    ) {
        self.id = id
        self.name = name
        self.slug = Slug.normalized(slug ?? name)
        self.description = description
        self.billingEmail = billingEmail.map(EmailAddress.normalized)
        self.subscriptionPlan = subscriptionPlan
        self.subscriptionStatus = subscriptionStatus
        self.isActive = isActive
        self.maxUsers = maxUsers
        self.maxProjects = maxProjects
        self.maxModels = maxModels
        self.settings = settings
        self.createdBy = createdBy
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
    }
}

/// The subscription plan of an organization.
public enum SubscriptionPlan: String, TextEnumeration {
    /// The smallest plan.
    case starter
    /// The plan for teams.
    case professional
    /// The plan for companies.
    case enterprise
}

/// The state of an organization's subscription.
public enum SubscriptionStatus: String, TextEnumeration {
    /// In force.
    case active
    /// Ended.
    case inactive
    /// Paused.
    case suspended
}
