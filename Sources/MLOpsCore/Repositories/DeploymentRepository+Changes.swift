import Foundation

/// A change is planned from the deployment as it is, and applied when it is completed.
extension SQLRepository where Record == Deployment {
    func begin(
        _ deployment: Deployment, reason: String?, demanding stage: ModelStage?
    ) throws -> DeploymentHistoryEntry {
        let stored = try storeNew(deployment, as: .deploying, since: nil, demanding: stage)
        return try storeBegun(try entry(.deploy, of: stored, reason, demanding: stage))
    }

    /// Stores a deployment that is new in this transaction.
    func storeNew(
        _ deployment: Deployment, as status: DeploymentStatus, since deployedAt: Date?,
        demanding stage: ModelStage?
    ) throws -> Deployment {
        try check(deployment.modelVersionID, isIn: stage)
        var record = deployment
        let now = transaction.now
        (record.status, record.deployedAt, record.terminatedAt) = (status, deployedAt, nil)
        (record.createdAt, record.updatedAt) = (now, now)
        return try store(record, from: .engine)
    }

    func begin(
        _ change: DeploymentChange, of id: Identifier<Deployment>, reason: String?,
        demanding stage: ModelStage?
    ) throws -> DeploymentHistoryEntry {
        let (deployment, planned) = try plan(change, of: id, reason, demanding: stage)
        var entry = planned
        entry.previousStatus = deployment.status
        let status: DeploymentStatus = entry.action == .terminate ? .terminating : .deploying
        try set("status = \(status)", of: deployment, as: "begin")
        return try storeBegun(entry)
    }

    func complete(_ change: Identifier<DeploymentHistoryEntry>) throws -> Deployment {
        try transaction.checkWritable()
        let (deployment, entry) = try open(change)
        guard entry.status == .inProgress else {
            throw refusal(
                "The change was never begun; `begin` begins one, and `fail` withdraws this one.")
        }
        let changed = try apply(entry, to: deployment)
        try end(entry, as: .completed, at: try timeOfChange(of: changed), of: changed)
        return changed
    }

    func fail(_ change: Identifier<DeploymentHistoryEntry>, error: String?) throws -> Deployment {
        try transaction.checkWritable()
        let (deployment, entry) = try open(change)
        var restored = deployment
        if entry.status == .inProgress {
            let status = deployment.deployedAt == nil ? .failed : entry.previousStatus ?? .active
            restored = try set("status = \(status)", of: deployment, as: "fail")
        }
        try end(entry, as: .failed, at: transaction.now, of: restored, error: error)
        return restored
    }

    /// Makes a change at once.
    func make(
        _ change: DeploymentChange, of id: Identifier<Deployment>, _ reason: String?,
        demanding stage: ModelStage? = nil
    ) throws -> Deployment {
        let (deployment, entry) = try plan(change, of: id, reason, demanding: stage)
        let changed = try apply(entry, to: deployment)
        try storeCompleted(entry, of: changed, at: try timeOfChange(of: changed))
        return changed
    }

    // MARK: Planning

    private func plan(
        _ change: DeploymentChange, of id: Identifier<Deployment>, _ reason: String?,
        demanding stage: ModelStage?
    ) throws -> (Deployment, DeploymentHistoryEntry) {
        let deployment = try findRunning(id)
        try checkIsUnchanging(deployment)
        var entry: DeploymentHistoryEntry
        switch change {
        case .update(let version):
            try find(version: version)
            entry = try self.entry(.update, of: deployment, reason, to: version, demanding: stage)
        case .rollback(let version):
            let target = try target(ofRollback: version, of: deployment)
            try find(version: target)
            entry = try self.entry(.rollback, of: deployment, reason, to: target, demanding: stage)
        case .scale(let min, let max):
            entry = try self.entry(.scale, of: deployment, reason)
            (entry.minInstances, entry.maxInstances) = (min, max)
        case .terminate:
            entry = try self.entry(.terminate, of: deployment, reason)
        }
        entry.previousModelVersionID = deployment.modelVersionID
        try check(entry.modelVersionID, isIn: entry.demandedStage)
        return (deployment, entry)
    }

    func entry(
        _ action: DeploymentAction, of deployment: Deployment, _ reason: String?,
        to version: Identifier<ModelVersion>? = nil, demanding stage: ModelStage? = nil
    ) throws -> DeploymentHistoryEntry {
        var entry = DeploymentHistoryEntry(
            deployment: deployment.id, modelVersion: version ?? deployment.modelVersionID,
            action: action, reason: reason, createdAt: transaction.now)
        entry.performedBy = try transaction.actingUser()
        entry.demandedStage = stage
        return entry
    }

    private func target(
        ofRollback version: Identifier<ModelVersion>?, of deployment: Deployment
    ) throws -> Identifier<ModelVersion> {
        let entries = try completedChanges(of: deployment.id)
        guard let version else {
            let served = DeploymentHistoryEntry.servedVersions(after: entries)
            guard let previous = served.dropLast().last else {
                throw refusal("The deployment has no earlier version to roll back to.")
            }
            return previous
        }
        guard version != deployment.modelVersionID else {
            throw refusal("The deployment serves this version already.")
        }
        guard entries.contains(where: { $0.modelVersionID == version }) else {
            throw refusal("The deployment has never served this version: use update.")
        }
        return version
    }

