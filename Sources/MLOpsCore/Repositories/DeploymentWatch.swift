import Crypto
import Foundation

/// Evaluates the monitoring policies of deployments, and raises and resolves alerts.
///
/// It acts in the name of whoever inserts, also where they may not write alerts: the policy was set
/// by somebody who may.
struct DeploymentWatch {
    let transaction: SQLTransaction

    /// Looks at the newest measurements of metrics that have new ones.
    func look(at rows: [ModelMonitoring], of id: Identifier<Deployment>) throws {
        let policy = try transaction.monitoringPolicy(of: id)
        guard policy.damaged == nil else { return try tellOfDamage(of: id) }
        // What decides nothing raises nothing again either.
        let times = rows.filter { isRecent($0.recordedAt, under: policy) }
            .map { ($0.metricName.asName, $0.recordedAt) }
        let metrics = Dictionary(times, uniquingKeysWith: max)
        for (name, time) in metrics.sorted(by: { $0.key < $1.key }) {
            guard let metric = policy.metrics[name] else { continue }
            if metric.minimum != nil || metric.maximum != nil {
                let measured = try newest(
                    name, of: id, max(metric.rule.window, metric.rule.resolvesAfter),
                    under: policy)
                let values = measured.map(\.value)
                try conclude(
                    metric.rule.isFailing(values.map(metric.allows)), of: id, "bounds:\(name)",
                    at: measured.first?.date, new: time
                ) {
                    alert(outOfBounds: name, metric, values, id)
                }
            }
            if metric.silenceSeconds != nil {
                try settle("silence:\(name)", of: id)
            }
        }
        if policy.metrics.values.contains(where: { $0.silenceSeconds != nil }) {
            let (silent, next) = try silences(of: id, under: policy)
            // One that nobody was told of, as no dispatcher has looked since, is still to be told.
            let isDue = try silent.contains { try !isTold("silence:\($0)", of: id) }
            try schedule(isDue ? transaction.now : next, of: id)
        }
    }

    /// Looks at the newest drift reports, when there are new ones.
    func lookAtDrift(_ new: [DataDriftReport], of id: Identifier<Deployment>) throws {
        let policy = try transaction.monitoringPolicy(of: id)
        guard policy.damaged == nil else { return try tellOfDamage(of: id) }
        let ends = new.filter { isRecent($0.createdAt, under: policy) && $0.periodEnd <= horizon }
            .map(\.periodEnd)
        guard let rule = policy.drift, let time = ends.max() else { return }
        let reports = try transaction.rows(
            """
            SELECT is_drift_detected, period_end FROM data_drift_reports \
            WHERE deployment_id = \(id) AND \(SQLRepository<DataDriftReport>(transaction).tenant) \
            AND \(recent("created_at", under: policy)) AND period_end <= \(horizon) \
            ORDER BY period_end DESC, id DESC LIMIT \(max(rule.window, rule.resolvesAfter))
            """
        ) { (isGood: try !$0.next(Bool.self), date: try $0.next(Date.self)) }
        let areGood = reports.map(\.isGood)
        try conclude(
            rule.isFailing(areGood), of: id, "drift", at: reports.first?.date, new: time
        ) {
            Alert(
                deployment: id, alertType: .dataDrift, severity: rule.severity,
                title: "The data have drifted",
                message: "\(count(areGood, rule)) drift reports found drift.",
                fingerprint: fingerprint("drift", id), isAutomatic: true)
        }
    }

    /// Raises alerts for metrics of a deployment that are silent.
    func raiseSilences(of deployment: Deployment) throws -> [Alert] {
        // The policy has ended with it, and nobody could set it anew.
        guard deployment.status != .terminated else {
            try schedule(nil, of: deployment.id)
            return []
        }
        let policy = deployment.monitoringPolicy
        guard policy.damaged == nil else {
            try schedule(transaction.now + 3600, of: deployment.id)
            return try isTold("policy", of: deployment.id)
                ? [] : [raise(alertOfDamage(of: deployment.id), of: deployment)]
        }
        let isWatched = [.active, .deploying].contains(deployment.status)
        let (silent, next) = try silences(
            of: deployment.id, under: policy, since: deployment.updatedAt)
        // What rests is looked at again: nobody says when it serves again.
        try schedule(isWatched ? next : transaction.now + 60, of: deployment.id)
        return try (isWatched ? silent : []).compactMap { name in
            guard let metric = policy.metrics[name], let seconds = metric.silenceSeconds else {
                return nil
            }
            // Told once: nothing new happens while it goes on.
            if try isTold("silence:\(name)", of: deployment.id) { return nil }
            return try raise(
                Alert(
                    deployment: deployment.id, alertType: metric.rule.alertType,
                    severity: metric.rule.severity, title: "\(name) is silent",
                    message: "There was no measurement of \(name) for \(seconds) seconds.",
                    fingerprint: fingerprint("silence:\(name)", deployment.id),
                    context: ["metric": .string(name), "silence_seconds": seconds.json],
                    isAutomatic: true), of: deployment)
        }
    }

