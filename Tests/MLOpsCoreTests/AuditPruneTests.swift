import Crypto
import Foundation
import Testing

@testable import MLOpsCore
@testable import MLOpsTesting

/// The entries that may be removed from a trail, and the remaining trail.
@Suite struct AuditPruneTests {
    let scratch: Scratch
    let store: SQLiteStore
    let workspace: Workspace
    let key = Curve25519.Signing.PrivateKey()
    var file: String { scratch.path("trail.jsonl") }

    init() async throws {
        scratch = try Scratch()
        store = try await SQLiteStore.open(scratch.path("mlops.db"))
        workspace = try await store.localWorkspace()
    }

    private func insert(_ numbers: ClosedRange<Int>) async throws {
        try await workspace.auditLogs.insert(contentsOf: numbers.map { Fixtures.auditLog($0) })
    }

    private func seal(with key: Curve25519.Signing.PrivateKey? = nil) async throws -> AuditSeal {
        try await workspace.read { [self] in try $0.auditLogs.seal(with: key ?? self.key) }
    }

    private func prune(
        before seal: AuditSeal, previous: [AuditSeal] = [], from file: String? = nil,
        isDryRun: Bool = false, of organization: Identifier<Organization>? = nil
    ) async throws -> AuditPrune.Summary {
        try await store.withSystemAccess(reason: "retention") { access in
            let prune = AuditPrune(
                of: organization ?? workspace.organizationID, before: seal, previous: previous,
                trusting: key.publicKey, exportedTo: file ?? self.file, by: access)
            return try await isDryRun ? prune.preview() : prune.run()
        }
    }

    private func finding(_ seals: AuditSeal...) async throws -> AuditSealReport.Finding {
        try await workspace.read { [key] in
            try $0.auditLogs.verify(against: seals, trusting: key.publicKey).finding
        }
    }

    private func expectRefusal(
        _ code: StoreError.Code, _ words: String, _ comment: Comment? = nil,
        _ body: () async throws -> some Any
    ) async throws {
        let before = try await workspace.auditLogs.count()
        let error = await #expect(throws: StoreError.self, comment) { _ = try await body() }
        #expect(error?.code == code && error?.message.contains(words) == true, "\(error as Any)")
        #expect(try await workspace.auditLogs.count() == before, comment)
    }

    private var lines: [String] {
        get throws {
            try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
                .map(String.init)
        }
    }

    private func write(_ lines: some Sequence<String>) throws -> String {
        let path = scratch.path("other.jsonl")
        try lines.map { $0 + "\n" }.joined().write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    // MARK: Removed and remaining entries

    @Test func oneMonthAfterAnotherIsPruned() async throws {
        try await insert(1...20)
        let january = try await seal()
        #expect(try await AuditExport(of: workspace).run(to: file).entries == 22)
        let preview = try await prune(before: january, isDryRun: true)
        #expect(preview.count == 21 && preview.firstSequence == 22)
        #expect(try await workspace.auditLogs.count() == 22)
        #expect(try await prune(before: january) == preview)
        let left = try await workspace.auditLogs.all(order: { [$0.sequence.ascending] })
        #expect(left.map(\.sequence) == [22, 23] && left[0].hash == january.hash)
        #expect(left[1].action == "audit_log.prune" && left[1].userID == nil)
        let details: JSONValue = [
            "sequence": 21, "hash": .string(try #require(left[0].previousHash)), "count": 21,
            "reason": "retention",
        ]
        #expect(left[1].details == details)
        #expect(try await finding(january) == .intact)
        #expect(try await store.verify().problems.isEmpty)

        // The next month: the seals and the export are continued.
        try await insert(30...39)
        let february = try await seal()
        #expect(february.sequence == 33)
        #expect(try await finding(february) == .brokenChain)
        #expect(try await finding(february, january) == .intact)
        let export = try await AuditExport(of: workspace).run(to: file)
        #expect(export.entries == 33 && export.added == 11)
        try await expectRefusal(.corrupt, "begins with entry 22") {
            try await prune(before: february)
        }
        #expect(try await prune(before: february, previous: [january]).count == 11)
        #expect(try await finding(february) == .intact)
        #expect(try await finding(january, february) == .intact)
        #expect(try await finding(january) == .brokenChain)
        // A separate file for each month works as well.
        try await insert(40...49)
        let march = try await seal()
        let other = scratch.path("march.jsonl")
        #expect(try await AuditExport(of: workspace).run(to: other).entries == 12)
        let last = try await prune(before: march, previous: [january, february], from: other)
        #expect(last.count == 11 && last.firstSequence == 44)
        #expect(try await finding(january, february, march) == .intact)
        try await expectRefusal(.conflict, "34 to 43") {
            try await AuditExport(of: workspace).run(to: file)
        }
    }

    @Test func anExportThatEndsBeforeTheSealedEntryGoesOn() async throws {
        try await insert(1...5)
        _ = try await AuditExport(of: workspace).run(to: file)
        try await insert(6...6)
        let seal = try await seal()
        #expect(try await prune(before: seal).count == 7)
        #expect(try await AuditExport(of: workspace).run(to: file).entries == 9)
        #expect(try lines.count == 9)
    }

    @Test func pruningAgainChangesNothing() async throws {
        try await insert(1...5)
        let first = try await seal()
        try await insert(6...9)
        let second = try await seal()
        _ = try await AuditExport(of: workspace).run(to: file)
        #expect(try await prune(before: second).count == 10)
        let count = try await workspace.auditLogs.count()
        for seal in [second, first] {
            let again = try await prune(before: seal, previous: [second])
            #expect(again.count == 0 && again.firstSequence == 11)
        }
        #expect(try await workspace.auditLogs.count() == count)
    }

    @Test func twoAtOncePruneOnce() async throws {
        try await insert(1...50)
        let seal = try await seal()
        _ = try await AuditExport(of: workspace).run(to: file)
        let removed = await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask { (try? await prune(before: seal).count) ?? 0 }
            }
            return await group.reduce(0, +)
        }
        #expect(removed == 51)
        #expect(try await workspace.auditLogs.count { $0.action == "audit_log.prune" } == 1)
        #expect(try await finding(seal) == .intact)
    }

