import ArgumentParser
import MLOpsCore

/// The command `mlops models promote`.
struct PromoteCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Move a version to a stage, if its gates let it pass.",
        discussion: """
            A version that the gates refuse stays where it is; the answer of every gate is shown, \
            and the exit status is 1.

            EXAMPLES:
              mlops models promote digits-mlp 3 --to production --archive-current
              mlops models promote digits-mlp 3 --to production --dry-run
              mlops models promote digits-mlp 2 --to production --override '3 fails'
            """)

    @OptionGroup var target: VersionOptions

    @Flag(
        inversion: .prefixedNo,
        help: "Archive what is in the stage (default: as the policy says).")
    var archiveCurrent: Bool?

    @Option(
        help: ArgumentHelp("Promote it whatever the gates say.", valueName: "reason"))
    var override: String?

    @Flag(help: "Ask the gates, and change nothing.")
    var dryRun = false

    var options: GlobalOptions { target.options }

    private struct Result: Encodable {
        let version: String
        let stage: ModelStage
        let report: PromotionReport?
    }

    func run() async throws {
        let (name, result) = try await Database(options).workspace(target.acting) {
            workspace -> (String, Result) in
            let version = try await workspace.read { [target] in try target.find(in: $0) }
            func result(_ stage: ModelStage, _ report: PromotionReport?) -> (String, Result) {
                (version.version, Result(version: version.version, stage: stage, report: report))
            }
            if dryRun {
                if version.stage == target.stage { return result(version.stage, nil) }
                let stage = target.stage
                return result(
                    version.stage,
                    try await workspace.read {
                        try $0.modelVersions.promotionReport(of: version.id, to: stage)
                    })
            }
            do {
                let promoted = try await workspace.promote(
                    version.id, to: target.stage, archivingCurrent: archiveCurrent,
                    overriding: override)
                // What the gates have said is about another time, if it is in the stage already.
                let isNew = version.stage != promoted.stage
                return result(promoted.stage, isNew ? promoted.promotion.report : nil)
            } catch let error as StoreError where error.code == .promotionRefused {
                return result(version.stage, error.promotion)
            }
        }
        let isOpen = result.report?.passed != false || result.report?.overriding != nil
        if options.json { try Output.json(result) } else { write(name, result, isOpen) }
        guard isOpen else { throw Failure(.negative) }
    }

    private func write(_ name: String, _ result: Result, _ isOpen: Bool) {
        if let report = result.report, !report.checks.isEmpty || dryRun { report.write() }
        let stage = target.stage.rawValue
        switch (dryRun, isOpen) {
        case (true, _): Output.line("\(name) \(isOpen ? "may" : "may not") enter \(stage)")
        case (false, true): Output.line("\(name) is in \(stage)")
        case (false, false): Output.line("\(name) stays in \(result.stage.rawValue)")
        }
    }
}
