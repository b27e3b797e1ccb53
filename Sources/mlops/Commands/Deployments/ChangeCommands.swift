import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops deployments deploy`.
struct DeployCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Record a new deployment of a version, which serves from now on.",
        discussion: """
            EXAMPLE:
              mlops deployments deploy digits-api --model digits-mlp --version 3 \\
                --environment production --demand production
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The deployment's name.")
    var name: String

    @Option(help: ArgumentHelp("The model.", valueName: "name"))
    var model: String

    @Option(help: ArgumentHelp("The version.", valueName: "version"))
    var version: String

    @Option(help: ArgumentHelp("Where it serves.", valueName: "name"))
    var environment: Choice<DeploymentEnvironment>

    @Option(help: ArgumentHelp("The project, if several have the model.", valueName: "slug"))
    var project: String?

    @Option(help: ArgumentHelp("Where it answers.", valueName: "URL"))
    var endpoint: String?

    @Option(help: ArgumentHelp("The least number of instances.", valueName: "count"))
    var min = 1

    @Option(help: ArgumentHelp("The greatest number of instances.", valueName: "count"))
    var max = 1

    @Option(help: ArgumentHelp("Why.", valueName: "text"))
    var reason: String?

    @Option(help: ArgumentHelp("The stage that the version has to be in.", valueName: "stage"))
    var demand: Choice<ModelStage>?

    @Flag(help: "Only begin; `complete` or `fail` ends the change.")
    var begin = false

    func validate() throws { try InstanceLimits.check(min, max) }

    func run() async throws {
        let report = try await Database(options).workspace(acting) { workspace in
            try await workspace.write { [self] tx in
                try DeploymentReport(deploy(in: tx), at: .distantFuture, in: tx)
            }
        }
        if options.json { return try Output.json(report) }
        Output.line("\(begin ? "began" : "deployed") \(name): \(report.stateText)")
    }

    private func deploy(in tx: any Transaction) throws -> Deployment {
        let model = try ShowModelCommand.find(model, project: project, in: tx)
        let version = try ModelVersion.find(version, of: model.id, called: model.name, in: tx)
        let deployment = Deployment(
            project: model.projectID, modelVersion: version.id, name: name,
            environment: environment.value, endpointURL: endpoint, minInstances: min,
            maxInstances: max)
        guard begin else {
            return try tx.deployments.deploy(deployment, reason: reason, demanding: demand?.value)
        }
        let change = try tx.deployments.begin(
            deployment, reason: reason, demanding: demand?.value)
        return try tx.deployments.find(change.deploymentID)
    }
}

/// The limits of scaling on a command line.
enum InstanceLimits {
    static func check(_ min: Int, _ max: Int) throws {
        guard min >= 0, max >= min else {
            throw ValidationError("--min takes 0 or more, and --max no less.")
        }
    }
}

/// The options of a change.
struct ReasonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Why.", valueName: "text"))
    var reason: String?

    @Flag(help: "Only begin; `complete` or `fail` ends the change.")
    var begin = false

    /// Makes or begins a change, and writes what the deployment is then.
    func make(
        _ target: ChangeOptions, _ done: String, demanding stage: ModelStage? = nil,
        _ change: @escaping @Sendable (any Transaction) throws -> DeploymentChange
    ) async throws {
        try await target.change(begin ? "began" : done) { [self] tx, id in
            let entry = try tx.deployments.begin(
                change(tx), of: id, reason: reason, demanding: stage)
            return try begin ? tx.deployments.find(id) : tx.deployments.complete(entry.id)
        }
    }
}

/// The command `mlops deployments update`.
struct UpdateDeploymentCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Record that a deployment serves another version of its model.",
        discussion: """
            EXAMPLES:
              mlops deployments update digits-api 4 --demand production
              mlops deployments update digits-api 4 --begin
            """)

    @OptionGroup var target: ChangeOptions
    @OptionGroup var change: ReasonOptions

    @Argument(help: "The version.")
    var version: String

    @Option(help: ArgumentHelp("The stage that the version has to be in.", valueName: "stage"))
    var demand: Choice<ModelStage>?

    var options: GlobalOptions { target.options }

    func run() async throws {
        try await change.make(target, "updated", demanding: demand?.value) { [target, version] in
            .update(to: try target.version(version, in: $0))
        }
    }
}

/// The command `mlops deployments rollback`.
struct RollbackDeploymentCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Record that a deployment serves the version of before again.",
        discussion: """
            EXAMPLES:
              mlops deployments rollback digits-api
              mlops deployments rollback digits-api --to 2 --reason 'errors since 3'
            """)

    @OptionGroup var target: ChangeOptions
    @OptionGroup var change: ReasonOptions

    @Option(
        help: ArgumentHelp(
            "A version that it has served (default: the one before).", valueName: "version"))
    var to: String?

    var options: GlobalOptions { target.options }

    func run() async throws {
        try await change.make(target, "rolled back") { [target, to] tx in
            .rollback(to: try to.map { try target.version($0, in: tx) })
        }
    }
}

/// The command `mlops deployments scale`.
struct ScaleDeploymentCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Record other limits of a deployment's instances.",
        discussion: "EXAMPLE:\n  mlops deployments scale digits-api --min 2 --max 8")

    @OptionGroup var target: ChangeOptions
    @OptionGroup var change: ReasonOptions

    @Option(help: ArgumentHelp("The least number of instances.", valueName: "count"))
    var min: Int

    @Option(help: ArgumentHelp("The greatest number of instances.", valueName: "count"))
    var max: Int

    var options: GlobalOptions { target.options }

    func validate() throws { try InstanceLimits.check(min, max) }

    func run() async throws {
        try await change.make(target, "scaled") { [min, max] _ in .scale(min: min, max: max) }
    }
}

/// The command `mlops deployments terminate`.
struct TerminateDeploymentCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "terminate",
        abstract: "Record the end of a deployment, for good.",
        discussion: "EXAMPLE:\n  mlops deployments terminate digits-api --reason 'replaced'")

    @OptionGroup var target: ChangeOptions
    @OptionGroup var change: ReasonOptions

    var options: GlobalOptions { target.options }

    func run() async throws { try await change.make(target, "terminated") { _ in .terminate } }
}

/// The command `mlops deployments mark`.
struct MarkDeploymentCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "mark",
        abstract: "Record that a deployment is active, inactive or failed.",
        discussion: "EXAMPLE:\n  mlops deployments mark digits-api failed")

    @OptionGroup var target: ChangeOptions

    @Argument(help: "What it is.")
    var status: ReportedStatus

    var options: GlobalOptions { target.options }

    func run() async throws {
        try await target.change("marked") { [status] in
            try $0.deployments.mark($1, as: status.value)
        }
    }
}

/// A status that is reported; the others follow from changes.
enum ReportedStatus: String, CaseIterable, ExpressibleByArgument, Sendable {
    case active, inactive, failed

    var value: DeploymentStatus {
        switch self {
        case .active: .active
        case .inactive: .inactive
        case .failed: .failed
        }
    }
}

/// The command `mlops deployments complete`.
struct CompleteChangeCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "complete",
        abstract: "End the change that is in progress: it is true from now on.",
        discussion: "EXAMPLE:\n  mlops deployments complete digits-api")

    @OptionGroup var target: ChangeOptions

    var options: GlobalOptions { target.options }

    func run() async throws {
        try await target.change("completed") {
            try $0.deployments.complete(try Self.inProgress(of: $1, in: $0))
        }
    }

    static func inProgress(
        of id: Identifier<Deployment>, in tx: any Transaction
    ) throws -> Identifier<DeploymentHistoryEntry> {
        if let change = try tx.deploymentHistory.inProgress(of: id) { return change.id }
        throw Failure.nothing("no change of the deployment is in progress")
    }
}

/// The command `mlops deployments fail`.
struct FailChangeCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "fail",
        abstract: "Give up the change that is in progress: the deployment is as it was.",
        discussion: "EXAMPLE:\n  mlops deployments fail digits-api --error 'no quota'")

    @OptionGroup var target: ChangeOptions

    @Option(help: ArgumentHelp("Why it failed.", valueName: "text"))
    var error: String?

    var options: GlobalOptions { target.options }

    func run() async throws {
        try await target.change("gave up a change of") { [error] in
            try $0.deployments.fail(
                try CompleteChangeCommand.inProgress(of: $1, in: $0), error: error)
        }
    }
}
