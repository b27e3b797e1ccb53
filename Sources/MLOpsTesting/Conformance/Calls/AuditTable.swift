/// What each call leaves in the audit trail, as it is demanded; a call that is not here leaves
/// nothing.
///
/// Below the call stands a line for each entry: the action, the row (`row`, `new`, `gone` are those
/// of the ``CallSite``, `other` is another one, `many` is a batch), and the names of the details,
/// of which `changes` and `rows` are followed by their fields and tables.
enum AuditTable {
    static let rows = [people, registry, deployments, security].joined(separator: "\n")

    private static let people = """
        OrganizationRepository.update
          organization.update of row: changes
        OrganizationRepository.delete
          organization.delete of row: rows api_keys deployments experiment_runs experiments
              model_versions models notification_channels notification_rules
              organization_memberships organizations project_members projects
        OrganizationMembershipRepository.insert
          organization_membership.create of new: changes joined_at role user_id
        OrganizationMembershipRepository.insert(contentsOf:)
          organization_membership.create of new: changes joined_at role user_id
        OrganizationMembershipRepository.update
          organization_membership.update of row: changes
        OrganizationMembershipRepository.delete
          organization_membership.delete of row: rows organization_memberships
        OrganizationMembershipRepository.restore
          organization_membership.restore of gone: rows organization_memberships
        OrganizationMembershipRepository.purge
          organization_membership.purge of gone: rows organization_memberships
        OrganizationMembershipRepository.insert of an owner
          organization_membership.create of other: changes joined_at role user_id
        OrganizationMembershipRepository.update of an owner
          organization_membership.update of other: changes
        OrganizationMembershipRepository.update to owner
          organization_membership.update of row: changes role
        OrganizationMembershipRepository.restore of an owner
          organization_membership.restore of other: rows organization_memberships
        OrganizationMembershipRepository.purge of an owner
          organization_membership.purge of other: rows organization_memberships
        ProjectRepository.insert
          project.create of new: changes description is_active name settings slug visibility
        ProjectRepository.insert(contentsOf:)
          project.create of new: changes description is_active name settings slug visibility
        ProjectRepository.update
          project.update of row: changes
        ProjectRepository.delete
          project.delete of row: rows deployments experiment_runs experiments model_versions
              models notification_rules project_members projects
        ProjectRepository.restore
          project.restore of gone: rows projects
        ProjectRepository.purge
          project.purge of gone: rows projects
        ProjectMemberRepository.insert
          project_member.create of new: changes added_by project_id role user_id
        ProjectMemberRepository.insert(contentsOf:)
          project_member.create of new: changes added_by project_id role user_id
        ProjectMemberRepository.update
          project_member.update of row: changes
        ProjectMemberRepository.delete
          project_member.delete of row: rows project_members
        ProjectMemberRepository.restore
          project_member.restore of gone: rows project_members
        ProjectMemberRepository.purge
          project_member.purge of gone: rows project_members
        """

