import ArgumentParser
import Foundation
import MLOpsCore
import MLOpsTransfer

/// How the rows of a query are written.
enum QueryFormat: String, CaseIterable, Sendable { case table, json, csv }

/// The command `mlops db query`.
struct QueryCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Run one statement of SQL that reads, over every organization.",
        discussion: """
            The statement is in the language of the database, SQLite or PostgreSQL; the tables are \
            described in Schema/README.md. Nothing can be written. No right of the library holds: \
            whoever can open the database sees every row, with the hashes of passwords and keys.

            EXAMPLES:
              mlops db query 'SELECT stage, count(*) FROM model_versions GROUP BY 1'
              mlops db query 'SELECT slug, name FROM projects' --format csv
              mlops db query - --time-limit 300 < report.sql
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: ArgumentHelp("The statement, or - for standard input.", valueName: "sql"))
    var sql: String

    @Option(help: ArgumentHelp("How to write the rows; --json is json.", valueName: "format"))
    var format = Choice(QueryFormat.table)

    @Option(help: ArgumentHelp("The most rows, 1 to 100000.", valueName: "count"))
    var limit = 1000

    @Option(
        help: ArgumentHelp(
            "The longest time that the statement may take, 1 to 86400.", valueName: "seconds"))
    var timeLimit = 30.0

    /// The largest statement on standard input, in bytes.
    private static let maximum = 1 << 20

    func validate() throws {
        guard (1...100_000).contains(limit) else {
            throw ValidationError("--limit takes 1 to 100000.")
        }
        guard (1...86_400).contains(timeLimit) else {
            throw ValidationError("--time-limit takes 1 to 86400 seconds.")
        }
    }

    func run() async throws {
        let sql = try sql == "-" ? Self.standardInput() : self.sql
        let (limit, time) = (limit, timeLimit)
        let answer = try await Database(options).open(for: .use) { store in
            try await store.withSystemAccess(reason: "mlops db query") { access in
                try await Self.within(time) { try await access.query(sql, limit: limit) }
            }
        }
        let format = options.json ? .json : format.value
        switch format {
        case .json: try writeJSON(answer)
        case .csv: writeCSV(answer)
        case .table: writeTable(answer)
        }
        guard answer.isCut else { return }
        let text = "there are more rows than \(answer.rows.count); raise --limit"
        if format == .table { Output.line(text) } else { Output.error("mlops: \(text)") }
    }

    private static func standardInput() throws -> String {
        let data = try FileHandle.standardInput.read(upToCount: maximum + 1) ?? Data()
        guard data.count <= maximum else {
            throw Failure(.usage, "a statement has at most \(Format.bytes(maximum))")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Runs a body, and cancels it after some seconds.
    private static func within<Value: Sendable>(
        _ seconds: Double, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else {
                throw Failure(
                    .busy,
                    "the statement took longer than \(Format.duration(seconds)); raise "
                        + "--time-limit")
            }
            return value
        }
    }

    private func writeTable(_ answer: SQLAnswer) {
        let cells = answer.rows.map { row in
            row.map { $0 == .null ? Format.none : ExportText.cell($0) }
        }
        var table = TextTable(
            answer.columns.enumerated().map { index, name in
                let isNumber = answer.rows.allSatisfy {
                    $0[index] == .null || $0[index].double != nil
                }
                return TextTable.Column(name, isRight: isNumber, minimum: 6)
            })
        for row in cells { table.add(row) }
        table.write()
        if cells.isEmpty { Output.line("no rows") }
    }

    private func writeCSV(_ answer: SQLAnswer) {
        Output.write(ExportText.csvLine(answer.columns))
        for row in answer.rows {
            Output.write(ExportText.csvLine(row.map { $0 == .null ? "" : ExportText.cell($0) }))
        }
    }

    /// Writes an object for each row; a second column of a name gets a number.
    private func writeJSON(_ answer: SQLAnswer) throws {
        var names: [String] = []
        for column in answer.columns {
            var (name, number) = (column, 1)
            while names.contains(name) {
                number += 1
                name = "\(column)_\(number)"
            }
            names.append(name)
        }
        try Output.json(
            answer.rows.map { Dictionary(uniqueKeysWithValues: zip(names, $0)) })
    }
}
