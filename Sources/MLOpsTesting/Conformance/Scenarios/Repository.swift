import MLOpsCore
import Testing

extension Conformance {
    /// The methods that every repository has, tested for each entity.
    static let repositories: [Scenario] =
        FixtureTree.tenantEntities.flatMap { type in
            if let type = type as? any (FixtureEntity & SoftDeletable).Type {
                return reading(type) + deleting(type)
            }
            if let type = type as? any (FixtureEntity & Mutable).Type {
                return reading(type) + changing(type)
            }
            return reading(type)
        }

    private static func reading<Record: FixtureEntity>(_ type: Record.Type) -> [Scenario] {
        [
            Scenario("\(type)Repository.insert returns what find returns") { context in
                let tree = try await context.tree()
                let record = try await Record.fixture(11, in: tree, context)
                let records = type.records(in: context.workspace)
                await expectError(.notFound) { try await records.find(record.id) }
                #expect(try await records.findIfExists(record.id) == nil)
                let stored = try await records.insert(record)
                #expect(stored.id == record.id)
                #expect(try await records.find(record.id) == stored)
                #expect(try await records.findIfExists(record.id) == stored)
                await expectError(.alreadyExists) { try await records.insert(record) }
            },
            Scenario("\(type)Repository.insert(contentsOf:) stores all or none") { context in
                let tree = try await context.tree()
                let records = type.records(in: context.workspace)
                var rows: [Record] = []
                for number in 11...14 {
                    rows.append(try await Record.fixture(number, in: tree, context))
                }
                let before = try await records.count()
                let repeated = rows + [rows[0]]
                await expectError(.alreadyExists) {
                    try await records.insert(contentsOf: repeated)
                }
                #expect(try await records.count() == before)
                let stored = try await records.insert(contentsOf: rows)
                #expect(stored.map(\.id) == rows.map(\.id))
                for row in stored { #expect(try await records.find(row.id) == row) }
                #expect(try await records.insert(contentsOf: []).isEmpty)
            },
            Scenario("\(type)Repository: page, count, forEach and stream agree") { context in
                let tree = try await context.tree()
                let records = type.records(in: context.workspace)
                for number in 11...17 {
                    try await records.insert(try await Record.fixture(number, in: tree, context))
                }
                let all = try await records.all()
                #expect(try await records.count() == all.count)
                // Audit entries are in the order of their sequence numbers, not of their ids.
                if Record.self != AuditLog.self {
                    #expect(all.map(\.id) == all.map(\.id).sorted())
                }
                var paged: [Record] = []
                var query = Query<Record>(limit: 3)
                repeat {
                    let page = try await records.page(query)
                    #expect(page.count <= 3)
                    paged += page
                    query.cursor = page.next
                } while query.cursor != nil
                #expect(paged == all)
                var streamed: [Record] = []
                for try await record in records.stream(Query(limit: 2)) { streamed.append(record) }
                #expect(streamed == all)
                let three = try await context.read { tx in
                    var three: [Record] = []
                    try tx.repository(of: Record.self).forEach(Query()) {
                        three.append($0)
                        return three.count < 3
                    }
                    return three
                }
                #expect(three == Array(all.prefix(3)))
                for limit in [0, -1, 10_001, .max, .min] {
                    await expectError(.invalidValue, "limit \(limit)") {
                        try await records.page(Query(limit: limit))
                    }
                }
            },
        ]
    }

    private static func changing<Record: FixtureEntity & Mutable>(
        _ type: Record.Type
    ) -> [Scenario] {
        [
            Scenario("\(type)Repository.update refuses a stale copy") { context in
                let tree = try await context.tree()
                let records = type.records(in: context.workspace)
                let absent = try await Record.fixture(11, in: tree, context)
                await expectError(.notFound) { try await records.update(absent) }
                let first = try await records.insert(absent)
                #expect(first.revision == 1)
                let second = try await records.update(first)
                #expect(second.revision == 2)
                #expect(second.createdAt == first.createdAt)
                #expect(second.updatedAt >= first.updatedAt)
                #expect(try await records.find(first.id) == second)
                let error = await expectError(.conflict) { try await records.update(first) }
                #expect(error?.field == "revision")
                #expect(try await records.find(first.id) == second)
            }
        ]
    }

    private static func deleting<Record: FixtureEntity & SoftDeletable>(
        _ type: Record.Type
    ) -> [Scenario] {
        changing(type) + [
            Scenario("\(type)Repository: delete, restore and purge") { context in
                let tree = try await context.tree()
                let records = type.records(in: context.workspace)
                let stored = try await records.insert(
                    try await Record.fixture(11, in: tree, context))
                let live = try await records.count()
                await expectError(.conflict, "restore of a live row") {
                    try await records.restore(stored.id)
                }
                await expectError(.conflict, "purge of a live row") {
                    try await records.purge(stored.id)
                }
                let deletion = try await records.delete(stored.id)
                #expect(deletion.counts.values.reduce(0, +) == 1)
                try await expectGone(stored, in: records)
                #expect(try await records.count() == live - 1)
                let deleted = try await records.page(Query(deleted: .only))
                #expect(deleted.map(\.id) == [stored.id])
                #expect(deleted.first?.deletionID == deletion.id)
                #expect(deleted.first?.deletedAt == deletion.date)
                #expect(try await records.page(Query(deleted: .included)).count == live)

                let restored = try await records.restore(stored.id)
                #expect(restored.deletedAt == nil && restored.deletionID == nil)
                #expect(restored.revision > stored.revision)
                #expect(try await records.count() == live)
                await expectError(.conflict, "an update of the copy from before the deletion") {
                    try await records.update(stored)
                }

                try await records.delete(stored.id)
                let preview = try await records.purgePreview(stored.id)
                #expect(preview.total == 1 && preview.blockers.isEmpty)
                #expect(try await records.purge(stored.id) == preview)
                try await expectGone(stored, in: records)
                #expect(try await records.page(Query(deleted: .included)).count == live - 1)
                await expectError(.notFound) { try await records.restore(stored.id) }
                await expectError(.notFound) { try await records.purge(stored.id) }
                await expectError(.notFound) { try await records.purgePreview(stored.id) }
            }
        ]
    }

    /// Expects that only `restore` and `purge` find a row.
    private static func expectGone<Record: SoftDeletable>(
        _ record: Record, in records: Records<Record>
    ) async throws {
        #expect(try await records.findIfExists(record.id) == nil)
        await expectError(.notFound) { try await records.find(record.id) }
        await expectError(.notFound) { try await records.update(record) }
        await expectError(.notFound) { try await records.delete(record.id) }
    }
}
