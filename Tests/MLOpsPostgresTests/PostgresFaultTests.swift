import Dispatch
import Foundation
import MLOpsTesting
import Synchronization
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// Faults of a server: sessions that are ended, stopped or blocked.
@Suite(.onServer) struct PostgresFaultTests {
    @Test func anEndedSessionThatNobodyUsesIsReplaced() async throws {
        try await withWorkspace { server, database, workspace in
            try await workspace.projects.insert(Fixtures.project(1))
            try await server.endSessions(of: database)
            let count = try await workspace.projects.count()
            #expect(count == 1)
        }
    }

    @Test(arguments: ["after the begin", "after a change", "before the commit"])
    func aSessionThatEndsInATransactionLeavesNothing(_ step: String) async throws {
        try await withWorkspace { server, database, workspace in
            await expect(.connectionLost) {
                try await workspace.write { tx in
                    if step == "after the begin" { try server.endSession(of: tx) }
                    try tx.projects.insert(Fixtures.project(1))
                    if step == "after a change" { try server.endSession(of: tx) }
                    try tx.projects.insert(Fixtures.project(2))
                    if step == "before the commit" { try server.endSession(of: tx) }
                }
            }
            let count = try await workspace.projects.count()
            #expect(count == 0)
            try await workspace.projects.insert(Fixtures.project(3))
        }
    }

    /// Whether the commit was done or not, a flush neither loses nor duplicates points.
    @Test(arguments: [true, false])
    func aFlushResolvesAnUnknownCommit(_ isCommitted: Bool) async throws {
        try await withWorkspace { server, database, workspace in
            // The commit of the points waits for a lock, so that it can be disturbed.
            let holder = ConnectionQueue(label: "test") { [url = server.url(database)] in
                try PostgresConnection(
                    url, configuration: PostgresConfiguration(), interruption: $0)
            }
            try await holder.run { try $0.runScript("SELECT pg_advisory_lock(7)") }
            try await server.run(
                """
                CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END';
                CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON run_metrics
                    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.step = 0)
                    EXECUTE FUNCTION slow()
                """, in: database)
            let run = try await workspace.startRun(project: "p", experiment: "e")
            let session = try await workspace.submitted { tx in
                (descriptor: tx.session?.descriptor ?? -1, process: tx.session?.process ?? -1)
            }
            for step in 0..<1000 { run.log("loss", Double(step), step: step) }
            let flushed = Task { try await run.flush() }
            try await server.waitUntil(
                "SELECT 'x' FROM pg_stat_activity WHERE pid = \(session.process) "
                    + "AND query LIKE '%COMMIT' AND state = 'active'", in: database)
            if isCommitted {
                shutdown(session.descriptor, Int32(SHUT_RD))
            } else {
                try await server.run("SELECT pg_terminate_backend(\(session.process), 30000)")
            }
            await expect(.commitUnknown) { try await flushed.value }
            run.log("loss", 1000, step: 1000)
            await holder.close()
            try await run.flush()
            let points = try await workspace.read {
                try $0.metrics.history(of: run.id, metric: "loss")
            }
            #expect(points.map(\.step) == Array(0...1000))
            #expect(points.map(\.value) == (0...1000).map(Double.init))
            try await run.finish()
            let summary = try await workspace.runs.find(run.id).metrics["loss"]
            #expect(summary?.count == 1001)
        }
    }

