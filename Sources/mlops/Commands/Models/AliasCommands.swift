import ArgumentParser
import MLOpsCore

/// The command `mlops models alias`.
struct AliasCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alias",
        abstract: "The aliases of a model, such as champion, which name a version.",
        subcommands: [
            ListAliasesCommand.self, SetAliasCommand.self, RemoveAliasCommand.self,
        ])
}

/// The command `mlops models alias list`.
struct ListAliasesCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the aliases of a model.",
        discussion: "EXAMPLE:\n  mlops models alias list digits-mlp --database mlops.db")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var target: AliasOptions

    func run() async throws {
        let aliases = try await Database(options).workspace(tenant) { workspace in
            try await workspace.read { [target] tx in
                try tx.models.aliases(of: target.find(in: tx).id)
            }
        }.mapValues(\.version)
        if options.json { return try Output.json(aliases) }
        guard !aliases.isEmpty else { return Output.line("\(target.model) has no aliases") }
        var table = TextTable([
            TextTable.Column("ALIAS", minimum: 12), TextTable.Column("VERSION"),
        ])
        for (alias, version) in aliases.sorted(by: { $0.key < $1.key }) {
            table.add([alias, version])
        }
        table.write()
    }
}

/// The command `mlops models alias set`.
struct SetAliasCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Let an alias name a version, in place of the one it named.",
        discussion: """
            EXAMPLE:
              mlops models alias set digits-mlp champion 3 --as ada@example.com
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var target: AliasOptions

    @Argument(help: "The alias: letters, digits, underscores and hyphens.")
    var alias: String

    @Argument(help: "The version.")
    var version: String

    func run() async throws {
        let model = try await Database(options).workspace(acting) { workspace in
            try await workspace.write { [target, alias, version] tx in
                let model = try target.find(in: tx)
                let version = try ModelVersion.find(
                    version, of: model.id, called: model.name, in: tx)
                return try tx.models.setAlias(alias, to: version.id, of: model.id)
            }
        }
        if options.json { return try Output.json(model) }
        Output.line("\(alias) is \(model.name) \(version)")
    }
}

/// The command `mlops models alias remove`.
struct RemoveAliasCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove an alias; one that the model has not is no error.",
        discussion: """
            EXAMPLE:
              mlops models alias remove digits-mlp champion --as ada@example.com
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var target: AliasOptions

    @Argument(help: "The alias.")
    var alias: String

    func run() async throws {
        let model = try await Database(options).workspace(acting) { workspace in
            try await workspace.write { [target, alias] tx in
                try tx.models.removeAlias(alias, of: target.find(in: tx).id)
            }
        }
        if options.json { return try Output.json(model) }
        Output.line("\(model.name) has no alias \(alias)")
    }
}

/// The model whose aliases a command is about.
struct AliasOptions: ParsableArguments {
    @Argument(help: "The model's name, its id, or a part of its id.")
    var model: String

    @Option(help: ArgumentHelp("The project, if several have the name.", valueName: "slug"))
    var project: String?

    func find(in tx: any Transaction) throws -> Model {
        try ShowModelCommand.find(model, project: project, in: tx)
    }
}
