import ArgumentParser
import Foundation
import MLOpsCore

/// The record that a command is about, such as a channel or a rule.
struct RecordOptions<Record: NamedRecord>: ParsableArguments {
    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions

    @Argument(
        help: ArgumentHelp(
            "The \(Record.noun)'s name, its id, or four or more characters at either end of it.",
            valueName: Record.noun))
    var name: String

    func find(in tx: any Transaction) throws -> Record { try Record.find(name, in: tx) }
}

/// A record that is switched on and off.
protocol SwitchedRecord: NamedRecord, SoftDeletable {
    /// The command group, such as `channels`.
    static var group: String { get }

    /// A name for examples.
    static var exampleName: String { get }

    /// What its removal does, in one sentence.
    static var removal: String { get }

    /// What a command shows of it.
    associatedtype Report: SwitchReport
    func report(in tx: any Transaction) throws -> Report

    var isActive: Bool { get set }
}

/// What a command shows of a record that it has changed.
protocol SwitchReport: Encodable, Sendable {
    /// The record as it is now, in one line.
    func summary(at now: Date) -> String
}

extension SwitchedRecord {
    static func example(_ command: String) -> String {
        "EXAMPLE:\n  mlops \(group) \(command) \(exampleName)"
    }
}

extension RecordOptions where Record: SwitchedRecord {
    /// Changes the record in a transaction, and writes what it is then.
    func change(
        _ done: String,
        _ body: @escaping @Sendable (inout Record, any Transaction, _ now: Date) throws -> Void
    ) async throws {
        let (report, now) = try await Database(options).workspace(acting) { workspace in
            let now = workspace.now
            let report = try await workspace.write { [self] tx in
                let stored = try find(in: tx)
                var record = stored
                try body(&record, tx, now)
                if record != stored {
                    record = try tx.repository(of: Record.self).update(record)
                }
                return try record.report(in: tx)
            }
            return (report, now)
        }
        if options.json { return try Output.json(report) }
        Output.line("\(done) \(report.summary(at: now))")
    }
}

/// The commands `enable`.
struct EnableCommand<Record: SwitchedRecord>: ReportingCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "enable", abstract: "Switch a \(Record.noun) on.",
            discussion: Record.example("enable"))
    }

    @OptionGroup var target: RecordOptions<Record>

    var options: GlobalOptions { target.options }

    func run() async throws {
        try await target.change("enabled") { record, _, _ in record.isActive = true }
    }
}

/// The commands `disable`.
struct DisableCommand<Record: SwitchedRecord>: ReportingCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "disable", abstract: "Switch a \(Record.noun) off.",
            discussion: Record.example("disable"))
    }

    @OptionGroup var target: RecordOptions<Record>

    var options: GlobalOptions { target.options }

    func run() async throws {
        try await target.change("disabled") { record, _, _ in record.isActive = false }
    }
}

/// The commands `remove`.
struct RemoveCommand<Record: SwitchedRecord>: ReportingCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "remove", abstract: Record.removal,
            discussion: Record.example("remove"))
    }

    @OptionGroup var target: RecordOptions<Record>

    var options: GlobalOptions { target.options }

    func run() async throws {
        let (name, deletion) = try await Database(options).workspace(target.acting) {
            try await $0.write { [target] tx in
                let record = try target.find(in: tx)
                let deletion = try tx.repository(of: Record.self).delete(record.id)
                return (record.shownName, deletion)
            }
        }
        if options.json { return try Output.json(deletion) }
        let count = deletion.counts["notification_rules"] ?? 0
        let isRule = Record.self == NotificationRule.self
        let rules = isRule || count == 0 ? "" : " and \(Format.count(count, "rule"))"
        Output.line("removed \(name)\(rules)")
    }
}