    /// Finds a version, and locks it, so that nobody deletes it before the deployment serves it.
    @discardableResult
    private func find(version: Identifier<ModelVersion>) throws -> ModelVersion {
        try SQLRepository<ModelVersion>(transaction).lock(version, .shared)
        return try transaction.modelVersions.find(version)
    }

    /// Checks that a version is in the stage that was demanded; a lock keeps it there.
    private func check(_ version: Identifier<ModelVersion>, isIn stage: ModelStage?) throws {
        guard let stage else { return }
        let version = try find(version: version)
        guard version.stage != stage else { return }
        throw refusal(
            "The version \(version.version) is in \(version.stage.rawValue), and the change "
                + "demands one in \(stage.rawValue): promote it first, or fail a change that has "
                + "begun.")
    }

    /// - Throws: `.conflict` while a change is in progress.
    func checkIsUnchanging(_ deployment: Deployment) throws {
        let changes = SQLRepository<DeploymentHistoryEntry>(transaction.unrestricted)
        guard let change = try changes.inProgress(of: deployment.id) else { return }
        throw refusal(
            "A change is in progress since \(change.startedAt.formatted(.iso8601)); complete it or "
                + "fail it first (\(change.id)).")
    }

    // MARK: Applying

    private func apply(
        _ entry: DeploymentHistoryEntry, to deployment: Deployment
    ) throws -> Deployment {
        let now = transaction.now
        let deployedAt = deployment.deployedAt ?? now
        let verb = entry.action.rawValue
        switch entry.action {
        case .deploy, .update, .rollback:
            do {
                try find(version: entry.modelVersionID)
            } catch let error as StoreError where error.code == .notFound {
                guard entry.status == .inProgress else { throw error }
                throw refusal(
                    "The version was deleted meanwhile, so that the change can only fail.")
            }
            // It may have left the stage since the change began.
            try check(entry.modelVersionID, isIn: entry.demandedStage)
            return try set(
                """
                model_version_id = \(entry.modelVersionID), status = \(DeploymentStatus.active),
                deployed_at = \(deployedAt)
                """,
                of: deployment, as: verb)
        case .scale:
            let status = entry.previousStatus ?? deployment.status
            return try set(
                """
                min_instances = \(entry.minInstances ?? deployment.minInstances),
                max_instances = \(entry.maxInstances ?? deployment.maxInstances),
                status = \(status)
                """,
                of: deployment, as: verb)
        case .terminate:
            try DeploymentWatch(transaction: transaction)
                .stop(deployment.monitoringPolicy, for: MonitoringPolicy(), of: deployment.id)
            transaction.forgetMonitoringPolicy(of: deployment)
            return try set(
                """
                status = \(DeploymentStatus.terminated),
                terminated_at = \(try timeOfChange(of: deployment))
                """,
                of: deployment, as: verb)
        }
    }

    // MARK: The history

    /// Finds a change that has not ended, and its deployment, and locks both.
    private func open(
        _ id: Identifier<DeploymentHistoryEntry>
    ) throws -> (Deployment, DeploymentHistoryEntry) {
        let changes = SQLRepository<DeploymentHistoryEntry>(transaction)
        let deployment = try find(try changes.find(id, to: .write).deploymentID, to: .write)
        let entry = try changes.find(id, to: .write)
        guard !entry.status.isFinal else {
            throw refusal("The change has ended before; its outcome is set once.")
        }
        return (deployment, entry)
    }

    func storeCompleted(
        _ entry: DeploymentHistoryEntry, of deployment: Deployment, at time: Date? = nil
    ) throws {
        var entry = entry
        let time = time ?? transaction.now
        (entry.status, entry.startedAt, entry.completedAt) = (.completed, time, time)
        try AlertEvents(transaction: inside(deployment).transaction)
            .changed(deployment, by: try store(entry))
    }

    private func storeBegun(_ entry: DeploymentHistoryEntry) throws -> DeploymentHistoryEntry {
        var entry = entry
        entry.status = .inProgress
        return try store(entry)
    }

    @discardableResult
    private func store(_ entry: DeploymentHistoryEntry) throws -> DeploymentHistoryEntry {
        try SQLRepository<DeploymentHistoryEntry>(transaction.unrestricted)
            .store(entry, from: .engine)
    }

    private func end(
        _ entry: DeploymentHistoryEntry, as status: DeploymentActionStatus, at time: Date,
        of deployment: Deployment, error: String? = nil
    ) throws {
        let changes = SQLRepository<DeploymentHistoryEntry>(transaction)
        // If the clock was set back, the change ends at its start instead of before it.
        let end = max(time, entry.startedAt)
        let ended = try changes.set(
            "status = \(status), error_message = \(error?.asErrorMessage), completed_at = \(end)",
            of: entry, as: status == .completed ? "complete" : "fail")
        try AlertEvents(transaction: inside(deployment).transaction)
            .changed(deployment, by: ended)
    }
}