    private static let registry = """
        ModelRepository.insert
          model.create of new: changes framework metadata model_type name project_id tags
              task_type
        ModelRepository.insert(contentsOf:)
          model.create of new: changes framework metadata model_type name project_id tags
              task_type
        ModelRepository.update
          model.update of row: changes
        ModelRepository.restore
          model.restore of gone: rows models
        ModelRepository.purge
          model.purge of gone: rows models
        ModelVersionRepository.insert
          model_version.create of new: changes artifact_uri model_id model_schema model_size_bytes
              performance_metrics source_run_id stage training_metrics version
        ModelVersionRepository.insert(contentsOf:)
          model_version.create of new: changes artifact_uri model_id model_schema model_size_bytes
              performance_metrics source_run_id stage training_metrics version
        ModelVersionRepository.update
          model_version.update of row: changes
        ModelVersionRepository.restore
          model_version.restore of gone: rows model_versions
        ModelVersionRepository.purge
          model_version.purge of gone: rows model_versions
        ModelVersionRepository.insert with a source run
          model_version.create of other: changes artifact_uri model_id model_schema
              model_size_bytes performance_metrics source_run_id stage training_metrics version
        ModelVersionRepository.insert in production
          model_version.create of other: changes artifact_uri model_id model_schema
              model_size_bytes performance_metrics stage training_metrics version
        ModelVersionRepository.update in production
          model_version.update of other: changes
        ModelVersionRepository.update to production
          model_version.update of row: changes stage
        ModelVersionRepository.update from production
          model_version.update of other: changes stage
        ModelVersionRepository.delete in production
          model_version.delete of other: rows model_versions
        ModelVersionRepository.restore to production
          model_version.restore of other: rows model_versions
        ModelVersionRepository.promote
          model_version.promote of row: changes stage
        ModelVersionRepository.promote to staging
          model_version.promote of row: changes stage
        ModelVersionRepository.promote from production
          model_version.promote of other: changes stage
        ModelVersionRepository.promote archiving others
          model_version.promote of other: changes stage
          model_version.promote of row: changes stage
        ExperimentRepository.insert
          experiment.create of new: changes config model_id name project_id started_at status tags
        ExperimentRepository.insert(contentsOf:)
          experiment.create of new: changes config model_id name project_id started_at status tags
        ExperimentRepository.update
          experiment.update of row: changes
        ExperimentRepository.delete
          experiment.delete of row: rows experiment_runs experiments
        ExperimentRepository.restore
          experiment.restore of gone: rows experiments
        ExperimentRepository.purge
          experiment.purge of gone: rows experiments
        ExperimentRepository.insert with a model
          experiment.create of other: changes config model_id name project_id started_at status
              tags
        ExperimentRunRepository.insert
          experiment_run.create of new: changes artifacts completed_at duration_seconds
              environment experiment_id metrics parameters parent_run_id run_name started_at
              status tags
        ExperimentRunRepository.insert(contentsOf:)
          experiment_run.create of new: changes artifacts completed_at duration_seconds
              environment experiment_id metrics parameters parent_run_id run_name started_at
              status tags
        ExperimentRunRepository.update
          experiment_run.update of row: changes
        ExperimentRunRepository.delete
          experiment_run.delete of row: rows experiment_runs
        ExperimentRunRepository.restore
          experiment_run.restore of gone: rows experiment_runs
        ExperimentRunRepository.purge
          experiment_run.purge of gone: rows experiment_runs
        ExperimentRunRepository.insert with a parent run
          experiment_run.create of other: changes artifacts completed_at duration_seconds
              environment experiment_id metrics parameters parent_run_id run_name started_at
              status tags
        ExperimentRunRepository.update with a parent run
          experiment_run.update of other: changes
        ExperimentRunRepository.record of metrics
          run_metric.create of many: count; run_id
        ExperimentRunRepository.record of an artifact
          experiment_run.update of row: changes artifacts
        ExperimentRunRepository.end
          experiment_run.resume of other: changes heartbeat_at
          experiment_run.end of other: changes completed_at duration_seconds error_message status
        ExperimentRunRepository.resume
          experiment_run.resume of row: changes completed_at duration_seconds heartbeat_at status
        RunMetricRepository.insert
          run_metric.create of new: changes metric_name run_id step timestamp value
        RunMetricRepository.insert(contentsOf:)
          run_metric.create of many: count; run_id
        """

