import ArgumentParser
import Foundation
import MLOpsPostgres

/// The command `mlops db roles`.
struct RolesCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "roles",
        abstract: "Create the roles of a PostgreSQL database, and migrate it as its owner.",
        discussion: """
            --database is the URL of a superuser: only a superuser may grant BYPASSRLS. The owner \
            migrates, the application works in one organization at a time, the system role in all \
            of them. Passwords come from $MLOPS_OWNER_PASSWORD, $MLOPS_APPLICATION_PASSWORD and \
            $MLOPS_SYSTEM_PASSWORD; without one, a role keeps its password. Running the command \
            again changes nothing.

            EXAMPLE:
              mlops db roles --database postgresql://postgres@db.example.com/mlops
            """)

    @OptionGroup var options: GlobalOptions

    @Option(help: ArgumentHelp("The role that owns the tables.", valueName: "role"))
    var owner = "mlops_owner"

    @Option(
        help: ArgumentHelp(
            "The role that works in one organization at a time.", valueName: "role"))
    var application = "mlops_app"

    @Option(help: ArgumentHelp("The role that works across organizations.", valueName: "role"))
    var system = "mlops_system"

    private struct Result: Encodable {
        let database: String
        let owner: String
        let application: String
        let system: String
    }

    func validate() throws {
        guard Set([owner, application, system]).count == 3 else {
            throw ValidationError("--owner, --application and --system name three roles.")
        }
    }

    func run() async throws {
        let database = try Database(options)
        try await database.setUp(
            PostgresRoles(
                owner: Self.role(owner, "OWNER"),
                application: Self.role(application, "APPLICATION"),
                system: Self.role(system, "SYSTEM")))
        if options.json {
            return try Output.json(
                Result(
                    database: database.name, owner: owner, application: application,
                    system: system))
        }
        let roles = [owner, application, system].joined(separator: ", ")
        Output.line("\(database.name) has its roles: \(roles)")
    }

    private static func role(_ name: String, _ part: String) -> PostgresRoles.Role {
        let password = ProcessInfo.processInfo.environment["MLOPS_\(part)_PASSWORD"]
        return PostgresRoles.Role(name, password: password.flatMap { $0.isEmpty ? nil : $0 })
    }
}
