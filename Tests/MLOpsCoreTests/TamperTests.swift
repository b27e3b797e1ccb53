import CSQLite
import Foundation
import Testing

@testable import MLOpsCore
@testable import MLOpsTesting

/// Changes of the audit trail outside of the library are detected and located.
@Suite struct TamperTests {
    @Test func tenThousandTampersAreFound() async throws {
        let trail = try await TamperedTrail()
        let seed = randomSeed()
        print("TamperTests: seed \(seed)")
        var random = SplitMix64(seed: seed)
        for number in 0..<10_000 {
            let kinds = Tamper.allCases
            let tamper = kinds[number % kinds.count]
            let (report, first) = try trail.report(after: tamper, &random)
            #expect(
                report.firstBrokenSequence == first,
                "seed \(seed), tamper \(number), \(tamper)")
            if report.firstBrokenSequence != first { break }
        }
        #expect(try trail.report() == trail.intact)
    }

    /// The rest is intact; only the count and the last hash of an earlier report differ.
    @Test func aTailThatIsCutOffShowsInTheReportOnly() async throws {
        let trail = try await TamperedTrail()
        for count in 1...trail.length {
            let report = try trail.report { sequence in
                "DELETE FROM audit_logs WHERE \(trail.own) AND sequence > \(sequence - count)"
            }
            #expect(report.count == trail.length - count)
            // An organization that exists has an entry at least.
            #expect(report.firstBrokenSequence == (report.count == 0 ? 1 : nil))
            #expect(report.lastHash != trail.intact.lastHash)
        }
    }

    @Test func theTrailOfTheSystemIsNotEmptyWhileThereAreUsers() async throws {
        let trail = try await TamperedTrail()
        #expect(try trail.systemReport(after: "SELECT 1").isIntact)
        let emptied = try trail.systemReport(
            after: "DELETE FROM audit_logs WHERE organization_id IS NULL")
        #expect(emptied.count == 0 && emptied.firstBrokenSequence == 1)
    }

    @Test func triggersRefuseWhatIsNotAnInsert() async throws {
        let trail = try await TamperedTrail(dropsTriggers: false)
        for sql in [
            "UPDATE audit_logs SET action = 'x' WHERE \(trail.own) AND sequence = 1",
            "DELETE FROM audit_logs WHERE \(trail.own) AND sequence = 1",
            trail.replacing(id: "id", sequence: "sequence"),
            trail.replacing(id: "'\(Identifier<AuditLog>())'", sequence: "sequence"),
            trail.replacing(id: "id", sequence: "sequence + 1000"),
            trail.replacing(
                id: "'\(Identifier<AuditLog>())'", sequence: "sequence + 1000", rowid: "rowid"),
            // With this row, every later insert would look like the replacement of it.
            trail.replacing(
                id: "'\(Identifier<AuditLog>())'", sequence: "sequence + 1000", rowid: "-1"),
        ] {
            #expect(throws: StoreError.self) { try trail.report { _ in sql } }
        }
    }
}

extension TamperTests {
    @Test func theLargestNumberCrashesNothing() async throws {
        let trail = try await TamperedTrail(dropsTriggers: false)
        let sql = trail.replacing(
            id: "'\(Identifier<AuditLog>())'", sequence: "\(Int.max)")
        let report = try trail.report { _ in sql }
        #expect(report.firstBrokenSequence == trail.length + 1)
        #expect(errorCode { try trail.writeProject(after: sql) } == .corrupt)
    }
}

/// A way to change a trail.
enum Tamper: CaseIterable {
    case edited, editedWithItsHash, removed, inserted, insertedWithAHash, swapped, transplanted
    case renumbered, shifted, unreadable
}

/// The trails of two organizations, in a file without the library's triggers.
struct TamperedTrail {
    private let scratch: Scratch
    private let connection: SQLiteConnection
    private let organization: Identifier<Organization>
    private let other: Identifier<Organization>
    private let user: Identifier<User>
    private let entries: [AuditLog]
    let intact: AuditChainReport
    var length: Int { entries.count }

    init(dropsTriggers: Bool = true) async throws {
        scratch = try Scratch()
        let path = scratch.path("mlops.db")
        let context = try await ConformanceContext(try await SQLiteStore.open(path))
        let served = context.workspace.serving(
            RequestOrigin(ipAddress: "192.0.2.7", userAgent: "test/1"))
        let second = try await context.otherWorkspace(2)
        for workspace in [served, second] {
            for number in 1...12 {
                let project = Fixtures.project(workspace.origin == nil ? number + 100 : number)
                try await workspace.projects.insert(project)
            }
        }
        let key = try await context.key(1, ["*": ["*"]])
        try await context.open(key).projects.insert(Fixtures.project(50))
        (organization, other) = (served.organizationID, second.organizationID)
        user = served.principal.userID
        entries = try await served.auditLogs.all(order: { [$0.sequence.ascending] })
        intact = try await served.read { try $0.auditLogs.verifyChain() }
        try await context.store.close()
        connection = try SQLiteConnection(
            path: path, flags: SQLITE_OPEN_READWRITE, configuration: SQLiteConfiguration(),
            interruption: Interruption())
        guard dropsTriggers else { return }
        try connection.runScript(
            "DROP TRIGGER audit_logs_no_update; DROP TRIGGER audit_logs_no_delete")
    }

