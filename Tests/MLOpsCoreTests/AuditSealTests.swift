import CSQLite
import Crypto
import Foundation
import Testing

@testable import MLOpsCore
@testable import MLOpsTesting

/// The changes of a trail that a seal and an export detect.
@Suite struct AuditSealTests {
    let scratch: Scratch
    let key = Curve25519.Signing.PrivateKey()
    var path: String { scratch.path("mlops.db") }

    init() throws { scratch = try Scratch() }

    private func insert(_ count: Int) async throws -> AuditSeal {
        try await scratch.opened { [key] (_, workspace) async throws in
            try await workspace.auditLogs.insert(
                contentsOf: (1...count).map { Fixtures.auditLog($0) })
            return try await workspace.read { try $0.auditLogs.seal(with: key) }
        }
    }

    private func verify(_ seal: AuditSeal) async throws -> AuditSealReport {
        try await scratch.opened { [key] (_, workspace) async throws in
            try await workspace.read {
                try $0.auditLogs.verify(against: seal, trusting: key.publicKey)
            }
        }
    }

    /// Runs a statement on the file, without the library and its triggers.
    private func run(_ sql: String) throws {
        var handle: OpaquePointer?
        try #require(sqlite3_open(path, &handle) == SQLITE_OK)
        defer { sqlite3_close(handle) }
        let script = """
            PRAGMA ignore_check_constraints = ON;
            DROP TRIGGER IF EXISTS audit_logs_no_update;
            DROP TRIGGER IF EXISTS audit_logs_no_delete;
            \(sql)
            """
        #expect(sqlite3_exec(handle, script, nil, nil, nil) == SQLITE_OK)
    }

    @Test func aSealHoldsWhileTheTrailGrows() async throws {
        let seal = try await insert(20)
        #expect(seal.sequence == 22)
        let file = try AuditSeal(json: JSONValue(parsing: seal.json.canonicalText()))
        #expect(file == seal)
        #expect(try await verify(file).finding == .intact)
        _ = try await scratch.opened { (_, workspace) async throws in
            try await workspace.auditLogs.insert(Fixtures.auditLog(99))
        }
        let report = try await verify(file)
        #expect(report.isIntact && report.chain.count == 23 && report.chain.lastSequence == 23)
    }

    @Test func aCutTailIsFound() async throws {
        let seal = try await insert(20)
        try run("DELETE FROM audit_logs WHERE sequence > 21;")
        let report = try await verify(seal)
        #expect(report.finding == .cutTail && report.chain.isIntact)
    }

    @Test func aReplacedTailAndChainAreFound() async throws {
        let seal = try await insert(20)
        try run("DELETE FROM audit_logs WHERE sequence > 15;")
        _ = try await scratch.opened { (_, workspace) async throws in
            try await workspace.auditLogs.insert(
                contentsOf: (40...49).map { Fixtures.auditLog($0) })
        }
        let report = try await verify(seal)
        #expect(report.finding == .replacedChain && report.chain.isIntact)
    }

    @Test func aBrokenChainIsFoundUnderASeal() async throws {
        let seal = try await insert(20)
        try run("UPDATE audit_logs SET action = 'x' WHERE sequence = 7;")
        let report = try await verify(seal)
        #expect(report.finding == .brokenChain && report.chain.firstBrokenSequence == 7)
    }

    @Test func aSealOfAnotherIsRefused() async throws {
        let seal = try await insert(3)
        let (foreign, system) = try await scratch.opened { [key] (store, workspace) async throws in
            let other = try await ConformanceContext(store).otherWorkspace()
            _ = workspace
            return (
                try await other.read { try $0.auditLogs.seal(with: key) },
                try await store.withSystemAccess(reason: "test") {
                    try await $0.read { try $0.auditLogs.seal(with: key) }
                }
            )
        }
        for other in [foreign, system] {
            #expect(try await verify(other).finding == .anotherOrganization)
        }
        let stranger = try await scratch.opened { (_, workspace) async throws in
            try await workspace.read {
                try $0.auditLogs.seal(with: Curve25519.Signing.PrivateKey())
            }
        }
        #expect(try await verify(stranger).finding == .untrustedKey)
        // Every member is signed.
        guard case .object(let members) = seal.json else { return }
        let changes: [String: JSONValue] = [
            "organization": nil, "sequence": 4,
            "hash": .string(String(repeating: "0", count: 64)), "created_at": 5,
            "signature": .string(foreign.signature.base64EncodedString()),
        ]
        for (name, value) in changes {
            let altered = try AuditSeal(json: .object(members.merging([name: value]) { $1 }))
            #expect(try await verify(altered).finding == .alteredSeal, "\(name)")
        }
        for wrong: JSONValue in [
            [:], 1, .object(members.filter { $0.key != "hash" }),
            .object(members.merging(["more": 1]) { $1 }),
            .object(members.merging(["sequence": 0]) { $1 }),
            .object(members.merging(["organization": "x"]) { $1 }),
            .object(members.merging(["public_key": "AA"]) { $1 }),
        ] {
            #expect(throws: StoreError.self) { try AuditSeal(json: wrong) }
        }
    }