    private static let deployments = """
        DeploymentRepository.insert
          deployment.create of new: changes auto_scaling deployed_at deployment_config
              endpoint_url environment health_check_path instance_type max_instances min_instances
              model_version_id name project_id status
        DeploymentRepository.insert(contentsOf:)
          deployment.create of new: changes auto_scaling deployed_at deployment_config
              endpoint_url environment health_check_path instance_type max_instances min_instances
              model_version_id name project_id status
        DeploymentRepository.update
          deployment.update of row: changes
        DeploymentRepository.delete
          deployment.delete of row: rows deployments notification_rules
        DeploymentRepository.restore
          deployment.restore of gone: rows deployments
        DeploymentRepository.purge
          deployment.purge of gone: rows deployments
        DeploymentRepository.insert into a project
          deployment.create of other: changes auto_scaling deployed_at deployment_config
              endpoint_url environment health_check_path instance_type max_instances min_instances
              model_version_id name project_id status
        DeploymentRepository.deploy of a version
          deployment.create of other: changes auto_scaling deployed_at deployment_config
              endpoint_url environment health_check_path instance_type max_instances min_instances
              model_version_id name project_id status
          deployment_history.create of other: changes action completed_at deployment_id
              model_version_id performed_by started_at status
        DeploymentRepository.update(_:to:) of one
          deployment.update of row: changes
          deployment_history.create of other: changes action completed_at deployment_id
              model_version_id performed_by previous_model_version_id started_at status
        DeploymentRepository.update(_:to:) to a version
          deployment.update of row: changes
          deployment_history.create of other: changes action completed_at deployment_id
              model_version_id performed_by previous_model_version_id started_at status
        DeploymentRepository.scale
          deployment.scale of row: changes max_instances
          deployment_history.create of other: changes action completed_at deployment_id
              model_version_id performed_by previous_model_version_id started_at status
        DeploymentRepository.terminate
          deployment.terminate of row: changes status terminated_at
          deployment_history.create of other: changes action completed_at deployment_id
              model_version_id performed_by previous_model_version_id started_at status
        DeploymentHistoryRepository.insert
          deployment_history.create of new: changes action completed_at deployment_id
              model_version_id performed_by reason started_at status
        DeploymentHistoryRepository.insert(contentsOf:)
          deployment_history.create of many: count; deployment_id
        DeploymentHistoryRepository.insert of a version
          deployment_history.create of other: changes action completed_at deployment_id
              model_version_id performed_by reason started_at status
        DeploymentHistoryRepository.complete
          deployment_history.complete of other: changes completed_at status
        ModelMonitoringRepository.insert
          model_monitoring.create of new: changes deployment_id is_anomaly metric_name recorded_at
              threshold_max value
        ModelMonitoringRepository.insert(contentsOf:)
          model_monitoring.create of many: count; deployment_id
        DataDriftReportRepository.insert
          data_drift_report.create of new: changes deployment_id drift_score drift_threshold
              feature_drift is_drift_detected period_end period_start report_data
        DataDriftReportRepository.insert(contentsOf:)
          data_drift_report.create of many: count; deployment_id
        AlertRepository.insert
          alert.create of new: changes alert_type context deliveries deployment_id fingerprint
              last_seen_at message occurrences severity status title triggered_at
        AlertRepository.insert(contentsOf:)
          alert.create of new: changes alert_type context deliveries deployment_id fingerprint
              last_seen_at message occurrences severity status title triggered_at
        AlertRepository.update
          alert.update of row: changes
        AlertRepository.raise
          alert.create of other: changes alert_type context deliveries deployment_id fingerprint
              last_seen_at message occurrences severity status title triggered_at
        AlertRepository.raise again
          alert.raise of row: changes occurrences
        AlertRepository.acknowledge
          alert.acknowledge of row: changes acknowledged_at acknowledged_by status
        AlertRepository.resolve
          alert.resolve of row: changes resolved_at resolved_by status
        AlertRepository.insert of no project
          alert.create of other: changes alert_type context deliveries fingerprint last_seen_at
              message occurrences severity status title triggered_at
        AlertRepository.raise of no project
          alert.create of other: changes alert_type context deliveries fingerprint last_seen_at
              message occurrences severity status title triggered_at
        AlertRepository.update of no project
          alert.update of other: changes
        AlertRepository.acknowledge of no project
          alert.acknowledge of other: changes acknowledged_at acknowledged_by status
        AlertRepository.resolve of no project
          alert.resolve of other: changes resolved_at resolved_by status
        """

