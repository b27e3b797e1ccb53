-- 003_deployments_monitoring: deployments, monitoring and alerts.
-- Makes deployments, deployment_history, model_monitoring, data_drift_reports and alerts.
-- Runs inside a transaction of its caller; conventions are in Schema/README.md.

CREATE TABLE deployments (
    id                TEXT    NOT NULL PRIMARY KEY,
    organization_id   TEXT    NOT NULL,
    project_id        TEXT    NOT NULL,
    model_version_id  TEXT    NOT NULL,
    name              TEXT    NOT NULL,
    environment       TEXT    NOT NULL,
    endpoint_url      TEXT,
    status            TEXT    NOT NULL,
    instance_type     TEXT    NOT NULL,
    min_instances     INTEGER NOT NULL,
    max_instances     INTEGER NOT NULL,
    auto_scaling      INTEGER NOT NULL,
    deployment_config TEXT    NOT NULL DEFAULT '{}',
    health_check_path TEXT    NOT NULL,
    monitoring        TEXT    NOT NULL DEFAULT '{}',
    next_check_at     INTEGER,
    deployed_at       INTEGER,
    terminated_at     INTEGER,
    created_by        TEXT    NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    deleted_at        INTEGER,
    deletion_id       TEXT,
    revision          INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT deployments_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT deployments_id_check CHECK (length(id) = 36),
    CONSTRAINT deployments_name_check CHECK (length(name) > 0),
    CONSTRAINT deployments_environment_check
        CHECK (environment IN ('development', 'staging', 'production')),
    CONSTRAINT deployments_status_check
        CHECK (status IN (
            'pending', 'deploying', 'active', 'inactive', 'failed', 'terminating',
            'terminated'
        )),
    CONSTRAINT deployments_instances_check
        CHECK (0 <= min_instances AND min_instances <= max_instances),
    CONSTRAINT deployments_auto_scaling_check CHECK (auto_scaling IN (0, 1)),
    CONSTRAINT deployments_deployment_config_check
        CHECK (json_valid(deployment_config) AND json_type(deployment_config) = 'object'),
    CONSTRAINT deployments_monitoring_check
        CHECK (json_valid(monitoring) AND json_type(monitoring) = 'object'),
    CONSTRAINT deployments_terminated_at_check CHECK (terminated_at >= deployed_at),
    CONSTRAINT deployments_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT deployments_revision_check CHECK (revision >= 1),
    CONSTRAINT deployments_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT deployments_project_id_fkey
        FOREIGN KEY (organization_id, project_id)
        REFERENCES projects (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT deployments_model_version_id_fkey
        FOREIGN KEY (organization_id, model_version_id)
        REFERENCES model_versions (organization_id, id) ON DELETE RESTRICT,
    CONSTRAINT deployments_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT
) STRICT;

CREATE UNIQUE INDEX deployments_organization_id_project_id_name_environment_key
    ON deployments (organization_id, project_id, name, environment) WHERE deleted_at IS NULL;
CREATE INDEX idx_deployments_project_id ON deployments (organization_id, project_id, id);
CREATE INDEX idx_deployments_model_version_id
    ON deployments (organization_id, model_version_id, id);
CREATE INDEX idx_deployments_next_check_at
    ON deployments (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX idx_deployments_created_by ON deployments (created_by);
CREATE INDEX idx_deployments_deletion ON deployments (deletion_id) WHERE deletion_id IS NOT NULL;

CREATE TABLE deployment_history (
    id                        TEXT    NOT NULL PRIMARY KEY,
    organization_id           TEXT    NOT NULL,
    deployment_id             TEXT    NOT NULL,
    model_version_id          TEXT    NOT NULL,
    previous_model_version_id TEXT,
    action                    TEXT    NOT NULL,
    status                    TEXT    NOT NULL,
    previous_status           TEXT,
    demanded_stage            TEXT,
    min_instances             INTEGER,
    max_instances             INTEGER,
    reason                    TEXT,
    error_message             TEXT,
    performed_by              TEXT    NOT NULL,
    started_at                INTEGER NOT NULL,
    completed_at              INTEGER,
    created_at                INTEGER NOT NULL,
    CONSTRAINT deployment_history_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT deployment_history_id_check CHECK (length(id) = 36),
    CONSTRAINT deployment_history_action_check
        CHECK (action IN ('deploy', 'update', 'scale', 'rollback', 'terminate')),
    CONSTRAINT deployment_history_status_check
        CHECK (status IN ('pending', 'in_progress', 'completed', 'failed')),
    CONSTRAINT deployment_history_previous_status_check
        CHECK (previous_status IN (
            'pending', 'deploying', 'active', 'inactive', 'failed', 'terminating',
            'terminated'
        )),
    CONSTRAINT deployment_history_demanded_stage_check
        CHECK (demanded_stage IN ('development', 'staging', 'production', 'archived')),
    CONSTRAINT deployment_history_instances_check
        CHECK (0 <= min_instances AND min_instances <= max_instances),
    CONSTRAINT deployment_history_completed_at_check CHECK (completed_at >= started_at),
    CONSTRAINT deployment_history_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT deployment_history_deployment_id_fkey
        FOREIGN KEY (organization_id, deployment_id)
        REFERENCES deployments (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT deployment_history_model_version_id_fkey
        FOREIGN KEY (organization_id, model_version_id)
        REFERENCES model_versions (organization_id, id) ON DELETE RESTRICT,
    CONSTRAINT deployment_history_previous_model_version_id_fkey
        FOREIGN KEY (organization_id, previous_model_version_id)
        REFERENCES model_versions (organization_id, id) ON DELETE RESTRICT,
    CONSTRAINT deployment_history_performed_by_fkey
        FOREIGN KEY (performed_by) REFERENCES users (id) ON DELETE RESTRICT
) STRICT;

CREATE INDEX idx_deployment_history_deployment_id_started_at
    ON deployment_history (deployment_id, started_at);
CREATE INDEX idx_deployment_history_model_version_id
    ON deployment_history (organization_id, model_version_id, id);
CREATE INDEX idx_deployment_history_previous_model_version_id
    ON deployment_history (organization_id, previous_model_version_id, id);
CREATE INDEX idx_deployment_history_performed_by ON deployment_history (performed_by);

-- A bulk table: organization_id is held by the key to the deployment, as in run_metrics.
CREATE TABLE model_monitoring (
    id              TEXT    NOT NULL PRIMARY KEY,
    organization_id TEXT    NOT NULL,
    deployment_id   TEXT    NOT NULL,
    metric_name     TEXT    NOT NULL,
    value           ANY,
    threshold_min   REAL,
    threshold_max   REAL,
    is_anomaly      INTEGER NOT NULL,
    recorded_at     INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    CONSTRAINT model_monitoring_value_check CHECK (typeof(value) IN ('real', 'null')),
    CONSTRAINT model_monitoring_metric_name_check CHECK (length(metric_name) > 0),
    CONSTRAINT model_monitoring_threshold_check CHECK (threshold_min <= threshold_max),
    CONSTRAINT model_monitoring_is_anomaly_check CHECK (is_anomaly IN (0, 1)),
    CONSTRAINT model_monitoring_deployment_id_fkey
        FOREIGN KEY (organization_id, deployment_id)
        REFERENCES deployments (organization_id, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX idx_model_monitoring_deployment_metric
    ON model_monitoring (deployment_id, metric_name, recorded_at);

CREATE TABLE data_drift_reports (
    id                TEXT    NOT NULL PRIMARY KEY,
    organization_id   TEXT    NOT NULL,
    deployment_id     TEXT    NOT NULL,
    drift_score       REAL    NOT NULL,
    drift_threshold   REAL    NOT NULL,
    is_drift_detected INTEGER NOT NULL,
    feature_drift     TEXT    NOT NULL DEFAULT '{}',
    report_data       TEXT    NOT NULL DEFAULT '{}',
    period_start      INTEGER NOT NULL,
    period_end        INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    CONSTRAINT data_drift_reports_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT data_drift_reports_id_check CHECK (length(id) = 36),
    CONSTRAINT data_drift_reports_is_drift_detected_check CHECK (is_drift_detected IN (0, 1)),
    CONSTRAINT data_drift_reports_feature_drift_check
        CHECK (json_valid(feature_drift) AND json_type(feature_drift) = 'object'),
    CONSTRAINT data_drift_reports_report_data_check
        CHECK (json_valid(report_data) AND json_type(report_data) = 'object'),
    CONSTRAINT data_drift_reports_period_check CHECK (period_end >= period_start),
    CONSTRAINT data_drift_reports_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT data_drift_reports_deployment_id_fkey
        FOREIGN KEY (organization_id, deployment_id)
        REFERENCES deployments (organization_id, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX idx_data_drift_reports_deployment_id
    ON data_drift_reports (organization_id, deployment_id, id);
CREATE INDEX idx_data_drift_reports_deployment_period
    ON data_drift_reports (deployment_id, period_start, period_end);

CREATE TABLE alerts (
    id               TEXT    NOT NULL PRIMARY KEY,
    organization_id  TEXT    NOT NULL,
    project_id       TEXT,
    deployment_id    TEXT,
    alert_type       TEXT    NOT NULL,
    severity         TEXT    NOT NULL,
    title            TEXT    NOT NULL,
    message          TEXT    NOT NULL,
    status           TEXT    NOT NULL,
    fingerprint      TEXT    NOT NULL,
    occurrences      INTEGER NOT NULL,
    context          TEXT    NOT NULL DEFAULT '{}',
    comments         TEXT    NOT NULL DEFAULT '[]',
    deliveries       TEXT    NOT NULL DEFAULT '[]',
    raised_by        TEXT,
    is_automatic     INTEGER NOT NULL,
    triggered_at     INTEGER NOT NULL,
    last_seen_at     INTEGER NOT NULL,
    snoozed_until    INTEGER,
    next_delivery_at INTEGER,
    acknowledged_by  TEXT,
    acknowledged_at  INTEGER,
    resolved_by      TEXT,
    resolved_at      INTEGER,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    revision         INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT alerts_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT alerts_id_check CHECK (length(id) = 36),
    CONSTRAINT alerts_alert_type_check
        CHECK (alert_type IN (
            'performance_degradation', 'data_drift', 'high_latency', 'error_rate',
            'deployment', 'model_update', 'experiment', 'custom'
        )),
    CONSTRAINT alerts_severity_check
        CHECK (severity IN ('info', 'low', 'medium', 'high', 'critical')),
    CONSTRAINT alerts_title_check CHECK (length(title) > 0),
    CONSTRAINT alerts_status_check CHECK (status IN ('open', 'acknowledged', 'resolved')),
    CONSTRAINT alerts_fingerprint_check CHECK (length(fingerprint) > 0),
    CONSTRAINT alerts_occurrences_check CHECK (occurrences >= 1),
    CONSTRAINT alerts_context_check CHECK (json_valid(context) AND json_type(context) = 'object'),
    CONSTRAINT alerts_comments_check
        CHECK (json_valid(comments) AND json_type(comments) = 'array'),
    CONSTRAINT alerts_deliveries_check
        CHECK (json_valid(deliveries) AND json_type(deliveries) = 'array'),
    CONSTRAINT alerts_is_automatic_check CHECK (is_automatic IN (0, 1)),
    CONSTRAINT alerts_last_seen_at_check CHECK (last_seen_at >= triggered_at),
    CONSTRAINT alerts_acknowledged_check
        CHECK ((acknowledged_by IS NULL) = (acknowledged_at IS NULL)),
    CONSTRAINT alerts_resolved_check CHECK ((resolved_by IS NULL) = (resolved_at IS NULL)),
    CONSTRAINT alerts_revision_check CHECK (revision >= 1),
    CONSTRAINT alerts_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT alerts_project_id_fkey
        FOREIGN KEY (organization_id, project_id)
        REFERENCES projects (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT alerts_deployment_id_fkey
        FOREIGN KEY (organization_id, deployment_id)
        REFERENCES deployments (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT alerts_raised_by_fkey
        FOREIGN KEY (raised_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT alerts_acknowledged_by_fkey
        FOREIGN KEY (acknowledged_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT alerts_resolved_by_fkey
        FOREIGN KEY (resolved_by) REFERENCES users (id) ON DELETE RESTRICT
) STRICT;

CREATE UNIQUE INDEX alerts_organization_id_fingerprint_key
    ON alerts (organization_id, fingerprint) WHERE (project_id IS NULL) AND (status <> 'resolved');
CREATE UNIQUE INDEX alerts_organization_id_project_id_fingerprint_key
    ON alerts (organization_id, project_id, fingerprint) WHERE status <> 'resolved';
CREATE INDEX idx_alerts_org_status_triggered ON alerts (organization_id, status, triggered_at);
CREATE INDEX idx_alerts_fingerprint ON alerts (organization_id, fingerprint, triggered_at);
CREATE INDEX idx_alerts_next_delivery_at
    ON alerts (next_delivery_at) WHERE next_delivery_at IS NOT NULL;
CREATE INDEX idx_alerts_project_id ON alerts (organization_id, project_id, id);
CREATE INDEX idx_alerts_deployment_id ON alerts (organization_id, deployment_id, id);
CREATE INDEX idx_alerts_raised_by ON alerts (raised_by);
CREATE INDEX idx_alerts_acknowledged_by ON alerts (acknowledged_by);
CREATE INDEX idx_alerts_resolved_by ON alerts (resolved_by);
