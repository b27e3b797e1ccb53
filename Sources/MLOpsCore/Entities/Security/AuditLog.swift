public import Foundation

/// An entry of the audit trail, which outlives what it describes: who did what to which row.
public struct AuditLog: Entity {
    /// What one row is called in messages.
    public static let entityName = "audit log"

    /// The key.
    public package(set) var id: Identifier<AuditLog>
    /// The organization, or `nil` for the system itself; the workspace's on insert.
    public package(set) var organizationID: Identifier<Organization>?
    /// Who acted; the workspace's user on insert when `nil`.
    public package(set) var userID: Identifier<User>?
    /// The key they acted with; the workspace's on insert when `nil`.
    public package(set) var apiKeyID: Identifier<APIKey>?
    /// What was done, such as `model.update`.
    public package(set) var action: String
    /// The kind of row it was done to, such as `model_version`.
    public package(set) var resourceType: String
    /// The id of that row.
    public package(set) var resourceID: String?
    /// What is known of it, as a JSON object.
    ///
    /// `changes` holds the changed fields by column, each with its value `before` (unless the row
    /// is new) and `after`. Times are microseconds since 1970; secrets and personal data are
    /// `[redacted]`. A value over 1 KiB is replaced by its `sha256` and `bytes`. `rows` counts, by
    /// table, the rows of a deletion, restoration or purge. `count` is the number of rows of a
    /// batch. `reason` is the reason for a system access.
    public package(set) var details: JSONValue
    /// Where the request came from.
    public package(set) var ipAddress: String?
    /// The program that made the request.
    public package(set) var userAgent: String?
    /// The place in the organization's chain, from 1; 0 until it is inserted.
    public package(set) var sequence: Int
    /// The hash of the entry before, or `nil` for the first.
    public package(set) var previousHash: String?
    /// The hash of this entry, from ``chainHash()``; empty until it is inserted.
    public package(set) var hash: String
    /// When it was made.
    public package(set) var createdAt: Date

    /// Makes an entry that is not stored yet.
    public init(
        id: Identifier<AuditLog> = Identifier(),
        organization: Identifier<Organization>? = nil,
        user: Identifier<User>? = nil,
        apiKey: Identifier<APIKey>? = nil,
        action: String,
        resourceType: String,
        resourceID: String? = nil,
        details: JSONValue = [:],
        ipAddress: String? = nil,
        userAgent: String? = nil,
        createdAt: Date = .now
    ) {
        self.id = id
        organizationID = organization
        userID = user
        apiKeyID = apiKey
        self.action = action
        self.resourceType = resourceType
        self.resourceID = resourceID
        self.details = details
        self.ipAddress = ipAddress
        self.userAgent = userAgent
        sequence = 0
        previousHash = nil
        hash = ""
        self.createdAt = createdAt.roundedToMicroseconds
    }
}
