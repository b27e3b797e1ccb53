import Crypto
import Foundation

/// Evaluates the monitoring policies of deployments, and raises and resolves alerts.
///
/// It acts in the name of whoever inserts, also where they may not write alerts: the policy was set
/// by somebody who may.
struct DeploymentWatch {
    let transaction: SQLTransaction

    /// Looks at the newest measurements of metrics.
    func look(at metrics: Set<String>, of id: Identifier<Deployment>) throws {
        let policy = try transaction.monitoringPolicy(of: id)
        for name in metrics.sorted() {
            guard let metric = policy.metrics[name] else { continue }
            if metric.minimum != nil || metric.maximum != nil {
                let values = try newest(
                    name, of: id, max(metric.rule.window, metric.rule.resolvesAfter),
                    under: policy)
                try conclude(
                    metric.rule.isFailing(values.map(metric.allows)), of: id, "bounds:\(name)"
                ) {
                    alert(outOfBounds: name, metric, values, id)
                }
            }
            if metric.silenceSeconds != nil {
                try settle("silence:\(name)", of: id)
            }
        }
        if policy.metrics.values.contains(where: { $0.silenceSeconds != nil }) {
            try schedule(try silences(of: id, under: policy).next, of: id)
        }
    }

    /// Looks at the newest drift reports.
    func lookAtDrift(of id: Identifier<Deployment>) throws {
        let policy = try transaction.monitoringPolicy(of: id)
        guard let rule = policy.drift else { return }
        let areGood = try transaction.rows(
            """
            SELECT is_drift_detected FROM data_drift_reports WHERE deployment_id = \(id) \
            AND \(recent("created_at", under: policy)) \
            ORDER BY period_end DESC, id DESC LIMIT \(max(rule.window, rule.resolvesAfter))
            """
        ) { try !$0.next(Bool.self) }
        try conclude(rule.isFailing(areGood), of: id, "drift") {
            Alert(
                deployment: id, alertType: .dataDrift, severity: rule.severity,
                title: "The data have drifted",
                message: "\(count(areGood, rule)) drift reports found drift.",
                fingerprint: fingerprint("drift", id), isAutomatic: true)
        }
    }

    /// Raises alerts for metrics of a deployment that are silent.
    func raiseSilences(of deployment: Deployment) throws -> [Alert] {
        let policy = deployment.monitoringPolicy
        let isWatched = [.active, .deploying].contains(deployment.status)
        let (silent, next) = try silences(
            of: deployment.id, under: policy, since: deployment.updatedAt)
        // What rests is looked at again: nobody says when it serves again. What has ended is not.
        let rests = deployment.status == .terminated ? nil : transaction.now + 60
        try schedule(isWatched ? next : rests, of: deployment.id)
        return try (isWatched ? silent : []).compactMap { name in
            guard let metric = policy.metrics[name], let seconds = metric.silenceSeconds else {
                return nil
            }
            let fingerprint = fingerprint("silence:\(name)", deployment.id)
            // Told once: nothing new happens while it goes on.
            let isTold = try alerts.count {
                $0.deploymentID == deployment.id && $0.fingerprint == fingerprint
                    && $0.status != .resolved
            }
            if isTold > 0 { return nil }
            var alert = Alert(
                deployment: deployment.id, alertType: metric.rule.alertType,
                severity: metric.rule.severity, title: "\(name) is silent",
                message: "There was no measurement of \(name) for \(seconds) seconds.",
                fingerprint: fingerprint,
                context: ["metric": .string(name), "silence_seconds": seconds.json],
                isAutomatic: true)
            alert.organizationID = deployment.organizationID
            return try alerts.raise(alert)
        }
    }

    /// Resolves what only the policy has raised and nobody watches any more.
    func stop(_ old: MonitoringPolicy, for new: MonitoringPolicy, of id: Identifier<Deployment>)
        throws
    {
        for (name, metric) in old.metrics {
            let next = new.metrics[name]
            if next?.minimum == nil, next?.maximum == nil {
                try settle("bounds:\(name)", of: id)
            }
            if metric.silenceSeconds != nil, next?.silenceSeconds == nil {
                try settle("silence:\(name)", of: id)
            }
        }
        if old.drift != nil, new.drift == nil { try settle("drift", of: id) }
    }

    // MARK: Looking

    private var alerts: SQLRepository<Alert> { SQLRepository<Alert>(transaction.unrestricted) }

    /// The condition of what was measured since the policy was set, and not in the future.
    ///
    /// A clock that is fast by a minute is believed; a row of next year would be the newest until
    /// then.
    private func recent(_ column: String, under policy: MonitoringPolicy) -> Fragment {
        let (start, end) = (policy.setAt ?? .distantPast, transaction.now.addingTimeInterval(60))
        return "\(raw: column) >= \(start) AND \(raw: column) <= \(end)"
    }

    private func newest(
        _ metric: String, of id: Identifier<Deployment>, _ limit: Int,
        under policy: MonitoringPolicy
    ) throws -> [Double] {
        try transaction.rows(
            """
            SELECT value FROM model_monitoring WHERE deployment_id = \(id) \
            AND metric_name = \(metric) AND \(recent("recorded_at", under: policy)) \
            ORDER BY recorded_at DESC, id DESC LIMIT \(limit)
            """
        ) { try $0.nextReal() }
    }

