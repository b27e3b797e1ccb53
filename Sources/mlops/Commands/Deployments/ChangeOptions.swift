import ArgumentParser
import Foundation
import MLOpsCore

/// The deployment that a command changes.
struct ChangeOptions: ParsableArguments {
    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions

    @Argument(
        help: "The deployment's name, its id, or four or more characters at either end of its id.")
    var deployment: String

    @Option(help: ArgumentHelp("The project, if several have the name.", valueName: "slug"))
    var project: String?

    @Option(help: ArgumentHelp("The environment, if several have the name.", valueName: "name"))
    var environment: Choice<DeploymentEnvironment>?

    func find(in tx: any Transaction) throws -> Deployment {
        try ShowDeploymentCommand.find(
            deployment, project: project, environment: environment?.value, in: tx)
    }

    /// The version of the deployment's model that has a name.
    func version(_ name: String, in tx: any Transaction) throws -> Identifier<ModelVersion> {
        let model = try tx.modelVersion(of: find(in: tx)).modelID
        return try ModelVersion.find(name, of: model, called: "the model", in: tx).id
    }

    /// Changes the deployment in a transaction, and writes what it is then.
    func change(
        _ done: String,
        _ body: @escaping @Sendable (any Transaction, Identifier<Deployment>) throws -> Deployment
    ) async throws {
        let report = try await Database(options).workspace(acting) { workspace in
            try await workspace.write { [self] tx in
                let deployment = try body(tx, find(in: tx).id)
                return try DeploymentReport(deployment, at: .distantFuture, in: tx)
            }
        }
        if options.json { return try Output.json(report) }
        Output.line("\(done) \(report.deployment.name): \(report.stateText)")
    }
}

extension DeploymentReport {
    /// What serves and how, such as `digits-mlp 3, active, 1 to 4 instances`.
    var stateText: String {
        let limits = "\(deployment.minInstances) to \(deployment.maxInstances) instances"
        return "\(liveText), \(deployment.status.rawValue), \(limits)"
    }
}