    @Test func theSystemsOwnTrailIsPruned() async throws {
        let system = try await store.withSystemAccess(reason: "test") { access in
            try await access.write { tx in
                _ = try tx.auditLogs.insert(contentsOf: (1...5).map { Fixtures.auditLog($0) })
            }
            let seal = try await access.read { [key] in try $0.auditLogs.seal(with: key) }
            _ = try await AuditExport(ofSystem: access).run(to: file)
            let prune = AuditPrune(
                of: nil, before: seal, trusting: key.publicKey, exportedTo: file, by: access)
            let summary = try await prune.run()
            let report = try await access.read { [key] in
                try $0.auditLogs.verify(against: seal, trusting: key.publicKey)
            }
            return (summary, report)
        }
        #expect(system.0.count == 5 && system.1.isIntact && system.1.chain.count == 2)
        #expect(try await workspace.read { try $0.auditLogs.verifyChain() }.isIntact)
    }

    /// If the audit entry fails, the whole prune is rolled back, with the removal of the trigger.
    @Test func whatFailsHalfWayLeavesAllAsItWas() async throws {
        try await insert(1...20)
        let seal = try await seal()
        _ = try await AuditExport(of: workspace).run(to: file)
        try await store.writer.run {
            try $0.runScript(
                """
                CREATE TRIGGER refuse BEFORE INSERT ON audit_logs
                BEGIN SELECT RAISE(ABORT, 'refused'); END;
                """)
        }
        await #expect(throws: StoreError.self) { try await prune(before: seal) }
        #expect(try await workspace.auditLogs.count() == 22)
        try await store.writer.run { try $0.runScript("DROP TRIGGER refuse") }
        #expect(try await store.verify().problems.isEmpty)
        #expect(try await prune(before: seal).count == 21)
        await #expect(throws: StoreError.self) {
            try await store.writer.run { try $0.execute("DELETE FROM audit_logs") }
        }
    }

    // MARK: Refused prunes

    @Test func anExportThatLacksSomethingIsRefused() async throws {
        try await insert(1...20)
        let seal = try await seal()
        _ = try await AuditExport(of: workspace).run(to: file)
        let all = try lines
        let cases: [(ArraySlice<String>, Int)] = [
            (all.dropFirst(), 1), (all.dropLast(2), 21), (all[..<9] + all[10...], 10),
            (all.prefix(0), 1),
        ]
        for (kept, lacking) in cases {
            let other = try write(kept)
            try await expectRefusal(.conflict, "lacks entry \(lacking) ", "\(lacking)") {
                try await prune(before: seal, from: other)
            }
        }
        try await expectRefusal(.cannotOpen, "cannot be opened") {
            try await prune(before: seal, from: scratch.path("none.jsonl"))
        }
        // A torn last line is ignored, and the sealed entry itself is not needed.
        let torn = try write(all.dropLast())
        try (try String(contentsOfFile: torn, encoding: .utf8) + all[21].prefix(40))
            .write(toFile: torn, atomically: true, encoding: .utf8)
        #expect(try await prune(before: seal, from: torn).count == 21)
    }

    @Test func anExportThatWasChangedIsRefused() async throws {
        try await insert(1...20)
        let seal = try await seal()
        _ = try await AuditExport(of: workspace).run(to: file)
        let all = try lines
        var changed = all
        changed[4].replace("192", with: "193")
        let edited = try write(changed)
        try await expectRefusal(.conflict, "Line 5 ") {
            try await prune(before: seal, from: edited)
        }
        // A forged chain, whose lines are consistent.
        var previous = JSONValue.null
        let forged = try all.map { line in
            var members = try #require(try JSONValue(parsing: Data(line.utf8)).object)
            members["hash"] = nil
            members.merge(["action": "forged", "previous_hash": previous]) { $1 }
            let form = Data(try JSONValue.object(members).canonicalText().utf8)
            previous = .string(SHA256.hash(data: form).hexadecimal)
            members["hash"] = previous
            return try JSONValue.object(members).canonicalText()
        }
        let other = try write(forged)
        try await expectRefusal(.conflict, "Entry 21 in the export") {
            try await prune(before: seal, from: other)
        }
        // The export of another organization.
        let foreign = scratch.path("foreign.jsonl")
        _ = try await AuditExport(of: try await ConformanceContext(store).otherWorkspace())
            .run(to: foreign)
        try await expectRefusal(.conflict, "Line 1 ") {
            try await prune(before: seal, from: foreign)
        }
    }

    @Test func aSealThatIsNotToBeTrustedIsRefused() async throws {
        try await insert(1...5)
        _ = try await AuditExport(of: workspace).run(to: file)
        let own = try await seal()
        let stranger = try await seal(with: Curve25519.Signing.PrivateKey())
        let other = try await ConformanceContext(store).otherWorkspace()
        let foreign = try await other.read { [key] in try $0.auditLogs.seal(with: key) }
        guard case .object(var members) = own.json else { return }
        members["sequence"] = 5
        let altered = try AuditSeal(json: .object(members))
        for (seal, words) in [
            (stranger, "another key"), (foreign, "another organization"), (altered, "altered"),
        ] {
            try await expectRefusal(.corrupt, words) { try await prune(before: seal) }
            try await expectRefusal(.corrupt, words) {
                try await prune(before: own, previous: [seal])
            }
        }
        // A seal of this organization does not allow pruning another one's trail.
        try await expectRefusal(.corrupt, "another organization") {
            try await prune(before: own, of: other.organizationID)
        }
    }

    @Test func aTrailThatIsNotWholeIsRefused() async throws {
        try await insert(1...20)
        let seal = try await seal()
        _ = try await AuditExport(of: workspace).run(to: file)
        for (sql, words) in [
            ("UPDATE audit_logs SET action = 'x' WHERE sequence = 7", "at entry 7"),
            ("DELETE FROM audit_logs WHERE sequence = 7", "at entry 7"),
            ("DELETE FROM audit_logs WHERE sequence > 20", "cut off"),
            ("DELETE FROM audit_logs WHERE sequence < 7", "begins with entry 7"),
        ] {
            let copy = scratch.path("\(Identifier<AuditLog>()).db")
            try await store.backup(to: copy)
            let broken = try await SQLiteStore.open(copy)
            try await broken.writer.run {
                try $0.runScript(
                    """
                    DROP TRIGGER audit_logs_no_update; DROP TRIGGER audit_logs_no_delete;
                    \(sql) AND organization_id IS NOT NULL;
                    """)
            }
            let error = await #expect(throws: StoreError.self) {
                try await broken.withSystemAccess(reason: "retention") { access in
                    try await AuditPrune(
                        of: workspace.organizationID, before: seal, trusting: key.publicKey,
                        exportedTo: file, by: access
                    ).run()
                }
            }
            #expect(error?.code == .corrupt && error?.message.contains(words) == true, "\(sql)")
            try await broken.close()
        }
    }
}