    /// If the connection is lost during the end of a run, it ends once, with its points once.
    ///
    /// This holds whether the end was committed or not.
    @Test(arguments: [true, false], [0, 1000])
    func theEndOfARunResolvesAnUnknownCommit(
        _ isCommitted: Bool, _ points: Int
    ) async throws {
        try await withWorkspace {
            $0.maximumConnections = 1
        } _: { server, database, workspace in
            let holder = ConnectionQueue(label: "test") { [url = server.url(database)] in
                try PostgresConnection(
                    url, configuration: PostgresConfiguration(), interruption: $0)
            }
            // No tick writes the points before the end.
            var options = TrackingOptions()
            options.flushInterval = .seconds(3600)
            options.heartbeatInterval = .seconds(3600)
            let run = try await workspace.startRun(
                project: "p", experiment: "e", options: options)
            try await holder.run { try $0.runScript("SELECT pg_advisory_lock(7)") }
            try await server.run(
                """
                CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END';
                CREATE CONSTRAINT TRIGGER slow AFTER UPDATE ON experiment_runs
                    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status = 'completed')
                    EXECUTE FUNCTION slow()
                """, in: database)
            // The end is written with the last points, on the connection found here.
            let session = try await workspace.submitted { tx in
                (descriptor: tx.session?.descriptor ?? -1, process: tx.session?.process ?? -1)
            }
            for step in 0..<points { run.log("loss", Double(step), step: step) }
            let ended = Task { try await run.finish() }
            try await server.waitUntil(
                "SELECT 'x' FROM pg_stat_activity WHERE pid = \(session.process) "
                    + "AND query LIKE '%COMMIT' AND state = 'active'", in: database)
            if isCommitted {
                shutdown(session.descriptor, Int32(SHUT_RD))
            } else {
                try await server.run("SELECT pg_terminate_backend(\(session.process), 30000)")
            }
            await holder.close()
            #expect(try await ended.value.status == .completed)
            await expect(.conflict) { try await run.finish() }
            let found = try await workspace.read {
                try $0.metrics.history(of: run.id, metric: "loss").map(\.step)
            }
            #expect(found == (0..<points).map(Int64.init))
            let summary = try await workspace.runs.find(run.id).metrics["loss"]
            #expect(summary?.count ?? 0 == points)
        }
    }

    @Test func aStatementThatTakesTooLongIsStopped() async throws {
        try await withWorkspace {
            $0.statementTimeout = .milliseconds(300)
        } _: { _, _, workspace in
            await expect(.busy) { try await workspace.read { try $0.sleep(30) } }
            let count = try await workspace.projects.count()
            #expect(count == 0)
        }
    }

    @Test func aCancelledTaskStopsItsStatement() async throws {
        try await withWorkspace { server, database, workspace in
            let start = ContinuousClock.now
            let task = Task { try await workspace.read { try $0.sleep(60) } }
            try await server.waitUntil(
                "SELECT 'x' FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' "
                    + "AND state = 'active' AND pid <> pg_backend_pid()", in: database)
            task.cancel()
            await expectCancellation(of: task)
            #expect(ContinuousClock.now - start < .seconds(30))
            let count = try await workspace.projects.count()
            #expect(count == 0)
        }
    }

    /// A stopped session keeps its connection open without an answer.
    ///
    /// Data sent to it fill the socket's buffer and remain there.
    @Test(.timeLimit(.minutes(10)), arguments: [1, 100_000])
    func aServerThatNeverAnswersCountsAsLost(_ points: Int) async throws {
        try await withWorkspace {
            $0.statementTimeout = .seconds(3)
        } _: { _, _, workspace in
            let run = try await workspace.startRun(project: "p", experiment: "e")
            let process = Mutex<Int32>(0)
            await expect(.connectionLost) {
                try await workspace.write { tx in
                    try tx.projects.insert(Fixtures.project(1))
                    let pid = tx.session?.process ?? 0
                    process.withLock { $0 = pid }
                    kill(pid, SIGSTOP)
                    try tx.metrics.insert(contentsOf: Fixtures.points(points, of: run.id))
                }
            }
            kill(process.withLock { $0 }, SIGCONT)
            let count = try await workspace.metrics.count()
            #expect(count == 0)
            try await run.finish()
        }
    }

    /// A cancelled task ends with `CancellationError`, even if the server does not answer.
    @Test(.timeLimit(.minutes(10)), arguments: [1, 100_000])
    func aCancelledTaskEndsThoughNobodyAnswers(_ points: Int) async throws {
        try await withWorkspace { server, database, workspace in
            let run = try await workspace.startRun(project: "p", experiment: "e")
            let (stopped, stop) = AsyncStream<Int32>.makeStream()
            let task = Task {
                try await workspace.write { tx in
                    let pid = tx.session?.process ?? 0
                    try tx.projects.insert(Fixtures.project(1))
                    kill(pid, SIGSTOP)
                    stop.yield(pid)
                    try tx.metrics.insert(contentsOf: Fixtures.points(points, of: run.id))
                }
            }
            var process: Int32 = 0
            for await pid in stopped {
                process = pid
                break
            }
            task.cancel()
            await expectCancellation(of: task)
            kill(process, SIGCONT)
            try await run.finish()
        }
    }

