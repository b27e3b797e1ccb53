import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// The audit trail.
    static let audit: [Scenario] = [
        Scenario("AuditLogRepository.insert chains the entries of an organization") { context in
            let start = try await context.chainLength()
            for number in 1...5 {
                try await context.workspace.auditLogs.insert(Fixtures.auditLog(number))
            }
            let other = try await context.otherWorkspace()
            let foreign = try await other.auditLogs.insert(Fixtures.auditLog(9))
            // The entries before are those of the organization and its owner's membership.
            #expect(foreign.sequence == 3)
            let entries = try await context.workspace.auditLogs.all(
                order: { [$0.sequence.ascending] })
            #expect(entries.map(\.sequence) == Array(1...start + 5))
            for (entry, previous) in zip(entries, [nil] + entries.map(Optional.some)) {
                #expect(entry.previousHash == previous?.hash)
                #expect(try entry.chainHash() == entry.hash)
                #expect(entry.organizationID == context.workspace.organizationID)
            }
            #expect(
                entries.suffix(5).allSatisfy { $0.userID == context.workspace.principal.userID })
        },
        Scenario("AuditLogRepository.verifyChain reports count and last hash") { context in
            let start = try await context.read { try $0.auditLogs.verifyChain() }
            #expect(start.isIntact && start.count == 2)
            let entries = try await context.workspace.auditLogs.insert(
                contentsOf: (1...1205).map { Fixtures.auditLog($0) })
            let report = try await context.read { try $0.auditLogs.verifyChain() }
            #expect(report.isIntact && report.count == 1207)
            #expect(report.lastHash == entries.last?.hash)
            let system = try await context.system { tx in
                let before = try tx.auditLogs.verifyChain()
                try tx.auditLogs.insert(Fixtures.auditLog(2000, action: "migrate"))
                return (before: before, after: try tx.auditLogs.verifyChain())
            }
            #expect(system.before.isIntact && system.before.count == 1)
            #expect(system.after.isIntact && system.after.count == 2)
        },
        Scenario("AuditLogRepository.verifyChain reads every text as it was hashed") { context in
            let texts = [
                "", "\"", "\\", "\n\r\t\u{1}\u{1F}\u{7F}", "e\u{301}", "😀", "\u{FFFD}", "null",
                "{\"id\":1}", "\",\"id\":\"",
            ]
            for (number, text) in texts.enumerated() {
                try await context.workspace.auditLogs.insert(
                    AuditLog(
                        action: "a" + text, resourceType: "t" + text, resourceID: text,
                        details: [
                            text: .string(text), "ab": [1, -1, 0.5, 1e15, true, nil, [:]],
                            "z": ["a": .int(.min)],
                        ],
                        ipAddress: text, userAgent: number.isMultiple(of: 2) ? text : nil))
            }
            let report = try await context.read { try $0.auditLogs.verifyChain() }
            #expect(report.isIntact && report.count == texts.count + 2)
        },
        Scenario("AuditLogRepository.insert at once leaves no gap") { context in
            let start = try await context.chainLength()
            try await withThrowingTaskGroup { group in
                for number in 1...32 {
                    group.addTask {
                        try await context.workspace.auditLogs.insert(Fixtures.auditLog(number))
                    }
                }
                try await group.waitForAll()
            }
            let report = try await context.read { try $0.auditLogs.verifyChain() }
            #expect(report.isIntact && report.count == start + 32)
        },
        Scenario("AuditLogRepository.of(resource:id:), newest first") { context in
            for number in 1...4 {
                try await context.workspace.auditLogs.insert(
                    Fixtures.auditLog(
                        number, resourceType: number == 4 ? "run" : "model",
                        resourceID: "\(number % 2)",
                        createdAt: Fixtures.date.addingTimeInterval(Double(number))))
            }
            let found = try await context.read { tx in
                (
                    type: try tx.auditLogs.of(resource: "model"),
                    one: try tx.auditLogs.of(resource: "model", id: "1"),
                    none: try tx.auditLogs.of(resource: "model", id: "4")
                )
            }
            let numbers = [3, 2, 1].map { Fixtures.auditLog($0).id }
            #expect(found.type.map(\.id) == numbers)
            #expect(found.one.map(\.id) == [numbers[0], numbers[2]] && found.none.isEmpty)
        },
        Scenario("AuditLogRepository.insert for another organization is refused") { context in
            let other = try await context.otherWorkspace()
            await expectError(.permissionDenied) {
                try await context.workspace.auditLogs.insert(
                    AuditLog(
                        organization: other.organizationID, action: "a", resourceType: "model"))
            }
        },
        Scenario("AuditLogRepository notes the key that acts") { context in
            let key = try await context.key(1, ["*": ["*"]])
            let entry = try await context.open(key).auditLogs.insert(Fixtures.auditLog(2))
            #expect(entry.apiKeyID == key.id && entry.userID == key.userID)
        },
    ]
}

extension ConformanceContext {
    /// The number of entries in the trail of the workspace's organization.
    func chainLength() async throws -> Int {
        try await read { try $0.auditLogs.verifyChain().count }
    }
}
