import Foundation

extension SQLRepository where Record == Deployment {
    func setMonitoringPolicy(
        _ policy: MonitoringPolicy?, of id: Identifier<Deployment>
    ) throws -> Deployment {
        try policy?.validate()
        let deployment = try findRunning(id)
        let transaction = inside(deployment).transaction
        var policy = policy ?? MonitoringPolicy()
        policy.metrics = Dictionary(
            policy.metrics.map { ($0.key.asName, $0.value) }, uniquingKeysWith: { $1 })
        policy.setAt = policy == MonitoringPolicy() ? nil : transaction.now
        transaction.forgetMonitoringPolicy(of: deployment)
        try DeploymentWatch(transaction: transaction)
            .stop(deployment.monitoringPolicy, for: policy, of: id)
        let first = policy.metrics.values.compactMap(\.silenceSeconds).min()
        return try set(
            """
            monitoring = \(policy.json),
            next_check_at = \(first.map { transaction.now.addingTimeInterval($0) })
            """,
            of: deployment, as: "monitor")
    }

    func raiseSilences(limit: Int) throws -> [Alert] {
        try lookAtSilences(limit: limit).alerts
    }

    /// See ``SystemAccess/raiseSilences(limit:)``.
    func lookAtSilences(limit: Int) throws -> RaisedSilences {
        try transaction.checkWritable()
        guard transaction.access.isTrusted, transaction.organizationID == nil else {
            throw StoreError(
                .permissionDenied,
                "Silences of all organizations are raised under "
                    + "`store.withSystemAccess(reason:)`.",
                entity: Record.entityName)
        }
        guard (1...10_000).contains(limit) else {
            throw StoreError(
                .invalidValue, "The limit is 1 to 10,000.", entity: Record.entityName,
                field: "limit")
        }
        let due = try transaction.rows(
            """
            SELECT id, organization_id FROM deployments \
            WHERE next_check_at <= \(transaction.now) AND deleted_at IS NULL \
            ORDER BY next_check_at, id LIMIT \(limit) \(dialect.lock(.available))
            """
        ) { (try $0.next(Identifier<Deployment>.self), try $0.next(Identifier<Organization>.self)) }
        let raised = try due.flatMap { id, organization -> [Alert] in
            let own = Self(transaction.within(organization))
            let watch = DeploymentWatch(transaction: own.transaction)
            do {
                return try own.transaction.savepoint {
                    try watch.raiseSilences(of: own.find(id))
                }
            } catch let error as StoreError where !error.isReported {
                // One that cannot be read does not keep the others waiting.
                try watch.schedule(transaction.now + 3600, of: id)
                return []
            }
        }
        return RaisedSilences(alerts: raised, hasMore: due.count == limit)
    }
}
