import MLOpsCore

/// The keys and names of the rows of a tree, or ones that exist nowhere.
package struct TreeKeys: Sendable {
    var user = Identifier<User>()
    var email = "nobody@example.com"
    var organizationSlug = "nowhere"
    var project = Identifier<Project>()
    var projectSlug = "no-project"
    var model = Identifier<Model>()
    var modelName = "no-model"
    var version = Identifier<ModelVersion>()
    var versionName = "0"
    var experiment = Identifier<Experiment>()
    var experimentName = "no-experiment"
    var run = Identifier<ExperimentRun>()
    var deployment = Identifier<Deployment>()
    var deploymentName = "no-deployment"
    var historyEntry = Identifier<DeploymentHistoryEntry>()
    var alert = Identifier<Alert>()
    var apiKey = Identifier<APIKey>()
    var keyPrefix = "no-prefix"
    var channel = Identifier<NotificationChannel>()
    var channelName = "no-channel"
    var ruleName = "no-rule"

    /// Keys that exist nowhere.
    init() {}

    /// The keys of a tree.
    package init(_ tree: FixtureTree) {
        user = tree.user.id
        email = tree.user.email
        organizationSlug = tree.organization.slug
        project = tree.project.id
        projectSlug = tree.project.slug
        model = tree.model.id
        modelName = tree.model.name
        version = tree.version.id
        versionName = tree.version.version
        experiment = tree.experiment.id
        experimentName = tree.experiment.name
        run = tree.run.id
        deployment = tree.deployment.id
        deploymentName = tree.deployment.name
        historyEntry = tree.historyEntry.id
        alert = tree.alert.id
        apiKey = tree.apiKey.id
        keyPrefix = tree.apiKey.keyPrefix
        channel = tree.channel.id
        channelName = tree.channel.name
        ruleName = tree.rule.name
    }

    /// A text with these ids replaced by what they are of, so that two texts can be compared.
    func anonymized(_ text: String) -> String {
        let ids = [
            ("user", user.description), ("project", project.description),
            ("model", model.description), ("version", version.description),
            ("experiment", experiment.description), ("run", run.description),
            ("deployment", deployment.description), ("entry", historyEntry.description),
            ("alert", alert.description), ("key", apiKey.description),
            ("channel", channel.description),
        ]
        return ids.reduce(text) { $0.replacing($1.1, with: "<\($1.0)>") }
    }
}