    @Test func anEmptyTrailHasNoSeal() async throws {
        let store = try await SQLiteStore.inMemory()
        await #expect {
            try await store.withSystemAccess(reason: "test") { access in
                try await access.read { _ = try $0.auditLogs.seal(with: .init()) }
            }
        } throws: { ($0 as? StoreError)?.code == .notFound }
        try await store.close()
    }

    // MARK: The canonical form

    /// Texts that could make two canonical forms equal.
    static let hostile = [
        "", "\"", "\\", "\\\"", "\n\r\t\u{1}\u{1F}\u{7F}", "é", "e\u{301}", "😀", "\u{FFFD}",
        "\u{2028}", "null", "{\"id\":1}", "\",\"id\":\"", "},\"hash\":\"",
        String(repeating: "\"", count: 3000),
    ]

    @Test func theFormOfStoredColumnsIsThatOfTheEntry() async throws {
        let entries = Self.hostile.enumerated().map { number, text in
            AuditLog(
                organization: nil, action: "a" + text, resourceType: "t" + text,
                resourceID: number.isMultiple(of: 2) ? text : nil,
                details: [
                    text: .string(text), "n": [1, -1, 0.5, -0.0, 1e300, true, nil, [:], []],
                    "big": .int(.min), "id": ["id": .string(text), "ip_address": nil],
                ],
                ipAddress: number.isMultiple(of: 3) ? text : nil, userAgent: text,
                createdAt: Date(microseconds: Int64(number) * -1_000_000_007))
        }
        try await scratch.opened { (_, workspace) async throws in
            let stored = try await workspace.auditLogs.insert(contentsOf: entries)
            try await workspace.read { tx in
                let engine = try #require(tx as? SQLTransaction)
                var form = CanonicalEntry()
                var hashes: [String] = []
                _ = try engine.rows(
                    CanonicalEntry.select(
                        workspace.organizationID, where: "sequence > 2", limit: 100)
                ) { row in
                    try form.read(&row)
                    #expect(form.matchesHash)
                    hashes.append(SHA256.hash(data: form.bytes).hexadecimal)
                }
                #expect(hashes == (try stored.map { try $0.chainHash() }))
                #expect(try tx.auditLogs.verifyChain().isIntact)
            }
        }
    }

    @Test(arguments: [
        "details = details || ' '", "details = '{}'", "id = upper(id)",
        "created_at = created_at + 1", "user_agent = NULL", "user_agent = user_agent || x'00'",
        "ip_address = CAST(x'ff' AS TEXT)", "resource_id = 'x'",
        "resource_type = resource_type || ' '",
        "hash = upper(hash)", "hash = hash || ' '", "previous_hash = NULL", "user_id = 'x'",
        "organization_id = NULL", "details = '{\"field\":\"name\"},\"id\":\"x'",
        "sequence = 100", "sequence = -3", "api_key_id = id",
    ])
    func everyChangeOfAColumnIsFound(change: String) async throws {
        _ = try await insert(10)
        try run(
            "UPDATE audit_logs SET \(change) WHERE sequence = 7 AND organization_id IS NOT NULL;")
        let report = try await scratch.opened { (_, workspace) async throws in
            try await workspace.read { try $0.auditLogs.verifyChain() }
        }
        let broken = try #require(report.firstBrokenSequence)
        #expect(broken == (change == "sequence = -3" ? -3 : 7))
    }
}
