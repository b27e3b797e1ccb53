import ArgumentParser
import Foundation
import MLOpsTransfer

/// Which files of runs an import from MLflow copies.
struct MLflowArtifactOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A directory below which files of runs are copied (default: that of the store); "
                + "a server needs none.",
            valueName: "directory"))
    var artifacts: [String] = []

    @Flag(help: "Copy no files; the places of artifacts are kept as text.")
    var noArtifacts = false

    var roots: [URL]? { artifacts.isEmpty ? nil : artifacts.map { URL(filePath: $0) } }
}

/// The command `mlops import mlflow`.
struct ImportMLflowCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "mlflow",
        abstract: "Take the database of an MLflow tracking server, or ask the server.",
        discussion: """
            Experiments, runs with parameters, tags, points, data sets and files, logged models, \
            and registered models with versions, stages, aliases and tags; what MLflow has \
            deleted is deleted here too, and can be restored.

            MLflow may go on writing. It stores infinity as the largest number; with --infinities \
            that number is read as infinity.

            A server is asked over HTTP, with MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME \
            and MLFLOW_TRACKING_PASSWORD, if they are set. It hands over files, too; it does not \
            tell of deleted logged models and deleted versions.

            EXAMPLES:
              mlops import mlflow mlflow.db --artifacts mlartifacts --project digits
              mlops import mlflow http://localhost:5000 --dry-run
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var settings: ImportSettings
    @OptionGroup var files: MLflowArtifactOptions

    @Argument(help: ArgumentHelp("The database file or the server.", valueName: "file or URL"))
    var source: String

    @Flag(help: "Read the largest number as infinity.")
    var infinities = false

    func run() async throws {
        if source.prefixMatch(of: /https?:\/\//.ignoresCase()) != nil {
            let server = try MLflowServerSource(
                source, authorization: Self.authorization, readsInfinities: infinities)
            return try await take(server, settings) { $0.copiesArtifacts = !files.noArtifacts }
        }
        let database = try MLflowSource(
            URL(filePath: source), artifactRoots: files.roots, readsInfinities: infinities)
        try await take(database, settings) { $0.copiesArtifacts = !files.noArtifacts }
    }

    /// What MLflow's own client would send.
    private static var authorization: String? {
        let environment = ProcessInfo.processInfo.environment
        if let token = environment["MLFLOW_TRACKING_TOKEN"], !token.isEmpty {
            return "Bearer \(token)"
        }
        guard let user = environment["MLFLOW_TRACKING_USERNAME"], !user.isEmpty else { return nil }
        let password = environment["MLFLOW_TRACKING_PASSWORD"] ?? ""
        return "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    }
}

/// The command `mlops import mlflow-files`.
struct ImportMLflowFilesCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "mlflow-files",
        abstract: "Take a directory of MLflow's file store, mlruns.",
        discussion: """
            Takes what the command mlflow takes, except data sets. Links below the directory are \
            not followed.

            EXAMPLE:
              mlops import mlflow-files mlruns --project digits
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var settings: ImportSettings
    @OptionGroup var files: MLflowArtifactOptions

    @Argument(help: "The directory.")
    var directory: String

    func run() async throws {
        let source = try MLflowFilesSource(
            URL(filePath: directory), artifactRoots: files.roots)
        try await take(source, settings) { $0.copiesArtifacts = !files.noArtifacts }
    }
}