    /// The condition of the organization's entries.
    var own: String { "organization_id = '\(organization)'" }

    /// The statement that replaces the first entry by one with another id, number or row id.
    func replacing(id: String, sequence: String, rowid: String? = nil) -> String {
        let columns = AuditLog.table.columns
        let values = columns.map { $0 == "id" ? id : $0 == "sequence" ? sequence : $0 }
        return """
            INSERT OR REPLACE INTO audit_logs \
            (\(rowid == nil ? "" : "rowid, ")\(columns.joined(separator: ", ")))
            SELECT \(rowid.map { $0 + ", " } ?? "")\(values.joined(separator: ", ")) FROM audit_logs
            WHERE \(own) AND sequence = 1
            """
    }

    /// Makes a project with the library after a statement; both are rolled back.
    func writeProject(after sql: String) throws {
        try connection.begin(.write, in: nil)
        defer { try? connection.rollback() }
        try connection.runScript(sql)
        let transaction = SQLTransaction(
            connection, access: .system(reason: "test"), kind: .write, now: .now,
            keys: StoreKeys())
        let scoped = try transaction.scoped(to: organization, as: .user(user))
        try scoped.projects.insert(Fixtures.project(60))
        try transaction.writeTrail()
    }

    private func row(_ sequence: Int) -> String { "\(own) AND sequence = \(sequence)" }

    /// The library's report.
    func report() throws -> AuditChainReport {
        let transaction = SQLTransaction(
            connection, access: .system(reason: "test"), kind: .read, now: .now, keys: StoreKeys())
        return try transaction.scoped(to: organization, as: .user(Identifier()))
            .auditLogs.verifyChain()
    }

    /// The library's report after a statement, which is rolled back.
    ///
    /// - Parameter sql: Makes the statement from the last sequence number.
    func report(after sql: (Int) -> String) throws -> AuditChainReport {
        try connection.begin(.write, in: nil)
        defer { try? connection.rollback() }
        try connection.runScript(sql(length))
        return try report()
    }

    /// The library's report of the system's trail after a statement, which is rolled back.
    func systemReport(after sql: String) throws -> AuditChainReport {
        try connection.begin(.write, in: nil)
        defer { try? connection.rollback() }
        try connection.runScript(sql)
        return try SQLTransaction(
            connection, access: .system(reason: "test"), kind: .read, now: .now, keys: StoreKeys()
        ).auditLogs.verifyChain()
    }

    /// The library's report after a change, which is rolled back, and the expected position.
    func report(
        after tamper: Tamper, _ random: inout SplitMix64
    ) throws -> (report: AuditChainReport, first: Int) {
        let (sql, first) = try script(of: tamper, &random)
        return (try report { _ in sql }, first)
    }
}

extension TamperedTrail {
    private func script(
        of tamper: Tamper, _ random: inout SplitMix64
    ) throws -> (sql: String, first: Int) {
        // Not the last entry, because no entry after it covers it.
        let at = Int.random(in: 1..<length, using: &random)
        switch tamper {
        case .edited:
            let at = Int.random(in: 1...length, using: &random)
            let (column, value) = edit(of: at, &random)
            return ("UPDATE audit_logs SET \(column) = \(value) WHERE \(row(at))", at)
        case .editedWithItsHash:
            let forged = try forgery(of: entries[at - 1], &random)
            return (
                """
                UPDATE audit_logs SET action = '\(forged.action)', hash = '\(forged.hash)' \
                WHERE \(row(at))
                """, at + 1
            )
        case .removed: return ("DELETE FROM audit_logs WHERE \(row(at))", at)
        case .inserted:
            let at = Int.random(in: 1...length + 1, using: &random)
            var forged = try entry(at: at, &random)
            forged.hash = Self.digits(&random)
            return (shift(from: at) + insertion(of: forged), at)
        case .insertedWithAHash:
            // It fits the entry before; the next entry does not fit it.
            return (shift(from: at) + insertion(of: try entry(at: at, &random)), at + 1)
        case .swapped:
            let second = Int.random(in: at + 1...length, using: &random)
            return (
                """
                UPDATE audit_logs SET sequence = 1000000 WHERE \(row(at)); \
                UPDATE audit_logs SET sequence = \(at) WHERE \(row(second)); \
                UPDATE audit_logs SET sequence = \(second) WHERE \(row(1_000_000))
                """, at
            )
        case .transplanted:
            let place = Int.random(in: 1...12, using: &random)
            return (
                """
                DELETE FROM audit_logs WHERE \(row(place)); \
                UPDATE audit_logs SET organization_id = '\(organization)' \
                WHERE organization_id = '\(other)' AND sequence = \(place)
                """, place
            )
        case .renumbered:
            let number = Int.random(in: length + 1...1_000_000, using: &random)
            let at = Int.random(in: 1...length, using: &random)
            return ("UPDATE audit_logs SET sequence = \(number) WHERE \(row(at))", at)
        case .shifted: return (shift(from: at), at)
        case .unreadable:
            let id = String(repeating: "x", count: 36)
            return ("UPDATE audit_logs SET id = '\(id)' WHERE \(row(at))", at)
        }
    }

