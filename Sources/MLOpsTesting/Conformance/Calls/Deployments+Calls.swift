import Foundation
import MLOpsCore

extension Call {
    static let ofDeployments = deployments + deploymentHistory

    private static let deployments = calls(
        of: Deployment.self, insert: .maintainers, read: .readers, update: .maintainers,
        delete: .maintainers, purge: .owners,
        trail: Trail(
            entity: "deployment",
            created: """
                auto_scaling deployment_config endpoint_url environment \
                health_check_path instance_type max_instances min_instances model_version_id \
                monitoring name project_id status
                """,
            deleted: "deployments notification_rules", restored: "deployments"),
        own: [
            Call(
                "deploy of a version", .maintainers,
                entries: [
                    """
                    deployment.create of other: changes auto_scaling deployed_at \
                    deployment_config endpoint_url environment health_check_path instance_type \
                    max_instances min_instances model_version_id monitoring name project_id status
                    """,
                    """
                    deployment_history.create of other: changes action completed_at \
                    deployment_id model_version_id performed_by started_at status
                    """,
                ]
            ) {
                try $0.deployments.deploy(
                    Fixtures.deployment(9, in: $1.own.project.id, version: $1.version.id))
            },
            Call(
                "update(_:to:reason:demanding:) of one", .maintainers,
                entries: ["deployment.update of row: changes", changed]
            ) { try $0.deployments.update($1.deployment.id, to: $1.own.version.id) },
            Call(
                "update(_:to:reason:demanding:) to a version", .maintainers,
                entries: ["deployment.update of row: changes", changed]
            ) { try $0.deployments.update($1.own.deployment.id, to: $1.version.id) },
            Call(
                "scale", .maintainers,
                entries: ["deployment.scale of row: changes max_instances", scaled]
            ) { try $0.deployments.scale($1.deployment.id, min: 1, max: 2) },
            Call(
                "begin(_:reason:demanding:)", .maintainers,
                entries: [
                    """
                    deployment.create of other: changes auto_scaling deployment_config \
                    endpoint_url environment health_check_path instance_type max_instances \
                    min_instances model_version_id monitoring name project_id status
                    """,
                    """
                    deployment_history.create of other: changes action deployment_id \
                    model_version_id performed_by started_at status
                    """,
                ]
            ) {
                try $0.deployments.begin(
                    Fixtures.deployment(9, in: $1.own.project.id, version: $1.version.id))
            },
            Call(
                "begin(_:of:reason:demanding:)", .maintainers,
                entries: ["deployment.begin of row: changes status", begun]
            ) { try $0.deployments.begin(.scale(min: 1, max: 2), of: $1.deployment.id) },
            Call(
                "begin(_:of:reason:demanding:) to a version", .maintainers,
                entries: [
                    "deployment.begin of row: changes status",
                    """
                    deployment_history.create of other: changes action deployment_id \
                    model_version_id performed_by previous_model_version_id previous_status \
                    started_at status
                    """,
                ]
            ) {
                try $0.deployments.begin(.update(to: $1.version.id), of: $1.own.deployment.id)
            },
            Call(
                "complete", .maintainers,
                entries: [
                    "deployment.begin of row: changes status", begun,
                    "deployment.scale of row: changes max_instances status",
                    "deployment_history.complete of other: changes completed_at status",
                ]
            ) { tx, site in
                let change = try tx.deployments.begin(
                    .scale(min: 1, max: 2), of: site.deployment.id)
                return try tx.deployments.complete(change.id)
            },
            Call(
                "fail", .maintainers,
                entries: ["deployment_history.fail of other: changes completed_at status"]
            ) { try $0.deployments.fail($1.pending.id, error: nil) },
            Call("rollback", .maintainers) { try $0.deployments.rollback($1.deployment.id) },
            Call("rollback to a version", .maintainers) {
                try $0.deployments.rollback($1.own.deployment.id, to: $1.version.id)
            },
            Call(
                "mark", .maintainers, entries: ["deployment.mark of row: changes status"]
            ) { try $0.deployments.mark($1.deployment.id, as: .failed) },
            Call(
                "terminate", .maintainers,
                entries: ["deployment.terminate of row: changes status terminated_at", changed]
            ) { try $0.deployments.terminate($1.deployment.id) },
            Call(
                "setMonitoringPolicy", .maintainers,
                entries: ["deployment.monitor of row: changes monitoring"]
            ) {
                try $0.deployments.setMonitoringPolicy(
                    MonitoringPolicy(drift: WatchRule()), of: $1.deployment.id)
            },
            Call("raiseSilences", .nobody, exempt: .isTheSystems) { tx, _ in
                try tx.deployments.raiseSilences(limit: 10)
            },
            Call("named", .readers) {
                try $0.deployments.named(
                    $1.deployment.name, environment: .production, in: $1.project.id)
            },
            Call("of(project:)", .readers) { try $0.deployments.of(project: $1.project.id) },
            Call("of(version:)", .readers) { try $0.deployments.of(version: $1.version.id) },
            Call("liveVersion", .readers) {
                try $0.deployments.liveVersion(of: $1.deployment.id, at: .distantFuture)
            },
        ])

    /// The audit entry of the history entry that a deployment's change adds.
    private static let changed = """
        deployment_history.create of other: changes action completed_at deployment_id \
        model_version_id performed_by previous_model_version_id started_at status
        """

    private static let scaled = """
        deployment_history.create of other: changes action completed_at deployment_id \
        max_instances min_instances model_version_id performed_by previous_model_version_id \
        started_at status
        """

    /// The audit entry of the history entry of a scaling that has begun.
    private static let begun = """
        deployment_history.create of other: changes action deployment_id max_instances \
        min_instances model_version_id performed_by previous_model_version_id previous_status \
        started_at status
        """

    private static let deploymentHistory = calls(
        of: DeploymentHistoryEntry.self, insert: .maintainers, read: .readers,
        trail: Trail(
            entity: "deployment_history",
            created: """
                action deployment_id model_version_id performed_by reason started_at status
                """,
            batch: "deployment_id"),
        own: [
            Call(
                "insert of a version", .maintainers,
                entries: [
                    """
                    deployment_history.create of other: changes action deployment_id \
                    model_version_id performed_by reason started_at status
                    """
                ]
            ) {
                try $0.deploymentHistory.insert(
                    Fixtures.historyEntry(9, of: $1.own.deployment.id, version: $1.version.id))
            },
            Call("of(deployment:)", .readers) {
                try $0.deploymentHistory.of(deployment: $1.deployment.id)
            },
            Call("inProgress", .readers) {
                _ = try $0.deploymentHistory.inProgress(of: $1.deployment.id)
            },
        ])
}
