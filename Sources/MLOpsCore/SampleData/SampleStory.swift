import Foundation

/// Writes the sample organization part by part, inside one transaction.
///
/// Each row is inserted, and changed later on, by the person and at the time that the story says;
/// what happened is noted and becomes the audit trail at the end.
struct SampleStory {
    let tx: any Transaction
    let seed: UInt64
    let start: Date
    var random: SampleRandom
    let organization: Identifier<Organization>
    let admin: Identifier<User>
    let scientist: Identifier<User>
    let engineer: Identifier<User>
    private var trail: [AuditLog] = []

    init(_ tx: any Transaction, seed: UInt64, start: Date) {
        self.tx = tx
        self.seed = seed
        self.start = start
        random = SampleRandom(seed: seed)
        let foundation = start.addingTimeInterval(-60 * 86_400)
        organization = random.identifier(at: foundation)
        admin = random.identifier(at: foundation)
        scientist = random.identifier(at: foundation)
        engineer = random.identifier(at: foundation)
    }

    /// Writes everything.
    mutating func tell() throws {
        try makePeople()
        let projects = try makeProjects()
        let keys = try makeAPIKeys(projects)
        let notifications = try makeChannels()
        let models = try makeModels(projects)
        let runs = try makeExperiments(projects, models)
        let versions = try makeVersions(models, runs)
        let service = try makeDeployments(projects, versions, keys)
        let rules = try makeRules(projects, notifications, service)
        let measurements = try makeMonitoring(service)
        let drift = try makeDriftReports(service)
        try raiseAlerts(service, runs, rules, measurements, drift)
        try writeTrail()
    }

    // MARK: Times and hands

    /// A time of the sample week; Monday is day 0, and what came before has negative days.
    func time(_ day: Int, _ hour: Int, _ minute: Int = 0) -> Date {
        start.addingTimeInterval(Double((day * 24 + hour) * 3600 + minute * 60))
    }

    mutating func id<Entity>(_ date: Date) -> Identifier<Entity> { random.identifier(at: date) }

    /// The transaction as one person used it at a time, which changes are stamped with.
    func view(_ user: Identifier<User>, _ date: Date) throws -> any Transaction {
        guard let tx = tx as? SQLTransaction, tx.organizationID == nil else {
            throw StoreError(.permissionDenied, "The sample needs system access to a SQL store.")
        }
        let access = Access(organizationID: organization, actor: .user(user))
        // Ends with the body that `tx` was handed to: no view outlives the call that asks for it.
        return SQLTransaction(tx.connection, access: access, kind: tx.kind, now: date)
    }

    /// Stores a row in the name of the person who made it, at the time it says, and notes that.
    @discardableResult
    mutating func insert<Record: Mutable>(
        _ record: Record, by user: Identifier<User>
    ) throws -> Record {
        let view = try view(user, record.createdAt)
        let stored = try view.repository(of: Record.self).insert(record)
        note("create", Record.self, stored.id, by: user, at: record.createdAt)
        return stored
    }

    // MARK: The audit trail

    /// Notes what somebody did, for the audit trail.
    mutating func note<Record: Entity>(
        _ action: String, _ type: Record.Type, _ id: Identifier<Record>, by user: Identifier<User>,
        at date: Date, key: Identifier<APIKey>? = nil, _ details: JSONValue = [:]
    ) {
        trail.append(
            AuditLog(
                id: random.identifier(at: date), user: user, apiKey: key, action: action,
                resourceType: Record.entityName, resourceID: id.description, details: details,
                // Addresses for documentation, RFC 5737.
                ipAddress: user == admin
                    ? "192.0.2.10" : user == scientist ? "192.0.2.20" : "192.0.2.30",
                createdAt: date))
    }

    /// One changed field, as the details of an audit entry have it.
    static func change(_ field: String, _ before: JSONValue, _ after: JSONValue) -> JSONValue {
        [field: ["before": before, "after": after]]
    }

    /// Stores the notes in order of time, as the chain needs them.
    private func writeTrail() throws {
        let ordered = trail.enumerated().sorted {
            ($0.element.createdAt, $0.offset) < ($1.element.createdAt, $1.offset)
        }
        let view = try tx.scoped(to: organization, as: .user(admin))
        try view.auditLogs.insert(contentsOf: ordered.map(\.element))
    }
}
