import Dispatch
import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// Faults between the statements of a transaction, and during a `COPY`.
@Suite(.onServer) struct PostgresBulkFaultTests {
    private static let count = 5000

    private func withRun(
        _ body: (TestServer, Workspace, RunLogger) async throws -> Void
    ) async throws {
        try await withWorkspace { server, _, workspace in
            let run = try await workspace.startRun(project: "p", experiment: "e")
            try await body(server, workspace, run)
            let left = try await workspace.metrics.count()
            #expect(left == 0)
            // Writing continues, on this connection or another.
            _ = try await workspace.write { tx in
                try tx.metrics.insert(contentsOf: Fixtures.points(Self.count, of: run.id))
            }
            let all = try await workspace.metrics.count()
            #expect(all == Self.count)
            try await run.finish()
        }
    }

    @Test func aDuplicateRowKeepsNone() async throws {
        try await withRun { _, workspace, run in
            await expect(.alreadyExists) {
                try await workspace.write { tx in
                    var points = Fixtures.points(Self.count, of: run.id)
                    points.append(points[7])
                    try tx.metrics.insert(contentsOf: points)
                }
            }
        }
    }

    @Test func aRunThatIsNotThereKeepsNone() async throws {
        try await withRun { _, workspace, run in
            await expect(.notFound) {
                try await workspace.write { tx in
                    var points = Fixtures.points(Self.count, of: run.id)
                    points += Fixtures.points(1, of: Identifier())
                    try tx.metrics.insert(contentsOf: points)
                }
            }
        }
    }

    /// The rows are encoded while they are sent, so stopping the task stops them half-way.
    @Test(arguments: ["cancelled", "terminated", "refused"])
    func whatStopsACopyHalfWayKeepsNone(_ reason: String) async throws {
        try await withRun { server, workspace, run in
            let points = Fixtures.points(Self.count, of: run.id)
            let (halfWay, reach) = AsyncStream<Void>.makeStream()
            let cancelled = DispatchSemaphore(value: 0)
            let task = Task {
                try await workspace.write { tx in
                    guard let session = tx.session else { return }
                    var encoder = RowEncoder(capacity: RunMetric.table.columns.count)
                    try session.insertRows(RunMetric.table.insertion, count: 20_000) { index, row in
                        if index == 15_000 {
                            switch reason {
                            case "cancelled":
                                reach.yield()
                                cancelled.wait()
                            case "terminated": try server.endSession(of: tx)
                            default: throw StoreError(.invalidValue, "refused")
                            }
                        }
                        encoder.values.removeAll()
                        try points[index % Self.count].encode(into: &encoder)
                        row.values = encoder.values
                    }
                }
            }
            switch reason {
            case "cancelled":
                for await _ in halfWay { break }
                task.cancel()
                cancelled.signal()
                await expectCancellation(of: task)
            case "terminated": await expect(.connectionLost) { try await task.value }
            default: await expect(.invalidValue) { try await task.value }
            }
        }
    }

    /// A task is cancelled during a `COPY` that waits for a lock on the server.
    @Test func aCancelledCopyThatWaitsEnds() async throws {
        try await withRun { server, workspace, run in
            let (entered, enter) = AsyncStream<Int32>.makeStream()
            let task = Task {
                try await workspace.write { tx in
                    try tx.run("CREATE TEMP TABLE mlops_stage_run_metrics (LIKE run_metrics)")
                    try tx.run(
                        """
                        CREATE FUNCTION pg_temp.wait() RETURNS trigger LANGUAGE plpgsql AS \
                        'BEGIN PERFORM pg_sleep(60); RETURN NEW; END'
                        """)
                    try tx.run(
                        """
                        CREATE TRIGGER wait BEFORE INSERT ON mlops_stage_run_metrics \
                        FOR EACH ROW EXECUTE FUNCTION pg_temp.wait()
                        """)
                    enter.yield(tx.session?.process ?? 0)
                    try tx.metrics.insert(contentsOf: Fixtures.points(Self.count, of: run.id))
                }
            }
            for await pid in entered {
                try await server.waitUntil(
                    "SELECT 'x' FROM pg_stat_activity WHERE pid = \(pid) "
                        + "AND wait_event = 'PgSleep'", in: "postgres")
                break
            }
            task.cancel()
            await expectCancellation(of: task)
        }
    }

    @Test(arguments: ["read", "savepoint", "cursor"])
    func aSessionThatEndsIsLostWhereverItWas(_ place: String) async throws {
        try await withRun { server, workspace, run in
            await expect(.connectionLost) {
                switch place {
                case "read":
                    try await workspace.read { tx in
                        _ = try tx.projects.count()
                        try server.endSession(of: tx)
                        _ = try tx.projects.count()
                    }
                case "savepoint":
                    try await workspace.write { tx in
                        _ = try? tx.savepoint {
                            try tx.projects.insert(Fixtures.project(1))
                            try server.endSession(of: tx)
                            try tx.projects.insert(Fixtures.project(2))
                        }
                        try tx.projects.insert(Fixtures.project(3))
                    }
                default:
                    try await workspace.read { tx in
                        var rows = 0
                        try tx.session?.stream("SELECT generate_series(1, 5000)") { _ in
                            rows += 1
                            if rows == 500 { try server.endSession(of: tx) }
                            return true
                        }
                    }
                }
            }
            let projects = try await workspace.projects.count()
            #expect(projects == 1, "that of the run")
        }
    }

    /// Of few rows and of many, which are copied; each is one line in the log of slow statements.
    @Test func aBulkInsertIsOneLineWithItsRows() async throws {
        let server = try #require(TestServer.shared)
        let lines = try await server.reports(of: "postgres", slowerThan: .zero) { connection in
            try connection.runScript("CREATE TEMP TABLE points (n bigint)")
            let insertion = Insertion(into: "points", columns: ["n"])
            try connection.begin(.write, in: nil)
            for count in [1, 50, 300] {
                try connection.insertRows(insertion, count: count) {
                    $1.values = [.integer(Int64($0))]
                }
            }
            var stored: Int?
            try connection.query("SELECT count(*) FROM points") {
                stored = try $0.next(Int.self)
                return true
            }
            try connection.commit()
            #expect(stored == 351)
        }
        let inserts = lines.filter { $0.contains("points (n)") }
        #expect(inserts.count == 3, "\(inserts)")
        for (line, count) in zip(inserts, [1, 50, 300]) {
            #expect(line.contains("INSERT INTO points (n) VALUES (?)"), "\(line)")
            #expect(line.contains(#""rows": \#(count)"#), "\(line)")
        }
        #expect(!lines.contains { $0.contains("COPY") || $0.contains("$2") })
    }

    /// The text of a notice may contain values; its code does not.
    @Test func noticesAreLoggedWithoutTheirWords() async throws {
        let server = try #require(TestServer.shared)
        let lines = try await server.reports(of: "postgres") {
            try $0.runScript("DO $$ BEGIN RAISE WARNING 'hush' USING DETAIL = 'hush'; END $$")
        }
        #expect(lines.count == 1 && lines[0].contains("WARNING") && lines[0].contains("01000"))
        #expect(!lines.joined().contains("hush"))
    }
}
