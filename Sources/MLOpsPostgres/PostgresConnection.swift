import CLibPQ
import Dispatch
import Foundation
import Logging
import MLOpsCore

/// One connection to a PostgreSQL server.
final class PostgresConnection: SQLConnection {
    let handle: OpaquePointer
    let interruption: Interruption
    let configuration: PostgresConfiguration
    let dialect: any Dialect = PostgresDialect()
    let sender: String

    private let notices: NoticeLog
    private var slowStatements: SlowStatementLog?
    let canceller: Canceller
    private var prepared = PreparedStatements(limit: 256)
    /// The commands that begin the transaction; empty once they have been sent.
    private var opening: [Command] = []
    private var cursors = 0
    private(set) var isCommitting = false
    /// Whether the session listens for announcements.
    var isListening = false
    private var isReading = false
    /// Whether the COMMIT of a read was sent, and its answer not read yet.
    private var isEnding = false

    /// How long after the statement timeout the server may take to report it.
    static let grace = Duration.seconds(5)

    /// Connects to a server.
    ///
    /// - Parameter sender: The name with which the announcements of changes begin.
    /// - Throws: `.cannotOpen`, `.busy` when the server has no connection left.
    init(
        _ url: String, configuration: PostgresConfiguration, interruption: Interruption,
        sender: String = "-"
    ) throws {
        self.configuration = configuration
        self.sender = sender
        self.interruption = interruption
        notices = NoticeLog(configuration.logger)
        slowStatements = SlowStatementLog(
            threshold: configuration.slowStatementThreshold, logger: configuration.logger)
        let opened = try Self.open(url, notices: notices, interruption: interruption)
        handle = opened
        canceller = Canceller(PQgetCancel(opened))
        // A server that does not read must not block the thread forever.
        PQsetnonblocking(handle, 1)
        interruption.setInterrupt { [canceller] in canceller.cancel() }
    }

    deinit {
        interruption.setInterrupt(nil)
        PQfinish(handle)
    }

    // MARK: Statements

    /// Sends a statement and waits for its answer.
    ///
    /// - Parameter isRepeated: Whether the same text will be sent again, so that it may be
    ///   prepared.
    private func send(_ sql: Fragment, isRepeated: Bool = true) throws -> PostgresResult {
        try interruption.check()
        let text = try sql.text { "$\($0)" }
        let parameters = try PostgresParameters(sql.values)
        let start = slowStatements?.now() ?? 0
        let result =
            if configuration.preparesStatements, isRepeated, PreparedStatements.keeps(text) {
                try sendPrepared(text, parameters)
            } else {
                try answer(to: takeOpening() + [command(text, parameters)])
            }
        if let slowStatements {
            slowStatements.report(text, slowStatements.now() - start, rows: result.changedRows)
        }
        return result
    }

    /// Runs the statements of one bulk insert, which are one statement in the log of slow ones.
    func timingInsert(of count: Int, _ insertion: Insertion, _ body: () throws -> Void) rethrows {
        guard let log = slowStatements else { return try body() }
        slowStatements = nil
        let start = log.now()
        defer {
            slowStatements = log
            log.report(insertion.statement, log.now() - start, rows: count)
        }
        try body()
    }

    private func sendPrepared(
        _ text: String, _ parameters: PostgresParameters
    ) throws -> PostgresResult {
        // A null has no type of its own, so that one text may need several plans.
        let key = "\(text)\u{0}\(parameters.types)"
        var commands = takeOpening()
        func execution(of name: String) -> Command {
            { [handle] in
                parameters.withPointers { count, pointers in
                    PQsendQueryPrepared(
                        handle, name, count, pointers.values, pointers.lengths, pointers.formats, 1)
                }
            }
        }
        if let name = prepared.name(of: key) {
            return try answer(to: commands + [execution(of: name)])
        }
        let (name, giveUp) = prepared.add()
        if let giveUp {
            commands.append(command("DEALLOCATE \(giveUp)", try PostgresParameters([])))
        }
        commands.append { [handle] in
            PQsendPrepare(handle, name, text, Int32(parameters.types.count), parameters.types)
        }
        commands.append(execution(of: name))
        do {
            let result = try answer(to: commands)
            prepared.succeeded(key, name)
            return result
        } catch {
            prepared.failed(givingUp: giveUp)
            throw error
        }
    }

    /// Sends a command through libpq; returns 1 for success.
    private typealias Command = () -> Int32

    private func command(_ text: String, _ parameters: PostgresParameters) -> Command {
        { [handle] in
            parameters.withPointers { count, pointers in
                PQsendQueryParams(
                    handle, text, count, parameters.types, pointers.values, pointers.lengths,
                    pointers.formats, 1)
            }
        }
    }

    /// Sends commands together, and returns the answer to the last one.
    private func answer(to commands: [Command]) throws -> PostgresResult {
        if commands.count == 1 { return try answer(commands[0]()) }
        guard PQenterPipelineMode(handle) == 1 else { throw lost() }
        defer { PQexitPipelineMode(handle) }
        let isSent = commands.allSatisfy { $0() == 1 } && PQpipelineSync(handle) == 1
        return try answer(isSent ? 1 : 0, ends: commands.count + 1)
    }

    @discardableResult
    func execute(_ sql: Fragment) throws -> Int { try send(sql).changedRows }

    /// Runs a statement whose text differs each time, without preparing it.
    func executeOnce(_ sql: Fragment) throws { _ = try send(sql, isRepeated: false) }

