import MLOpsCore

/// Which tables and columns a database of MLflow has.
///
/// MLflow has added columns over the years; what is missing is read as absent.
struct MLflowSchema: Sendable {
    /// The version of the schema, if it is not one of MLflow up to 3.17.
    let unknownHead: String?
    private let columns: [String: Set<String>]

    private static let required: [String: [String]] = [
        "experiments": ["experiment_id", "name"],
        "runs": ["run_uuid", "experiment_id", "status"],
        "metrics": ["key", "value", "timestamp", "run_uuid"],
        "params": ["key", "value", "run_uuid"],
        "tags": ["key", "value", "run_uuid"],
    ]
    private static let optional = [
        "experiment_tags", "datasets", "inputs", "input_tags", "logged_models",
        "logged_model_metrics", "logged_model_params", "logged_model_tags", "registered_models",
        "registered_model_tags", "registered_model_aliases", "model_versions",
        "model_version_tags",
    ]

    /// - Throws: ``ImportSourceError`` for a database of another program.
    init(_ database: ForeignDatabase) throws {
        var columns: [String: Set<String>] = [:]
        for table in Array(Self.required.keys) + Self.optional {
            columns[table] = try database.columns(of: table)
        }
        for (table, names) in Self.required {
            guard columns[table]?.isSuperset(of: names) == true else {
                throw ImportSourceError(
                    .anotherKind,
                    "\(database.path) is not a database of MLflow: its table `\(table)` is "
                        + "missing, or has other columns.")
            }
        }
        self.columns = columns
        var head: String?
        if try database.columns(of: "alembic_version").contains("version_num") {
            try database.rows("SELECT version_num FROM alembic_version") { head = $0.text(0) }
        }
        unknownHead = head.flatMap { Self.heads.contains($0) ? nil : $0 }
    }

    /// Whether there is a table.
    func has(_ table: String) -> Bool { columns[table]?.isEmpty == false }

    /// A column for a query, or what stands for it where it is missing.
    func column(_ name: String, of table: String, or other: String = "NULL") -> String {
        columns[table]?.contains(name) == true ? name : other
    }

    /// The query for a page of points: key, value, time, step, whether NaN, row id.
    func pointQuery(of kind: RunKind) -> String {
        if kind == .loggedModel {
            guard has("logged_model_metrics") else { return "" }
            return """
                SELECT metric_name, metric_value, metric_timestamp_ms, metric_step,
                    metric_value IS NULL, rowid
                FROM logged_model_metrics WHERE model_id = ? AND rowid > ? ORDER BY rowid LIMIT ?
                """
        }
        return """
            SELECT key, value, timestamp, \(column("step", of: "metrics", or: "0")),
                \(column("is_nan", of: "metrics", or: "0")), rowid
            FROM metrics WHERE run_uuid = ? AND rowid > ? ORDER BY rowid LIMIT ?
            """
    }

    private static let heads: Set<String> = [
        "0584bdc529eb", "0a8213491aaa", "0c779009ac13", "17e22815139b", "181f10493468",
        "1971f2d9a75b", "1a0cddfcaa16", "1b5f0d9ad7c1", "1bd49d398cd23", "27a6a02d2cf1",
        "2b4d017a5e9b", "2c33131f4dae", "2d6e25af4d3e", "3500859a5d39", "39d1c3be5f05",
        "3da73c924c2f", "400f98739977", "4465047574b1", "451aebb31d03", "534353b11cbc",
        "5b0e9adcef9c", "5d2d30f0abce", "6953534de441", "6f8d9c3b2a1e", "71994744cf8e",
        "728d730b5ebd", "75868b020152", "76601a5f987d", "770bee3ae1dd", "7ac759974ad8",
        "7d34483879f0", "7f2a7d5fae7d", "84291f40a231", "867495a8f9d4", "89d3d66ed43f",
        "89d4b8295536", "90e64c465722", "97727af70f4d", "a1b2c3d4e5f6", "a5b4c3d2e1f0",
        "a8b9c0d1e2f3", "a8c4a736bde6", "acf3f17fdcc7", "ae8bbe7743c9", "b7c8d9e0f1a2",
        "b7e2c1a4d9f3", "b7e4c1a90f23", "bd07f7e963c5", "bda7b8c39065", "bf29a5ff90ea",
        "c1d2e3f4a5b6", "c3d6457b6d8a", "c3d9e7f1a2b4", "c48cb773bb87", "c8d9e0f1a2b3",
        "c9d4e5f6a7b8", "cbc13b556ace", "cc1f77228345", "cfd24bdc0731", "d0e1f2a3b4c5",
        "d3e4f5a6b7c8", "da6fb0208061", "dc11669786a5", "de4033877273", "df50e92ffc5e",
        "e1f2a3b4c5d6", "f5a4f2784254",
    ]
}