    /// The end of a session without an error code is recognized by its severity.
    @Test func aSessionThatTheServerGivesUpIsLost() async throws {
        try await withWorkspace { server, database, workspace in
            await expect(.connectionLost) {
                try await workspace.write { tx in
                    try tx.projects.insert(Fixtures.project(1))
                    try tx.run("SET LOCAL idle_in_transaction_session_timeout = 50")
                    try server.waitForEnd(of: tx)
                    try tx.projects.insert(Fixtures.project(2))
                }
            }
            let count = try await workspace.projects.count()
            #expect(count == 0)
        }
    }

    /// Waiting callers get a connection in the order of their arrival.
    @Test func aFullPoolServesInOrder() async throws {
        try await withWorkspace {
            $0.maximumConnections = 1
        } _: { _, _, workspace in
            let pool = try #require(workspace.store as? PostgresStore).tenants
            let (entered, enter) = AsyncStream<Void>.makeStream()
            let leave = DispatchSemaphore(value: 0)
            let holder = Task {
                try await workspace.read { _ in
                    enter.yield()
                    leave.wait()
                }
            }
            for await _ in entered { break }
            let served = Order()
            var waiters: [Task<Void, any Error>] = []
            for number in 1...5 {
                waiters.append(Task { try await workspace.read { _ in served.add(number) } })
                while pool.waiting < number { await Task.yield() }
            }
            leave.signal()
            try await holder.value
            for waiter in waiters { try await waiter.value }
            #expect(served.all == Array(1...5))
        }
    }

    private final class Order: Sendable {
        private let numbers = Mutex<[Int]>([])
        var all: [Int] { numbers.withLock { $0 } }
        func add(_ number: Int) { numbers.withLock { $0.append(number) } }
    }

    @Test func aFullPoolRefusesInTime() async throws {
        try await withWorkspace {
            $0.maximumConnections = 1
            $0.acquireTimeout = .milliseconds(300)
        } _: { _, _, workspace in
            let (entered, enter) = AsyncStream<Void>.makeStream()
            let leave = DispatchSemaphore(value: 0)
            let holder = Task {
                try await workspace.read { _ in
                    enter.yield()
                    leave.wait()
                }
            }
            for await _ in entered { break }
            await expect(.busy) { _ = try await workspace.projects.count() }
            let waiter = Task { try await workspace.projects.count() }
            waiter.cancel()
            await expectCancellation(of: waiter)
            leave.signal()
            try await holder.value
            let count = try await workspace.projects.count()
            #expect(count == 0)
        }
    }

    /// Two writers that change two rows in opposite orders.
    private final class Duel: Sendable {
        let workspace: Workspace
        let projects: [Project]
        let attempts = Mutex([0, 0])
        private let ready = [DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)]

        init(_ workspace: Workspace, _ projects: [Project]) {
            self.workspace = workspace
            self.projects = projects
        }

        /// On its first attempt, waits until the other writer has changed its first row.
        func write(_ writer: Int) async throws {
            try await workspace.write { [self] tx in
                let attempt = attempts.withLock { attempts in
                    attempts[writer] += 1
                    return attempts[writer]
                }
                for (turn, index) in [writer, 1 - writer].enumerated() {
                    var project = try tx.projects.find(projects[index].id)
                    let count = project.settings["n"]?.int ?? 0
                    project.settings = ["n": .int(count + 1)]
                    try tx.projects.update(project)
                    guard turn == 0, attempt == 1 else { continue }
                    ready[1 - writer].signal()
                    ready[writer].wait()
                }
            }
        }
    }

    @Test func twoWritersInEachOthersWayBothEnd() async throws {
        try await withWorkspace { _, _, workspace in
            let projects = try await workspace.projects.insert(
                contentsOf: [Fixtures.project(1), Fixtures.project(2)])
            let duel = Duel(workspace, projects)
            try await withThrowingTaskGroup { group in
                for writer in 0...1 { group.addTask { try await duel.write(writer) } }
                try await group.waitForAll()
            }
            #expect(duel.attempts.withLock { $0.reduce(0, +) } > 2, "one was run again")
            for project in try await workspace.projects.all() {
                #expect(project.settings["n"] == 2)
            }
        }
    }
}
