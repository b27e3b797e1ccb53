import Foundation
import MLOpsCore

extension Call {
    static let ofMonitoring = measurements + driftReports + alerts

    private static let far = Fixtures.date.addingTimeInterval(1_000_000)

    private static let measurements = calls(
        of: ModelMonitoring.self, insert: .maintainers, read: .readers,
        trail: Trail(
            entity: "model_monitoring",
            created: "deployment_id is_anomaly metric_name recorded_at threshold_max value",
            batch: "deployment_id"),
        own: [
            Call("series", .readers) {
                try $0.monitoring.series(
                    of: $1.deployment.id, metric: "latency_ms", from: Fixtures.date, to: far)
            },
            Call("anomalies", .readers) {
                try $0.monitoring.anomalies(of: $1.deployment.id, from: Fixtures.date, to: far)
            },
        ])

    private static let driftReports = calls(
        of: DataDriftReport.self, insert: .maintainers, read: .readers,
        trail: Trail(
            entity: "data_drift_report",
            created: """
                deployment_id drift_score drift_threshold feature_drift is_drift_detected \
                period_end period_start report_data
                """,
            batch: "deployment_id"),
        own: [
            Call("of(deployment:overlapping:)", .readers) {
                try $0.driftReports.of(
                    deployment: $1.deployment.id, overlapping: Fixtures.date...far)
            },
            Call("latest", .readers) { try $0.driftReports.latest(of: $1.deployment.id) },
        ])

    private static let alerts = calls(
        of: Alert.self, insert: .contributors, read: .readers, update: .contributors,
        trail: Trail(
            entity: "alert",
            created: """
                alert_type comments context deployment_id fingerprint is_automatic \
                last_seen_at message occurrences project_id raised_by severity status title \
                triggered_at
                """),
        own: [
            Call(
                "raise", .contributors,
                entries: [
                    """
                    alert.create of other: changes alert_type comments context \
                    deployment_id fingerprint is_automatic last_seen_at message occurrences \
                    project_id raised_by severity status title triggered_at
                    """
                ]
            ) { try $0.alerts.raise(Fixtures.alert(9, deployment: $1.deployment.id)) },
            Call(
                "raise again", .contributors, entries: ["alert.raise of row: changes occurrences"]
            ) { try $0.alerts.raise($1.alert) },
            Call(
                "acknowledge", .contributors,
                entries: [
                    "alert.acknowledge of row: changes acknowledged_at acknowledged_by status"
                ]
            ) { try $0.alerts.acknowledge($1.alert.id) },
            Call(
                "resolve", .contributors,
                entries: ["alert.resolve of row: changes resolved_at resolved_by status"]
            ) { try $0.alerts.resolve($1.alert.id) },
            Call(
                "snooze", .contributors, entries: ["alert.snooze of row: changes snoozed_until"]
            ) {
                try $0.alerts.snooze($1.alert.id, until: Date(timeIntervalSinceNow: 86_400))
            },
            Call(
                "comment", .contributors, entries: ["alert.comment of row: changes comments"]
            ) { try $0.alerts.comment($1.alert.id, "on it") },
            Call("deliveries", .maintainers) { try $0.alerts.deliveries(of: $1.alert.id) },
            Call("deliveries of no project", .admins) {
                try $0.alerts.deliveries(of: $1.generalAlert.id)
            },
            Call("resolveAutomatic", .everybody, exempt: .takesNoKey) {
                _ = try $0.alerts.resolveAutomatic($1.alert.fingerprint, in: $1.project.id)
            },
            Call("open", .readers, exempt: .takesNoKey) { tx, site in
                try tx.alerts.open().filter { $0.id == site.alert.id }
            },
            Call("unresolved", .readers, exempt: .takesNoKey) { tx, site in
                try tx.alerts.unresolved().filter { $0.id == site.alert.id }
            },
            Call("of(deployment:)", .readers) { try $0.alerts.of(deployment: $1.deployment.id) },
            Call("insert of no project", .admins, exempt: .takesNoKey, entries: [general]) {
                tx, _ in try tx.alerts.insert(Fixtures.alert(9))
            },
            Call("raise of no project", .admins, exempt: .takesNoKey, entries: [general]) {
                tx, _ in try tx.alerts.raise(Fixtures.alert(9))
            },
            Call(
                "update of no project", .admins, entries: ["alert.update of other: changes"]
            ) { try $0.alerts.update($1.generalAlert) },
            Call(
                "acknowledge of no project", .admins,
                entries: [
                    "alert.acknowledge of other: changes acknowledged_at acknowledged_by status"
                ]
            ) { try $0.alerts.acknowledge($1.generalAlert.id) },
            Call(
                "resolve of no project", .admins,
                entries: ["alert.resolve of other: changes resolved_at resolved_by status"]
            ) { try $0.alerts.resolve($1.generalAlert.id) },
            Call("findIfExists of no project", .everybody) {
                try $0.alerts.findIfExists($1.generalAlert.id)
            },
        ])

    /// The audit entry of a new alert without a project.
    private static let general = """
        alert.create of other: changes alert_type comments context fingerprint \
        is_automatic last_seen_at message occurrences raised_by severity status title triggered_at
        """
}
