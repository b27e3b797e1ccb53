import ArgumentParser
import Foundation
import MLOpsCore
import MLOpsTransfer

/// The options of every import.
struct ImportSettings: ParsableArguments {
    @OptionGroup var acting: ActingOptions

    @Option(
        help: ArgumentHelp(
            "The project that takes everything; it is made if it does not exist.",
            valueName: "name or slug"))
    var project = "imported"

    @Flag(help: "Read everything and report what would be taken, without writing.")
    var dryRun = false
}

extension ReportingCommand {
    /// Imports from a source, and writes the report.
    func take(
        _ source: any ImportSource, _ settings: ImportSettings,
        adjust: (inout ImportOptions) -> Void = { _ in }
    ) async throws {
        var importing = ImportOptions()
        importing.project = settings.project
        importing.isDryRun = settings.dryRun
        adjust(&importing)
        // Read before the store is opened, so that none is made for a source that cannot be read.
        let importer = try await Importer(from: source, options: importing).prepared()
        try await take(settings.acting, isDryRun: settings.dryRun) { store, workspace, bar in
            try await importer.run(into: store, as: workspace) {
                bar.update($0.runs, of: $0.totalRuns)
            }
        }
    }

    /// Imports into the chosen organization, and writes the report.
    func take(
        _ acting: ActingOptions, isDryRun: Bool,
        _ body: (any Store, Workspace?, Progress) async throws -> ImportReport
    ) async throws {
        let database = try Database(options)
        let bar = Progress("importing")
        do {
            let report = try await open(database, isDryRun: isDryRun) { store in
                try await body(store, Self.workspace(of: store, acting), bar)
            }
            bar.finish()
            try write(report)
        } catch let interruption as ImportInterruption {
            bar.finish()
            try write(interruption.report)
            throw interruption.cause
        }
    }

    private func write(_ report: ImportReport) throws {
        if options.json { return try Output.json(report) }
        for line in report.description.split(separator: "\n") {
            Output.line(String(line).singleLine)
        }
    }

    /// Opens the database; a dry run does not make one.
    private func open(
        _ database: Database, isDryRun: Bool, _ body: (any Store) async throws -> ImportReport
    ) async throws -> ImportReport {
        guard isDryRun else { return try await database.open(for: .create, body) }
        guard database.isMissing else { return try await database.open(for: .use, body) }
        return try await SQLiteStore.inMemory().closing { try await body($0) }
    }

    /// The workspace of the chosen organization; `nil` if there is none yet, and none was named.
    private static func workspace(
        of store: any Store, _ acting: ActingOptions
    ) async throws -> Workspace? {
        if acting.tenant.organization == nil, acting.actor == nil {
            let isEmpty = try await store.withSystemAccess(
                reason: "whether there is an organization"
            ) { try await $0.read { try $0.organizations.count() == 0 } }
            if isEmpty { return nil }
        }
        return try await Tenant.workspace(of: store, acting)
    }
}
