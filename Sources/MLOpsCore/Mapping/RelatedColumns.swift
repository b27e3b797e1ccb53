// The relations upwards, as conditions name them: one for each foreign key that leads to a parent.

extension EntityColumns where Record: Authored {
    /// Who made the row.
    public var creator: Related<Record, User> { Related(createdBy) }
}

extension ProjectMember.Columns {
    /// The project.
    public var project: Related<ProjectMember, Project> { Related(projectID) }
    /// The member.
    public var user: Related<ProjectMember, User> { Related(userID) }
}

extension OrganizationMembership.Columns {
    /// The member.
    public var user: Related<OrganizationMembership, User> { Related(userID) }
}

extension APIKey.Columns {
    /// The user that the key acts for.
    public var user: Related<APIKey, User> { Related(userID) }
}

extension Model.Columns {
    /// The project.
    public var project: Related<Model, Project> { Related(projectID) }
}

extension ModelVersion.Columns {
    /// The model.
    public var model: Related<ModelVersion, Model> { Related(modelID) }
    /// The project of the model.
    public var project: Related<ModelVersion, Project> { model.project }
    /// The run that produced the version.
    public var sourceRun: Related<ModelVersion, ExperimentRun> { Related(sourceRunID) }
}

extension Experiment.Columns {
    /// The project.
    public var project: Related<Experiment, Project> { Related(projectID) }
    /// The model that the experiment is about.
    public var model: Related<Experiment, Model> { Related(modelID) }
}

extension ExperimentRun.Columns {
    /// The experiment.
    public var experiment: Related<ExperimentRun, Experiment> { Related(experimentID) }
    /// The project of the experiment.
    public var project: Related<ExperimentRun, Project> { experiment.project }
    /// The run that the run is directly inside of.
    public var parentRun: Related<ExperimentRun, ExperimentRun> { Related(parentRunID) }
}

extension RunMetric.Columns {
    /// The run.
    public var run: Related<RunMetric, ExperimentRun> { Related(runID) }
}

extension Deployment.Columns {
    /// The project.
    public var project: Related<Deployment, Project> { Related(projectID) }
    /// The model version that is deployed.
    public var modelVersion: Related<Deployment, ModelVersion> { Related(modelVersionID) }
}

extension DeploymentHistoryEntry.Columns {
    /// The deployment.
    public var deployment: Related<DeploymentHistoryEntry, Deployment> { Related(deploymentID) }
    /// The model version that the change led to.
    public var modelVersion: Related<DeploymentHistoryEntry, ModelVersion> {
        Related(modelVersionID)
    }
    /// The model version that the change replaced.
    public var previousModelVersion: Related<DeploymentHistoryEntry, ModelVersion> {
        Related(previousModelVersionID)
    }
}

extension ModelMonitoring.Columns {
    /// The deployment that was measured.
    public var deployment: Related<ModelMonitoring, Deployment> { Related(deploymentID) }
}

extension DataDriftReport.Columns {
    /// The deployment that the report is about.
    public var deployment: Related<DataDriftReport, Deployment> { Related(deploymentID) }
}

extension Alert.Columns {
    /// The project, if the alert has one.
    public var project: Related<Alert, Project> { Related(projectID) }
    /// The deployment, if the alert is about one.
    public var deployment: Related<Alert, Deployment> { Related(deploymentID) }
}

extension NotificationRule.Columns {
    /// The channel.
    public var channel: Related<NotificationRule, NotificationChannel> { Related(channelID) }
    /// The project that the rule is limited to.
    public var project: Related<NotificationRule, Project> { Related(projectID) }
    /// The deployment that the rule is limited to.
    public var deployment: Related<NotificationRule, Deployment> { Related(deploymentID) }
}