    /// A column and a different value for it.
    private func edit(of sequence: Int, _ random: inout SplitMix64) -> (String, String) {
        let digits = Self.digits(&random)
        let entry = entries[sequence - 1]
        var values = [
            ("id", "'\(Identifier<AuditLog>())'"), ("user_id", "'\(Identifier<User>())'"),
            ("api_key_id", "'\(Identifier<APIKey>())'"), ("action", "'\(digits)'"),
            ("resource_type", "'\(digits)'"), ("resource_id", "'\(digits)'"),
            ("details", "'{\"\(digits)\":1}'"), ("ip_address", "'\(digits)'"),
            ("user_agent", "'\(digits)'"), ("previous_hash", "'\(digits)'"),
            ("hash", "'\(digits)'"), ("created_at", "created_at + 1"),
        ]
        // For the last entry, this would only cut off the tail.
        if sequence < length { values.append(("organization_id", "'\(Identifier<User>())'")) }
        if entry.userID != nil { values.append(("user_id", "NULL")) }
        if entry.apiKeyID != nil { values.append(("api_key_id", "NULL")) }
        if entry.resourceID != nil { values.append(("resource_id", "NULL")) }
        if entry.ipAddress != nil { values.append(("ip_address", "NULL")) }
        if entry.userAgent != nil { values.append(("user_agent", "NULL")) }
        if entry.previousHash != nil { values.append(("previous_hash", "NULL")) }
        return values[Int.random(in: 0..<values.count, using: &random)]
    }

    /// Increments the sequence numbers from an entry on.
    private func shift(from sequence: Int) -> String {
        """
        UPDATE audit_logs SET sequence = sequence + 1000000 \
        WHERE \(own) AND sequence >= \(sequence); \
        UPDATE audit_logs SET sequence = sequence - 999999 \
        WHERE \(own) AND sequence > 1000000;
        """
    }

    private func insertion(of entry: AuditLog) -> String {
        let previous = entry.previousHash.map { "'\($0)'" } ?? "NULL"
        return """
            INSERT INTO audit_logs (id, organization_id, action, resource_type, sequence, \
            previous_hash, hash, created_at) VALUES ('\(entry.id)', '\(organization)', \
            '\(entry.action)', 'model', \(entry.sequence), \(previous), '\(entry.hash)', \
            \(entry.createdAt.microseconds ?? 0))
            """
    }

    /// A forged entry that fits a sequence number.
    private func entry(at sequence: Int, _ random: inout SplitMix64) throws -> AuditLog {
        var entry = AuditLog(
            organization: organization, action: Self.digits(&random), resourceType: "model",
            createdAt: Fixtures.date)
        entry.sequence = sequence
        entry.previousHash = sequence > 1 ? entries[sequence - 2].hash : nil
        entry.hash = try entry.chainHash()
        return entry
    }

    /// The entry with another action, and the matching hash.
    private func forgery(of entry: AuditLog, _ random: inout SplitMix64) throws -> AuditLog {
        var forged = AuditLog(
            id: entry.id, organization: entry.organizationID, user: entry.userID,
            apiKey: entry.apiKeyID, action: Self.digits(&random),
            resourceType: entry.resourceType, resourceID: entry.resourceID,
            details: entry.details, ipAddress: entry.ipAddress, userAgent: entry.userAgent,
            createdAt: entry.createdAt)
        forged.sequence = entry.sequence
        forged.previousHash = entry.previousHash
        forged.hash = try forged.chainHash()
        return forged
    }

    /// 64 hexadecimal digits.
    private static func digits(_ random: inout SplitMix64) -> String {
        (0..<4).map { _ in
            let digits = String(random.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
