/// The SQL files of this folder, embedded in the program, so that a moved binary keeps them.
package enum PostgresSchema {
    /// Number, name, and the two texts of each migration, in order.
    package static let migrations: [(version: Int, name: String, up: [UInt8], down: [UInt8])] = [
        (
            1, "initial_schema", PackageResources._01_initial_schema_up_sql,
            PackageResources._01_initial_schema_down_sql
        ),
        (
            2, "models_experiments", PackageResources._02_models_experiments_up_sql,
            PackageResources._02_models_experiments_down_sql
        ),
        (
            3, "deployments_monitoring", PackageResources._03_deployments_monitoring_up_sql,
            PackageResources._03_deployments_monitoring_down_sql
        ),
        (
            4, "security_notifications", PackageResources._04_security_notifications_up_sql,
            PackageResources._04_security_notifications_down_sql
        ),
    ]
}
