import MLOpsCore
import PostgresSchema

extension StoreError {
    /// The error for an error report of the server.
    ///
    /// It uses the names of tables, columns and constraints in the report, never its detail, which
    /// contains values.
    init(postgres report: PostgresResult, state: String) {
        let partition = report.field("t") ?? ""
        let table = UniqueIndex.table(ofPartition: partition)
        let constraint = report.field("n")
        let text = report.field("M") ?? ""
        switch state {
        case "23505":
            let index = UniqueIndex.named(constraint ?? "", on: partition)
            let columns = index?.columns.filter { $0 != "organization_id" } ?? ["id"]
            self.init(
                .alreadyExists,
                "There is already a row in \(table) with this \(columns.joined(separator: ", ")).",
                field: index?.name ?? "\(table)_pkey")
        case "23503", "23001":
            self.init(
                .foreignKeyViolation,
                "A row refers to one that does not exist in this organization, "
                    + "or is still referred to.")
        case "23514":
            self = PostgresConnection.migrations.checkViolation(of: constraint ?? "")
        case "23502":
            let column = "\(table).\(report.field("c") ?? "")"
            self.init(.checkViolation, "`\(column)` needs a value.", field: column)
        case "ML001": self.init(.permissionDenied, "\(text).")
        case "42501":
            self.init(
                .permissionDenied,
                "PostgreSQL refuses it to this role (\(text)); see the roles of MLOpsPostgres.")
        case "40001", "40P01":
            self.init(
                .serializationFailure,
                "Other transactions kept this one from ending, however often it was run again; "
                    + "repeat it later.")
        case "57014", "55P03":
            self.init(
                .busy,
                "The statement did not end within the statement timeout; repeat the call, or "
                    + "raise `statementTimeout`.")
        case "53300": self = .noConnectionLeft
        case "53100":
            self.init(
                .diskFull,
                "The server's disk is full; nothing of the transaction was kept. Free space and "
                    + "repeat it.")
        case "25006":
            self.init(.readOnly, "The server only reads; is it a standby?")
        default:
            if state.hasPrefix("22") {
                self.init(.invalidValue, "PostgreSQL cannot keep a value (\(state)).")
                return
            }
            // The messages of these classes name objects of the database, never values.
            let isNaming = ["42", "53", "54", "55", "57", "58", "XX"].contains(state.prefix(2))
            self.init(
                .database, "PostgreSQL says: \(isNaming ? "\(text) " : "")(\(state)).")
        }
    }
}

extension StoreError {
    static let noConnectionLeft = StoreError(
        .busy, "PostgreSQL has no connection left; lower `maximumConnections`, or repeat.")
}

/// A unique index of the schema.
private struct UniqueIndex {
    let name: String
    let table: String
    let columns: [String]

    /// The unique indexes that the migrations create.
    private static let all: [UniqueIndex] = PostgresSchema.migrations.flatMap { migration in
        let text = String(decoding: migration.up, as: UTF8.self)
        return text.matches(
            of: /CREATE UNIQUE INDEX (?<name>\w+)\s+ON (?<table>\w+) \((?<columns>[^)]+)\)/
        ).map { match in
            UniqueIndex(
                name: String(match.name), table: String(match.table),
                columns: match.columns.split(separator: ", ").map(String.init))
        }
    }

    /// The table of a hash partition such as `projects_2`; any other name is returned as it is.
    static func table(ofPartition name: String) -> String {
        guard let match = name.wholeMatch(of: /(?<table>\w+?)_\d+/) else { return name }
        return String(match.table)
    }

    /// The index of this name, or of a name that PostgreSQL made from a partition's columns.
    static func named(_ name: String, on partition: String) -> UniqueIndex? {
        let table = table(ofPartition: partition)
        return all.first { index in
            index.name == name
                || index.table == table
                    && name.hasPrefix("\(partition)_\(index.columns.joined(separator: "_"))")
        }
    }
}
