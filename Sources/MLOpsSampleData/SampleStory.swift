import Foundation
import MLOpsCore

/// Writes the sample organization in one transaction, part by part.
///
/// Each row is inserted and changed by the right user at the right time, so that the audit trail,
/// which the store writes itself, is consistent with the rows.
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
        let rules = makeRules(projects, notifications, service)
        let measurements = try makeMonitoring(service)
        let drift = try makeDriftReports(service)
        try raiseAlerts(service, runs, rules, measurements, drift)
        // Rules of a story that is over must not send it.
        for rule in rules.rows { try insert(rule, by: engineer) }
        try finishTrail()
    }

    // MARK: Times and users

    /// A time of the sample week; Monday is day 0, and earlier days are negative.
    func time(_ day: Int, _ hour: Int, _ minute: Int = 0) -> Date {
        start.addingTimeInterval(Double((day * 24 + hour) * 3600 + minute * 60))
    }

    mutating func id<Entity>(_ date: Date) -> Identifier<Entity> { random.identifier(at: date) }

    /// The transaction in the name of a user, with another time for its changes.
    func view(
        _ user: Identifier<User>, _ date: Date, key: Identifier<APIKey>? = nil
    ) throws -> any Transaction {
        let principal = key.map { Principal.apiKey($0, user: user) } ?? .user(user)
        return try tx.engine.scoped(to: organization, as: principal, at: date)
    }

    /// The transaction under system access, with another time.
    func system(_ date: Date) throws -> any Transaction { try tx.engine.at(date) }

    /// Stores a row in the name of a user, at its creation time.
    @discardableResult
    func insert<Record: Mutable>(
        _ record: Record, by user: Identifier<User>
    ) throws -> Record {
        let rows = try view(user, record.createdAt).repository(of: Record.self)
        return try rows.insert(history: [Historical(record)])[0]
    }

    // MARK: The audit trail

    /// Replaces the ids of the audit entries by ids of the seed, and sets IP addresses.
    private mutating func finishTrail() throws {
        try tx.engine.withTrail { trail in
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
