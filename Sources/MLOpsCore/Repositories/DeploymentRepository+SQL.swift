import Foundation

extension SQLRepository: DeploymentRepository where Record == Deployment {
    func named(
        _ name: String, environment: DeploymentEnvironment, in project: Identifier<Project>
    ) throws -> Deployment? {
        try first {
            $0.projectID == project && $0.name == name && $0.environment == environment
        }
    }

    func of(project: Identifier<Project>) throws -> [Deployment] {
        _ = try transaction.projects.find(project)
        return try all(
            where: { $0.projectID == project },
            order: { [$0.name.ascending, $0.environment.ascending] })
    }

    func of(version: Identifier<ModelVersion>) throws -> [Deployment] {
        _ = try transaction.modelVersions.find(version)
        return try all(
            where: { $0.modelVersionID == version },
            order: { [$0.name.ascending, $0.environment.ascending] })
    }

    func deploy(_ deployment: Deployment, reason: String?) throws -> Deployment {
        var record = deployment
        let now = transaction.now
        (record.status, record.deployedAt, record.terminatedAt) = (.active, now, nil)
        (record.createdAt, record.updatedAt) = (now, now)
        let stored = try store(record, from: .engine)
        try addHistory(.deploy, of: stored, replacing: nil, reason: reason)
        return stored
    }

    func update(
        _ id: Identifier<Deployment>, to version: Identifier<ModelVersion>, reason: String?
    ) throws -> Deployment {
        let deployment = try findRunning(id)
        return try serve(version, in: deployment, action: .update, reason: reason)
    }

    func scale(
        _ id: Identifier<Deployment>, min: Int, max: Int, reason: String?
    ) throws -> Deployment {
        let deployment = try findRunning(id)
        let stored = try set(
            "min_instances = \(min), max_instances = \(max)", of: deployment,
            as: "scale")
        try addHistory(.scale, of: stored, replacing: deployment, reason: reason)
        return stored
    }

    func rollback(
        _ id: Identifier<Deployment>, to version: Identifier<ModelVersion>?, reason: String?
    ) throws -> Deployment {
        let deployment = try findRunning(id)
        let entries = try completedChanges(of: id)
        let target: Identifier<ModelVersion>
        if let version {
            guard version != deployment.modelVersionID else {
                throw refusal("The deployment serves this version already.")
            }
            guard entries.contains(where: { $0.modelVersionID == version }) else {
                throw refusal("The deployment has never served this version: use update.")
            }
            target = version
        } else {
            let served = DeploymentHistoryEntry.servedVersions(after: entries)
            guard let previous = served.dropLast().last else {
                throw refusal("The deployment has no earlier version to roll back to.")
            }
            target = previous
        }
        return try serve(target, in: deployment, action: .rollback, reason: reason)
    }

    func mark(_ id: Identifier<Deployment>, as status: DeploymentStatus) throws -> Deployment {
        let deployment = try findRunning(id)
        guard status != .terminated else {
            throw refusal("A deployment is terminated with terminate.")
        }
        let deployedAt = deployment.deployedAt ?? (status == .active ? transaction.now : nil)
        return try set(
            "status = \(status), deployed_at = \(deployedAt)", of: deployment, as: "mark")
    }

    func terminate(_ id: Identifier<Deployment>, reason: String?) throws -> Deployment {
        let deployment = try findRunning(id)
        let stored = try set(
            """
            status = \(DeploymentStatus.terminated),
            terminated_at = \(try timeOfChange(of: deployment))
            """,
            of: deployment, as: "terminate")
        try addHistory(.terminate, of: stored, replacing: deployment, reason: reason)
        return stored
    }

    func liveVersion(of id: Identifier<Deployment>, at time: Date) throws -> ModelVersion? {
        _ = try find(id)
        let change = try transaction.unrestricted.deploymentHistory.first(
            where: {
                $0.deploymentID == id && $0.status == .completed && $0.action != .scale
                    && $0.completedAt <= time
            },
            order: { [$0.completedAt.descending, $0.id.descending] })
        guard let change, change.action != .terminate else { return nil }
        // The version may have been deleted since.
        return try SQLRepository<ModelVersion>(transaction).anyRecord(change.modelVersionID)
    }
}