    func query(_ sql: Fragment, _ body: (inout RowDecoder) throws -> Bool) throws {
        let result = try send(sql)
        for row in 0..<result.rowCount {
            var row = RowDecoder(PostgresRow(result: result, row: row))
            guard try body(&row) else { return }
        }
    }

    /// Reads through a cursor, 1,000 rows at a time, so that the body may use the connection.
    func stream(_ sql: Fragment, _ body: (inout RowDecoder) throws -> Bool) throws {
        cursors += 1
        let cursor = "mlops_cursor_\(cursors)"
        let batch: Int32 = 1000
        try execute("DECLARE \(raw: cursor) NO SCROLL CURSOR FOR \(sql)")
        while true {
            let result = try send("FETCH \(raw: "\(batch)") FROM \(raw: cursor)")
            for row in 0..<result.rowCount {
                var row = RowDecoder(PostgresRow(result: result, row: row))
                guard try body(&row) else {
                    try execute("CLOSE \(raw: cursor)")
                    return
                }
            }
            if result.rowCount < batch { break }
        }
        try execute("CLOSE \(raw: cursor)")
    }

    func runScript(_ sql: String) throws {
        try open()
        _ = try answer(PQsendQuery(handle, sql))
    }

    // MARK: Transactions

    /// Keeps the BEGIN to send it with the first statement, which saves a round trip.
    func begin(_ kind: TransactionKind, in organization: Identifier<Organization>?) throws {
        awaitPendingAnswer()
        isReading = kind == .read
        let begin =
            switch kind {
            case .write: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
            case .read: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            }
        // The organization for the policies of row-level security, and the statement timeout.
        var settings = "SELECT set_config('mlops.organization_id', $1, true)"
        var values = [StoredValue.text(organization?.description ?? "")]
        if let timeout = configuration.statementTimeout {
            settings += ", set_config('statement_timeout', $2, true)"
            values.append(.text("\(Int(timeout.timeInterval * 1000))"))
        }
        opening = [
            command(begin, try PostgresParameters([])),
            command(settings, try PostgresParameters(values)),
        ]
    }

    /// Sends the BEGIN if it is still pending, before a script or a `COPY`.
    func open() throws {
        guard !opening.isEmpty else { return }
        _ = try answer(to: takeOpening())
    }

    private func takeOpening() -> [Command] {
        defer { opening = [] }
        return opening
    }

    func commit(announcing changes: Changes) throws {
        if !takeOpening().isEmpty { return }
        if isReading {
            // A read has nothing to lose: the next transaction reads the answer.
            isEnding = PQsendQuery(handle, "COMMIT") == 1
            return
        }
        // If the session has already ended, it is certain that nothing was committed.
        if hasEnded() { throw lost() }
        isCommitting = true
        defer { isCommitting = false }
        let result = try answer(PQsendQuery(handle, commitText(announcing: changes)))
        guard result.command == "COMMIT" else {
            throw StoreError(.database, "PostgreSQL has rolled the transaction back.")
        }
    }

    func rollback() throws {
        opening = []
        guard !isEnding, PQtransactionStatus(handle) != PQTRANS_IDLE, isConnected else { return }
        // A cancel request may reach the server only now; the connection is closed instead.
        guard canceller.sentAt == nil else { return }
        try runScript("ROLLBACK")
    }

    func awaitPendingAnswer() {
        guard isEnding else { return }
        isEnding = false
        // A failure shows in the state of the connection.
        _ = try? answer(1, within: Self.grace)
    }

    private var isConnected: Bool { PQstatus(handle) == CONNECTION_OK && !canceller.isAbandoned }

    /// False after a cancel request, which may arrive late and stop another statement.
    var isUsable: Bool {
        guard isConnected, canceller.sentAt == nil else { return false }
        if isEnding { return true }
        return PQtransactionStatus(handle) == PQTRANS_IDLE && !hasEnded()
    }

    /// Whether the server has ended the session, without waiting for it.
    private func hasEnded() -> Bool {
        // The first read may return the server's last message, and the second the end of the
        // stream.
        for _ in 0..<2 {
            guard PQconsumeInput(handle) == 1, PQisBusy(handle) == 0 else { return true }
        }
        return !isConnected
    }

    func isAlive() -> Bool {
        (try? answer(PQsendQuery(handle, "SELECT 1"), within: Self.grace)) != nil
    }

    /// The error of a lost connection: `.commitUnknown` during a commit, or `.connectionLost`.
    func lost(_ message: String? = nil) -> StoreError {
        if isCommitting {
            return StoreError(
                .commitUnknown,
                "The connection was lost while the transaction was committed; look whether its "
                    + "rows are there before you repeat it.")
        }
        let message =
            message
            ?? "The connection to PostgreSQL was lost; nothing of the transaction was kept. Repeat "
            + "the call."
        return StoreError(.connectionLost, message)
    }

    /// The error of an answer, in the library's terms and without values.
    func error(_ result: PostgresResult) -> any Error {
        // A fatal answer reports the end of the session before the socket does.
        if !isConnected || result.endsSession { return lost() }
        let state = result.field("C") ?? ""
        if state == "57014" {
            do {
                try interruption.check()
            } catch {
                return error
            }
        }
        if state.hasPrefix("57P0") || state.hasPrefix("08") { return lost() }
        var reported = StoreError(postgres: result, state: state)
        reported.isReported = true
        return reported
    }
}
