import Foundation

/// Alerts of severity info about what happens to deployments, model versions and runs.
///
/// One is made only when a rule fires for it. It is over at once: nobody has to handle it. Its
/// context has the member `status`, and `labels` for the conditions of rules.
struct AlertEvents {
    let transaction: SQLTransaction

    private var trusted: SQLTransaction { transaction.unrestricted }

    /// A change of a deployment was completed, or has failed.
    func changed(_ deployment: Deployment, by entry: DeploymentHistoryEntry) throws {
        try tellOf(.deployment, in: deployment.organizationID) {
            let version = try SQLRepository<ModelVersion>(trusted)
                .anyRecord(entry.modelVersionID).version
            let action = entry.action.rawValue
            return Alert(
                project: deployment.projectID, deployment: deployment.id, alertType: .deployment,
                severity: .info,
                title: "\(deployment.name): \(action) \(entry.status.rawValue)",
                message: [
                    "Version \(version).", entry.reason?.asErrorMessage, entry.errorMessage,
                ].compactMap(\.self).joined(separator: " "),
                fingerprint: "event:\(entry.id):\(entry.status.rawValue)",
                context: context(
                    entry.status.rawValue,
                    ["action": action, "environment": deployment.environment.rawValue],
                    ["deployment_history_id": .string(entry.id.description)]))
        }
    }

    /// Somebody has reported the state of a deployment.
    func marked(_ deployment: Deployment) throws {
        try tellOf(.deployment, in: deployment.organizationID) {
            let status = deployment.status.rawValue
            return Alert(
                project: deployment.projectID, deployment: deployment.id, alertType: .deployment,
                severity: .info,
                title: "\(deployment.name) is \(status)",
                fingerprint: "event:\(deployment.id):\(deployment.revision)",
                context: context(
                    status, ["action": "mark", "environment": deployment.environment.rawValue]))
        }
    }

    /// Something was decided about a version and a stage.
    ///
    /// - Parameter status: `requested`, `approved`, `rejected`, `promoted`, or `overridden`.
    func decided(_ version: ModelVersion, _ stage: ModelStage, _ status: String, note: String?)
        throws
    {
        try tellOf(.modelUpdate, in: version.organizationID) {
            let model = try SQLRepository<Model>(trusted).find(version.modelID)
            return Alert(
                project: model.projectID, alertType: .modelUpdate, severity: .info,
                title: "\(model.name) \(version.version): \(stage.rawValue) \(status)",
                message: note?.asErrorMessage ?? "",
                fingerprint: "event:\(version.id):\(version.revision)",
                context: context(
                    status, ["model": model.name, "stage": stage.rawValue],
                    ["model_version_id": .string(version.id.description)]))
        }
    }

    /// A run has ended; nobody waits for a logged model.
    func ended(_ run: ExperimentRun) throws {
        guard run.kind == .run else { return }
        try tellOf(.experiment, in: run.organizationID) {
            let experiment = try SQLRepository<Experiment>(trusted).find(run.experimentID)
            let status = run.status.rawValue
            return Alert(
                project: experiment.projectID, alertType: .experiment, severity: .info,
                title: "\(experiment.name), \(run.runName): \(status)",
                message: run.errorMessage ?? "",
                fingerprint: "event:\(run.id):\(run.revision)",
                context: context(
                    status, ["experiment": experiment.name],
                    ["run_id": .string(run.id.description)]))
        }
    }

    private func context(
        _ status: String, _ labels: [String: String], _ more: [String: JSONValue] = [:]
    ) -> JSONValue {
        var members = more
        members["status"] = .string(status)
        members["labels"] = .object(labels.mapValues { .string($0) })
        return .object(members)
    }

    /// - Parameter event: Is asked for only when a rule may fire for events of this type.
    private func tellOf(
        _ type: AlertType, in organization: Identifier<Organization>, _ event: () throws -> Alert
    ) throws {
        let rules = try SQLRepository<NotificationRule>(trusted).active(in: organization)
        guard rules.contains(where: { $0.triggerType.isAbout(type) }) else { return }
        let alerts = SQLRepository<Alert>(trusted)
        var alert = try event()
        alert.organizationID = organization
        (alert.triggeredAt, alert.lastSeenAt) = (transaction.now, transaction.now)
        alert.status = .resolved
        if let user = transaction.principal?.userID {
            (alert.raisedBy, alert.resolvedBy, alert.resolvedAt) = (user, user, transaction.now)
        }
        alert.isAutomatic = true
        var outbox = Outbox([], at: transaction.now)
        try alerts.tell(alert, in: &outbox)
        guard !outbox.deliveries.isEmpty else { return }
        (alert.deliveries, alert.nextDeliveryAt) = (outbox.trimmed, outbox.nextDue(of: alert))
        try alerts.store(alert, from: .engine)
    }
}