extension SQLRepository where Record == Deployment {
    /// Finds a deployment that can be changed, and locks it.
    ///
    /// - Throws: `.notFound`; `.conflict` when it is terminated.
    fileprivate func findRunning(_ id: Identifier<Deployment>) throws -> Deployment {
        let deployment = try find(id, to: .write)
        guard deployment.status != .terminated else {
            throw refusal("The deployment is terminated and cannot be changed.")
        }
        return deployment
    }

    /// Makes a version the serving one, and adds the change to the history.
    private func serve(
        _ version: Identifier<ModelVersion>, in deployment: Deployment, action: DeploymentAction,
        reason: String?
    ) throws -> Deployment {
        // Locked, so that nobody deletes the version before the deployment serves it.
        try SQLRepository<ModelVersion>(transaction).lock(version, .shared)
        _ = try transaction.modelVersions.find(version)
        let deployedAt = deployment.deployedAt ?? transaction.now
        let stored = try set(
            """
            model_version_id = \(version), status = \(DeploymentStatus.active),
            deployed_at = \(deployedAt)
            """,
            of: deployment, as: action.rawValue)
        try addHistory(action, of: stored, replacing: deployment, reason: reason)
        return stored
    }

    private func addHistory(
        _ action: DeploymentAction, of deployment: Deployment, replacing previous: Deployment?,
        reason: String?
    ) throws {
        let now = try timeOfChange(of: deployment)
        var entry = DeploymentHistoryEntry(
            deployment: deployment.id, modelVersion: deployment.modelVersionID,
            previousModelVersion: previous?.modelVersionID, action: action, status: .completed,
            reason: reason, createdAt: now)
        entry.performedBy = try transaction.actingUser()
        try SQLRepository<DeploymentHistoryEntry>(transaction.unrestricted)
            .store(entry, from: .engine)
    }

    /// The time of a change, which is later than that of every completed change.
    ///
    /// It is the transaction's time, or 1 µs after the last completed change if the clock was set
    /// back or has not advanced. So the history tells which version was live at each time.
    private func timeOfChange(of deployment: Deployment) throws -> Date {
        let last = try transaction.unrestricted.deploymentHistory.first(
            where: { $0.deploymentID == deployment.id && $0.status == .completed },
            order: { [$0.completedAt.descending] })
        let next = last?.completedAt.map { $0.addingTimeInterval(1e-6).roundedToMicroseconds }
        return [transaction.now, deployment.deployedAt, next].compactMap(\.self).max()
            ?? transaction.now
    }

    /// The completed changes, in the order of completion.
    private func completedChanges(
        of id: Identifier<Deployment>
    ) throws -> [DeploymentHistoryEntry] {
        try transaction.unrestricted.deploymentHistory.all(
            where: { $0.deploymentID == id && $0.status == .completed },
            order: { [$0.completedAt.ascending, $0.id.ascending] })
    }

    private func refusal(_ message: String) -> StoreError {
        StoreError(.conflict, message, entity: Deployment.entityName, field: "status")
    }
}

extension Deployment: StoredSoftDeletable {
    /// Checks that the deployment is not terminated.
    ///
    /// - Throws: `.conflict`.
    func prepared(
        from source: InsertSource?, in transaction: SQLTransaction
    ) throws -> Self {
        if source == nil { _ = try SQLRepository(transaction).findRunning(id) }
        return self
    }
}

extension SQLRepository where Record == Deployment {
    /// The project of a deployment; `nil` for one that the principal does not see.
    func visibleProject(of id: Identifier<Deployment>) throws -> Identifier<Project>? {
        try transaction.rows(
            """
            SELECT project_id FROM deployments WHERE \(row(id)) \
            AND \(transaction.visible(table, as: table.name))
            """
        ) { try $0.next(Identifier<Project>.self) }.first
    }
}
