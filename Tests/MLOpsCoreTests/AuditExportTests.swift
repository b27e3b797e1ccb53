import Crypto
import Foundation
import Testing

@testable import MLOpsCore
@testable import MLOpsTesting

/// The export of the audit trail to a file.
@Suite struct AuditExportTests {
    let scratch: Scratch
    let store: SQLiteStore
    let workspace: Workspace
    var file: String { scratch.path("trail.jsonl") }

    init() async throws {
        scratch = try Scratch()
        store = try await SQLiteStore.inMemory()
        workspace = try await store.localWorkspace()
    }

    private func insert(_ numbers: ClosedRange<Int>) async throws {
        let (organization, principal) = (workspace.organizationID, workspace.principal)
        try await store.withSystemAccess(reason: "test") { access in
            try await access.write { tx in
                for number in numbers {
                    let then = try tx.engine.scoped(
                        to: organization, as: principal, at: Fixtures.date + Double(number))
                    try then.auditLogs.insert(
                        Fixtures.auditLog(
                            number,
                            details: ["text": .string(AuditSealTests.hostile[number % 10])]))
                }
            }
        }
    }

    private var lines: [Data] {
        get throws {
            try Data(contentsOf: URL(filePath: file)).split(separator: UInt8(ascii: "\n"))
        }
    }

    private func code(_ body: () async throws -> some Any) async -> StoreError.Code? {
        await #expect(throws: StoreError.self) { _ = try await body() }?.code
    }

    @Test func aLineCanBeCheckedAlone() async throws {
        try await insert(1...30)
        let summary = try await AuditExport(of: workspace).run(to: file)
        #expect(summary.entries == 32 && summary.added == 32 && summary.lastSequence == 32)
        let entries = try await workspace.auditLogs.all(order: { [$0.sequence.ascending] })
        #expect(summary.lastHash == entries.last?.hash)
        for (line, entry) in zip(try lines, entries) {
            var members = try #require(try JSONValue(parsing: line).object)
            #expect(members.removeValue(forKey: "hash")?.string == entry.hash)
            let form = try JSONValue.object(members).canonicalText()
            #expect(SHA256.hash(data: Data(form.utf8)).hexadecimal == entry.hash)
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func anExportGoesOnAfterItsLastWholeLine() async throws {
        try await insert(1...30)
        _ = try await AuditExport(of: workspace).run(to: file)
        let whole = try Data(contentsOf: URL(filePath: file))
        try await insert(31...40)
        for cut in [0, 1, 5, 200, 1000, whole.count - 1, whole.count] {
            try whole.prefix(whole.count - cut).write(to: URL(filePath: file))
            let summary = try await AuditExport(of: workspace).run(to: file)
            #expect(summary.entries == 42 && summary.lastSequence == 42, "\(cut)")
            #expect(try Data(contentsOf: URL(filePath: file)).starts(with: whole))
            #expect(try lines.count == 42)
        }
        #expect(try await AuditExport(of: workspace).run(to: file).added == 0)
    }

    @Test func aForeignLineIsRefusedAndLeftAlone() async throws {
        try await insert(1...5)
        _ = try await AuditExport(of: workspace).run(to: file)
        let whole = try lines
        let other = try await ConformanceContext(store).otherWorkspace()
        let foreign = scratch.path("foreign.jsonl")
        _ = try await AuditExport(of: other).run(to: foreign)
        let theirs = try Data(contentsOf: URL(filePath: foreign))
        let line = String(decoding: whole[3], as: UTF8.self)
        let changed = Data(line.replacing("192", with: "193").utf8)
        let end = Data("\n".utf8)
        func joined(_ parts: Data...) -> Data { parts.reduce(into: Data()) { $0.append($1) } }
        let (first, second) = (Data(whole[0]), Data(whole[1]))
        let gap = joined(first, end, second, end, Data(whole[3]), end)
        let contents: [Data] = [
            theirs, gap, joined(first, end, theirs), joined(first, end, changed, end),
            joined(second, end, first, end), joined(first, end, first, end), Data("x\n".utf8),
            Data("x".utf8), joined(first, end, Data("a private key".utf8)), joined(first, end, end),
            Data("{}\n".utf8), Data(repeating: 0x7B, count: 1 << 21),
        ]
        for content in contents {
            try content.write(to: URL(filePath: file))
            #expect(await code { try await AuditExport(of: workspace).run(to: file) } == .conflict)
            #expect(try Data(contentsOf: URL(filePath: file)) == content)
        }
    }

    #if os(Linux)
        /// Between fork and exec, a child holds a copy of every descriptor, and so the lock.
        @Test func aCopyOfTheDescriptorDoesNotKeepTheFile() throws {
            var first: AuditExportFile? = try AuditExportFile(file)
            #expect(throws: StoreError.self) { _ = try AuditExportFile(file) }
            let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
                .compactMap { Int32($0) }
                .filter {
                    let link = "/proc/self/fd/\($0)"
                    return (try? FileManager.default.destinationOfSymbolicLink(atPath: link))
                        == file
                }
            let copy = dup(try #require(descriptors.first))
            defer { close(copy) }
            withExtendedLifetime(first) {}
            first = nil
            _ = try AuditExportFile(file)
        }
    #endif

    @Test func aPeriodAndTheSystemAreExported() async throws {
        try await insert(1...10)
        let summary = try await AuditExport(of: workspace).run(
            to: file, since: Fixtures.date + 3, until: Fixtures.date + 6)
        #expect(summary.entries == 3 && summary.lastSequence == 7)
        let system = scratch.path("system.jsonl")
        let ofSystem = try await store.withSystemAccess(reason: "test") {
            try await AuditExport(ofSystem: $0).run(to: system)
        }
        #expect(ofSystem.entries == 1)
        #expect(await code { try await AuditExport(of: workspace).run(to: system) } == .conflict)
    }

    @Test func whoMayNotReadTheTrailExportsNothing() async throws {
        let context = try await ConformanceContext(store)
        let user = try await context.insertMember(2)
        let member = try await store.workspace(
            organization: workspace.organizationID, as: .user(user.id))
        #expect(await code { try await AuditExport(of: member).run(to: file) } == .permissionDenied)
        #expect(
            await code { try await AuditExport(of: workspace).run(to: scratch.path("no/t.jsonl")) }
                == .cannotOpen)
    }
}