    /// Raises an alert under system access.
    private func raise(_ alert: Alert, of deployment: Deployment) throws -> Alert {
        var alert = alert
        alert.organizationID = deployment.organizationID
        return try alerts.raise(alert)
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
        if old.damaged != nil { try settleAll(except: new, of: id) }
    }

    /// Resolves whatever a policy that cannot be read has raised and nobody watches any more.
    private func settleAll(
        except new: MonitoringPolicy, of id: Identifier<Deployment>
    ) throws {
        var kinds = new.drift == nil ? [] : ["drift"]
        for (name, metric) in new.metrics {
            if metric.minimum != nil || metric.maximum != nil { kinds.append("bounds:\(name)") }
            if metric.silenceSeconds != nil { kinds.append("silence:\(name)") }
        }
        let watched = Set(kinds.map { fingerprint($0, id) })
        let open = try alerts.all {
            $0.deploymentID == id && $0.isAutomatic && $0.status != .resolved
        }
        for alert in open
        where alert.fingerprint.hasSuffix(":\(id)") && !watched.contains(alert.fingerprint) {
            try settle(fingerprint: alert.fingerprint, of: id)
        }
    }

    // MARK: Looking

    private var alerts: SQLRepository<Alert> { SQLRepository<Alert>(transaction.unrestricted) }

    /// The condition of what was measured since the policy was set, and not in the future.
    ///
    /// A clock that is fast by a minute is believed; a row of next year would be the newest until
    /// then.
    private func recent(_ column: String, under policy: MonitoringPolicy) -> Fragment {
        let start = policy.setAt ?? .distantPast
        return "\(raw: column) >= \(start) AND \(raw: column) <= \(horizon)"
    }

    /// The same of a time.
    private func isRecent(_ time: Date, under policy: MonitoringPolicy) -> Bool {
        time >= policy.setAt ?? .distantPast && time <= horizon
    }

    private var horizon: Date { transaction.now.addingTimeInterval(60) }

    /// The condition of the measurements of a deployment.
    private func measured(_ id: Identifier<Deployment>) -> Fragment {
        "deployment_id = \(id) AND \(SQLRepository<ModelMonitoring>(transaction).tenant)"
    }

    private func newest(
        _ metric: String, of id: Identifier<Deployment>, _ limit: Int,
        under policy: MonitoringPolicy
    ) throws -> [(value: Double, date: Date)] {
        try transaction.rows(
            """
            SELECT value, recorded_at FROM model_monitoring WHERE \(measured(id)) \
            AND metric_name = \(metric) AND \(recent("recorded_at", under: policy)) \
            ORDER BY recorded_at DESC, id DESC LIMIT \(limit)
            """
        ) { (value: try $0.nextReal(), date: try $0.next(Date.self)) }
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
                SELECT recorded_at FROM model_monitoring WHERE \(measured(id)) \
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

    /// - Parameters:
    ///   - newest: The time of the newest measurement that was looked at.
    ///   - new: The time of the newest one that was inserted now.
    private func conclude(
        _ isFailing: Bool?, of id: Identifier<Deployment>, _ kind: String, at newest: Date?,
        new: Date, _ alert: () -> Alert
    ) throws {
        guard let isFailing, transaction.principal != nil else { return }
        guard isFailing else { return try settle(kind, of: id) }
        if let newest, new < newest, try wasResolved(kind, of: id, since: newest) { return }
        _ = try alerts.raise(alert())
    }

    /// Whether the alert was resolved after a measurement.
    ///
    /// What comes late then belongs to what was judged already, and raises nothing again.
    private func wasResolved(
        _ kind: String, of id: Identifier<Deployment>, since time: Date
    ) throws -> Bool {
        let fingerprint = fingerprint(kind, id)
        return try alerts.count {
            $0.deploymentID == id && $0.fingerprint == fingerprint && $0.resolvedAt >= time
        } > 0
    }

    private func isTold(_ kind: String, of id: Identifier<Deployment>) throws -> Bool {
        let fingerprint = fingerprint(kind, id)
        return try alerts.count {
            $0.deploymentID == id && $0.fingerprint == fingerprint && $0.status != .resolved
        } > 0
    }

    /// Raises an alert for a policy that cannot be read, unless one is open: otherwise nobody would
    /// know that nothing is watched any more.
    private func tellOfDamage(of id: Identifier<Deployment>) throws {
        guard transaction.principal != nil, try !isTold("policy", of: id) else { return }
        _ = try alerts.raise(alertOfDamage(of: id))
    }

    private func alertOfDamage(of id: Identifier<Deployment>) -> Alert {
        Alert(
            deployment: id, alertType: .custom, severity: .high,
            title: "The monitoring policy cannot be read",
            message: "Nothing of the deployment is watched until its policy is set anew.",
            fingerprint: fingerprint("policy", id), isAutomatic: true)
    }

    /// Resolves an alert that is over.
    private func settle(_ kind: String, of id: Identifier<Deployment>) throws {
        try settle(fingerprint: fingerprint(kind, id), of: id)
    }

    private func settle(fingerprint: String, of id: Identifier<Deployment>) throws {
        guard transaction.principal != nil else { return }
        let project = try SQLRepository<Deployment>(transaction.unrestricted).find(id).projectID
        _ = try alerts.resolveAutomatic(fingerprint, in: project)
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