    private static let security = """
        APIKeyRepository.insert
          api_key.create of new: changes is_active key_hash key_prefix name permissions user_id
        APIKeyRepository.insert(contentsOf:)
          api_key.create of new: changes is_active key_hash key_prefix name permissions user_id
        APIKeyRepository.update
          api_key.update of row: changes
        APIKeyRepository.delete
          api_key.delete of row: rows api_keys
        APIKeyRepository.restore
          api_key.restore of gone: rows api_keys
        APIKeyRepository.purge
          api_key.purge of gone: rows api_keys
        APIKeyRepository.insert for an owner
          api_key.create of other: changes is_active key_hash key_prefix name permissions user_id
        APIKeyRepository.revoke
          api_key.revoke of row: changes is_active revoked_at
        APIKeyRepository.insert of one's own
          api_key.create of other: changes is_active key_hash key_prefix name permissions user_id
        APIKeyRepository.findIfExists of one's own
          api_key.create of other: changes is_active key_hash key_prefix name permissions user_id
        APIKeyRepository.update of one's own
          api_key.create of other: changes is_active key_hash key_prefix name permissions user_id
          api_key.update of other: changes
        APIKeyRepository.revoke of one's own
          api_key.create of other: changes is_active key_hash key_prefix name permissions user_id
          api_key.revoke of other: changes is_active revoked_at
        APIKeyRepository.delete of one's own
          api_key.create of other: changes is_active key_hash key_prefix name permissions user_id
          api_key.delete of other: rows api_keys
        APIKeyRepository.restore of one's own
          api_key.create of other: changes is_active key_hash key_prefix name permissions user_id
          api_key.delete of other: rows api_keys
          api_key.restore of other: rows api_keys
        APIKeyRepository.purge of one's own
          api_key.create of other: changes is_active key_hash key_prefix name permissions user_id
          api_key.delete of other: rows api_keys
          api_key.purge of other: rows api_keys
        NotificationChannelRepository.insert
          notification_channel.create of new: changes channel_type config is_active name
        NotificationChannelRepository.insert(contentsOf:)
          notification_channel.create of new: changes channel_type config is_active name
        NotificationChannelRepository.update
          notification_channel.update of row: changes
        NotificationChannelRepository.delete
          notification_channel.delete of row: rows notification_channels notification_rules
        NotificationChannelRepository.restore
          notification_channel.restore of gone: rows notification_channels
        NotificationChannelRepository.purge
          notification_channel.purge of gone: rows notification_channels
        NotificationChannelRepository.update of one's own
          notification_channel.create of other: changes channel_type config is_active name
          notification_channel.update of other: changes
        NotificationChannelRepository.delete of one's own
          notification_channel.create of other: changes channel_type config is_active name
          notification_channel.delete of other: rows notification_channels
        NotificationChannelRepository.restore of one's own
          notification_channel.create of other: changes channel_type config is_active name
          notification_channel.delete of other: rows notification_channels
          notification_channel.restore of other: rows notification_channels
        NotificationChannelRepository.purge of one's own
          notification_channel.create of other: changes channel_type config is_active name
          notification_channel.delete of other: rows notification_channels
          notification_channel.purge of other: rows notification_channels
        NotificationRuleRepository.insert
          notification_rule.create of new: changes conditions cooldown_seconds deployment_id
              is_active name notification_channel_id project_id trigger_type
        NotificationRuleRepository.insert(contentsOf:)
          notification_rule.create of new: changes conditions cooldown_seconds deployment_id
              is_active name notification_channel_id project_id trigger_type
        NotificationRuleRepository.update
          notification_rule.update of row: changes
        NotificationRuleRepository.delete
          notification_rule.delete of row: rows notification_rules
        NotificationRuleRepository.restore
          notification_rule.restore of gone: rows notification_rules
        NotificationRuleRepository.purge
          notification_rule.purge of gone: rows notification_rules
        NotificationRuleRepository.insert for a project
          notification_rule.create of other: changes conditions cooldown_seconds is_active name
              notification_channel_id project_id trigger_type
        NotificationRuleRepository.insert for a deployment
          notification_rule.create of other: changes conditions cooldown_seconds deployment_id
              is_active name notification_channel_id trigger_type
        NotificationRuleRepository.insert of no project
          notification_rule.create of other: changes conditions cooldown_seconds is_active name
              notification_channel_id trigger_type
        NotificationRuleRepository.update of no project
          notification_rule.update of other: changes
        NotificationRuleRepository.delete of no project
          notification_rule.delete of other: rows notification_rules
        NotificationRuleRepository.restore of no project
          notification_rule.restore of other: rows notification_rules
        NotificationRuleRepository.purge of no project
          notification_rule.purge of other: rows notification_rules
        """
}
