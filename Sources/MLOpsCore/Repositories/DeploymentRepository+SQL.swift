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

    func deploy(
        _ deployment: Deployment, reason: String?, demanding stage: ModelStage?
    ) throws -> Deployment {
        let stored = try storeNew(
            deployment, as: .active, since: transaction.now, demanding: stage)
        try storeCompleted(
            try entry(.deploy, of: stored, reason, demanding: stage), of: stored)
        return stored
    }

    func update(
        _ id: Identifier<Deployment>, to version: Identifier<ModelVersion>, reason: String?,
        demanding stage: ModelStage?
    ) throws -> Deployment { try make(.update(to: version), of: id, reason, demanding: stage) }

    func scale(
        _ id: Identifier<Deployment>, min: Int, max: Int, reason: String?
    ) throws -> Deployment { try make(.scale(min: min, max: max), of: id, reason) }

    func rollback(
        _ id: Identifier<Deployment>, to version: Identifier<ModelVersion>?, reason: String?
    ) throws -> Deployment { try make(.rollback(to: version), of: id, reason) }

    func terminate(_ id: Identifier<Deployment>, reason: String?) throws -> Deployment {
        try make(.terminate, of: id, reason)
    }

    func mark(_ id: Identifier<Deployment>, as status: DeploymentStatus) throws -> Deployment {
        let deployment = try findRunning(id)
        try checkIsUnchanging(deployment)
        guard [.active, .inactive, .failed].contains(status) else {
            throw refusal(
                "A deployment is reported as active, inactive or failed; changes set the rest.")
        }
        // A mark names no version, so that nobody could tell what serves.
        guard status != .active || deployment.deployedAt != nil else {
            throw refusal(
                "The deployment has never served and cannot be reported as active; `update` "
                    + "records which version serves.")
        }
        let marked = try set("status = \(status)", of: deployment, as: "mark")
        if status != deployment.status {
            try AlertEvents(transaction: inside(marked).transaction).marked(marked)
        }
        return marked
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
    func findRunning(_ id: Identifier<Deployment>) throws -> Deployment {
        let deployment = try find(id, to: .write)
        guard deployment.status != .terminated else {
            throw refusal("The deployment is terminated and cannot be changed.")
        }
        return deployment
    }

    /// The time of a change, which is later than that of every completed change.
    ///
    /// It is the transaction's time, or 1 µs after the last completed change if the clock was set
    /// back or has not advanced. So the history tells which version was live at each time.
    func timeOfChange(of deployment: Deployment) throws -> Date {
        let last = try transaction.unrestricted.deploymentHistory.first(
            where: { $0.deploymentID == deployment.id && $0.status == .completed },
            order: { [$0.completedAt.descending] })
        let next = last?.completedAt.map { $0.addingTimeInterval(1e-6).roundedToMicroseconds }
        return [transaction.now, deployment.deployedAt, next].compactMap(\.self).max()
            ?? transaction.now
    }

    /// The completed changes, in the order of completion.
    func completedChanges(
        of id: Identifier<Deployment>
    ) throws -> [DeploymentHistoryEntry] {
        try transaction.unrestricted.deploymentHistory.all(
            where: { $0.deploymentID == id && $0.status == .completed },
            order: { [$0.completedAt.ascending, $0.id.ascending] })
    }

    func refusal(_ message: String) -> StoreError {
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
