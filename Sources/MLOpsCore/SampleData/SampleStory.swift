import Foundation

/// Writes the sample organization part by part, inside one transaction.
///
/// Each row is inserted, and changed later on, by the person and at the time that the story says,
/// so that the audit trail, which the store writes by itself, tells it too.
struct SampleStory {
    let tx: any Transaction
    let seed: UInt64
    let start: Date
    var random: SampleRandom
    let organization: Identifier<Organization>
    let admin: Identifier<User>
    let scientist: Identifier<User>
    let engineer: Identifier<User>

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
        try finishTrail()
    }

    // MARK: Times and hands

    /// A time of the sample week; Monday is day 0, and what came before has negative days.
    func time(_ day: Int, _ hour: Int, _ minute: Int = 0) -> Date {
        start.addingTimeInterval(Double((day * 24 + hour) * 3600 + minute * 60))
    }

    mutating func id<Entity>(_ date: Date) -> Identifier<Entity> { random.identifier(at: date) }

    /// The transaction as one person used it at a time, which changes are stamped with.
    func view(
        _ user: Identifier<User>, _ date: Date, key: Identifier<APIKey>? = nil
    ) throws -> SQLTransaction {
        let principal = key.map { Principal.apiKey($0, user: user) } ?? .user(user)
        return try engine().scoped(to: organization, as: principal, at: date)
    }

    /// The transaction as the system used it at a time.
    func system(_ date: Date) throws -> any Transaction { try engine().at(date) }

    private func engine() throws -> SQLTransaction {
        guard let tx = tx as? SQLTransaction, tx.organizationID == nil else {
            throw StoreError(.permissionDenied, "The sample needs system access to a SQL store.")
        }
        return tx
    }

    /// Stores a row in the name of the person who made it, at the time it says.
    @discardableResult
    mutating func insert<Record: StoredMutable>(
        _ record: Record, by user: Identifier<User>
    ) throws -> Record {
        try SQLRepository<Record>(view(user, record.createdAt)).store(record, from: .engine)
    }

    // MARK: The audit trail

    /// Gives the entries of the trail ids of the seed, and the people addresses.
    private mutating func finishTrail() throws {
        try engine().withTrail { trail in
            for (index, entry) in trail.enumerated() {
                trail[index].id = random.identifier(at: entry.createdAt)
                // Addresses for documentation, RFC 5737.
                trail[index].ipAddress =
                    switch entry.userID {
                    case admin: "192.0.2.10"
                    case scientist: "192.0.2.20"
                    case engineer: "192.0.2.30"
                    default: nil
                    }
            }
        }
    }
}
