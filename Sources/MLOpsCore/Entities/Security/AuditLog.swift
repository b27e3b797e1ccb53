public import Foundation

/// An entry of the audit trail: who did what to which row.
///
/// It is kept when the row is purged.
public struct AuditLog: Entity {
    /// The name of a row in messages.
    public static let entityName = "audit log"

    /// The key.
    public package(set) var id: Identifier<AuditLog>
    /// The organization, or `nil` for the system itself; in a workspace, set on insert.
    public package(set) var organizationID: Identifier<Organization>?
    /// Who acted; in a workspace, set to its user on insert.
    public package(set) var userID: Identifier<User>?
    /// The API key that was used; in a workspace, set to its key on insert.
    public package(set) var apiKeyID: Identifier<APIKey>?
    /// The action, such as `model.update`.
    public package(set) var action: String
    /// The kind of the row, such as `model_version`.
    public package(set) var resourceType: String
    /// The id of the row.
    public package(set) var resourceID: String?
    /// Details of the action, as a JSON object.
    ///
    /// `changes` holds the changed fields by column, each with its value `before` (unless the row
    /// is new) and `after`. Times are microseconds since 1970; secrets and personal data are
    /// `[redacted]`. A value over 1 KiB is replaced by its `sha256` and `bytes`. `rows` counts, by
    /// table, the rows of a deletion, restoration or purge. `count` is the number of rows of a
    /// batch. `reason` is the reason for a system access.
    public package(set) var details: JSONValue
    /// The IP address of the request.
    public package(set) var ipAddress: String?
    /// The program that made the request.
    public package(set) var userAgent: String?
    /// The sequence number in its chain, from 1; 0 before the insert.
    public package(set) var sequence: Int = 0
    /// The hash of the previous entry, or `nil` for the first.
    public package(set) var previousHash: String?
    /// The hash of this entry, from ``chainHash()``; empty before the insert.
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
        hash = ""
        self.createdAt = createdAt.roundedToMicroseconds
    }
}
