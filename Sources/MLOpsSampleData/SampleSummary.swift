public import MLOpsCore

/// The rows that ``SampleData`` inserted, and access to them.
public struct SampleSummary: Sendable {
    /// The organization.
    public let organizationID: Identifier<Organization>
    /// The admin, who owns the organization.
    public let adminID: Identifier<User>
    /// The data scientist, who trains the models.
    public let dataScientistID: Identifier<User>
    /// The ML engineer, who runs the deployments.
    public let engineerID: Identifier<User>
    /// The workspace of the admin.
    public let workspace: Workspace
    /// The number of the organization's rows in each table, by table name.
    public let counts: [String: Int]

    init(
        of organization: Identifier<Organization>, in tx: any Transaction, by access: SystemAccess
    ) throws {
        func find(_ person: SamplePerson) throws -> Identifier<User> {
            guard let user = try tx.users.withEmail(person.email) else {
                throw StoreError(
                    .notFound, "\(person.email), who belongs to the sample, is gone.",
                    entity: User.entityName)
            }
            return user.id
        }
        organizationID = organization
        adminID = try find(.admin)
        dataScientistID = try find(.dataScientist)
        engineerID = try find(.engineer)
        workspace = access.workspace(organization, as: .user(adminID))
        counts = try Self.counts(in: tx.scoped(to: organization, as: .user(adminID)))
    }

    private static func counts(in tx: any Transaction) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        func count<Record: TableMapped>(_ type: Record.Type) throws {
            counts[Record.table.name] = try tx.repository(of: type).count()
        }
        for record in Schema.records { try count(record) }
        return counts
    }
}