    /// The metrics that are silent now, and when the next one will be.
    private func silences(
        of id: Identifier<Deployment>, under policy: MonitoringPolicy, since change: Date? = nil
    ) throws -> (silent: [String], next: Date?) {
        var silent: [String] = []
        var next: Date?
        for (name, metric) in policy.metrics.sorted(by: { $0.key < $1.key }) {
            guard let seconds = metric.silenceSeconds else { continue }
            let last = try transaction.rows(
                """
                SELECT recorded_at FROM model_monitoring WHERE deployment_id = \(id) \
                AND metric_name = \(name) AND \(recent("recorded_at", under: policy)) \
                ORDER BY recorded_at DESC LIMIT 1
                """
            ) { try $0.next(Date.self) }.first
            let start = [last, policy.setAt, change].compactMap(\.self).max() ?? transaction.now
            let end = start.addingTimeInterval(seconds).roundedToMicroseconds
            if end <= transaction.now {
                silent.append(name)
            } else {
                next = min(next ?? end, end)
            }
        }
        return (silent, next)
    }

    /// Sets when the deployment is looked at again, without a new revision.
    func schedule(_ time: Date?, of id: Identifier<Deployment>) throws {
        try transaction.execute(
            """
            UPDATE deployments SET next_check_at = \(time) WHERE id = \(id) \
            AND \(SQLRepository<Deployment>(transaction).tenant)
            """)
    }

    // MARK: Concluding

    private func conclude(
        _ isFailing: Bool?, of id: Identifier<Deployment>, _ kind: String, _ alert: () -> Alert
    ) throws {
        guard let isFailing, transaction.principal != nil else { return }
        if isFailing {
            _ = try alerts.raise(alert())
        } else {
            try settle(kind, of: id)
        }
    }

    /// Resolves an alert that is over.
    private func settle(_ kind: String, of id: Identifier<Deployment>) throws {
        guard transaction.principal != nil else { return }
        let project = try SQLRepository<Deployment>(transaction.unrestricted).find(id).projectID
        _ = try alerts.resolveAutomatic(fingerprint(kind, id), in: project)
    }

    private func fingerprint(_ kind: String, _ id: Identifier<Deployment>) -> String {
        // A name may be as long as a fingerprint.
        guard kind.utf8.count > 512 else { return "\(kind):\(id)" }
        return "\(SHA256.hash(data: Data(kind.utf8)).hexadecimal):\(id)"
    }

    private func alert(
        outOfBounds name: String, _ metric: MetricPolicy, _ values: [Double],
        _ id: Identifier<Deployment>
    ) -> Alert {
        var context: [String: JSONValue] = [
            "metric": .string(name), "value": (values.first ?? .nan).json,
        ]
        context["minimum"] = metric.minimum?.json
        context["maximum"] = metric.maximum?.json
        let bounds = [
            metric.minimum.map { "at least \($0)" }, metric.maximum.map { "at most \($0)" },
        ].compactMap(\.self).joined(separator: " and ")
        return Alert(
            deployment: id, alertType: metric.rule.alertType, severity: metric.rule.severity,
            title: "\(name) is out of bounds",
            message:
                "\(count(values.map(metric.allows), metric.rule)) measurements of \(name) are not "
                + "\(bounds); the last one is \(values.first ?? .nan).",
            fingerprint: fingerprint("bounds:\(name)", id), context: .object(context),
            isAutomatic: true)
    }

    private func count(_ areGood: [Bool], _ rule: WatchRule) -> String {
        let last = areGood.prefix(rule.window)
        return "\(last.count { !$0 }) of the last \(last.count)"
    }
}

extension SQLRepository where Record == Deployment {
    func setMonitoringPolicy(
        _ policy: MonitoringPolicy?, of id: Identifier<Deployment>
    ) throws -> Deployment {
        try policy?.validate()
        let deployment = try findRunning(id)
        var policy = policy ?? MonitoringPolicy()
        policy.metrics = Dictionary(
            policy.metrics.map { ($0.key.asName, $0.value) }, uniquingKeysWith: { $1 })
        policy.setAt = policy == MonitoringPolicy() ? nil : transaction.now
        transaction.forgetMonitoringPolicy(of: id)
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
            SELECT id FROM deployments \
            WHERE next_check_at <= \(transaction.now) AND deleted_at IS NULL \
            ORDER BY next_check_at, id LIMIT \(limit) \(dialect.lock(.available))
            """
        ) { try $0.next(Identifier<Deployment>.self) }
        let watch = DeploymentWatch(transaction: transaction)
        return try due.flatMap { id in
            do {
                return try transaction.savepoint { try watch.raiseSilences(of: find(id)) }
            } catch let error as StoreError where !error.isReported {
                // One that cannot be read does not keep the others waiting.
                try watch.schedule(transaction.now + 3600, of: id)
                return []
            }
        }
    }
}
