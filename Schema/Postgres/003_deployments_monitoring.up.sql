-- 003_deployments_monitoring: deployments, monitoring and alerts.
-- Makes deployments, deployment_history, model_monitoring, data_drift_reports and alerts.
-- Runs inside a transaction of its caller; conventions are in Schema/README.md.

CREATE TABLE deployments (
    id                uuid             NOT NULL,
    organization_id   uuid             NOT NULL,
    project_id        uuid             NOT NULL,
    model_version_id  uuid             NOT NULL,
    name              text COLLATE "C" NOT NULL,
    environment       text COLLATE "C" NOT NULL,
    endpoint_url      text COLLATE "C",
    status            text COLLATE "C" NOT NULL,
    instance_type     text COLLATE "C" NOT NULL,
    min_instances     bigint           NOT NULL,
    max_instances     bigint           NOT NULL,
    auto_scaling      boolean          NOT NULL,
    deployment_config jsonb            NOT NULL DEFAULT '{}',
    health_check_path text COLLATE "C" NOT NULL,
    monitoring        jsonb            NOT NULL DEFAULT '{}',
    next_check_at     timestamptz,
    deployed_at       timestamptz,
    terminated_at     timestamptz,
    created_by        uuid             NOT NULL,
    created_at        timestamptz      NOT NULL,
    updated_at        timestamptz      NOT NULL,
    deleted_at        timestamptz,
    deletion_id       uuid,
    revision          bigint           NOT NULL DEFAULT 1,
    CONSTRAINT deployments_pkey PRIMARY KEY (organization_id, id),
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
    CONSTRAINT deployments_deployment_config_check
        CHECK (jsonb_typeof(deployment_config) = 'object'),
    CONSTRAINT deployments_monitoring_check CHECK (jsonb_typeof(monitoring) = 'object'),
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
);

CREATE UNIQUE INDEX deployments_organization_id_project_id_name_environment_key
    ON deployments (organization_id, project_id, name, environment) WHERE deleted_at IS NULL;
CREATE INDEX idx_deployments_project_id ON deployments (organization_id, project_id, id);
CREATE INDEX idx_deployments_model_version_id
    ON deployments (organization_id, model_version_id, id);
CREATE INDEX idx_deployments_next_check_at
    ON deployments (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX idx_deployments_created_by ON deployments (created_by);
CREATE INDEX idx_deployments_deletion ON deployments (deletion_id) WHERE deletion_id IS NOT NULL;

ALTER TABLE deployments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY deployments_tenant ON deployments
    USING (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    )
    WITH CHECK (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    );

CREATE TABLE deployment_history (
    id                        uuid             NOT NULL,
    organization_id           uuid             NOT NULL,
    deployment_id             uuid             NOT NULL,
    model_version_id          uuid             NOT NULL,
    previous_model_version_id uuid,
    action                    text COLLATE "C" NOT NULL,
    status                    text COLLATE "C" NOT NULL,
    previous_status           text COLLATE "C",
    demanded_stage            text COLLATE "C",
    min_instances             bigint,
    max_instances             bigint,
    reason                    text COLLATE "C",
    error_message             text COLLATE "C",
    performed_by              uuid             NOT NULL,
    started_at                timestamptz      NOT NULL,
    completed_at              timestamptz,
    created_at                timestamptz      NOT NULL,
    CONSTRAINT deployment_history_pkey PRIMARY KEY (organization_id, id),
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
);

CREATE INDEX idx_deployment_history_deployment_id_started_at
    ON deployment_history (deployment_id, started_at);
CREATE INDEX idx_deployment_history_model_version_id
    ON deployment_history (organization_id, model_version_id, id);
CREATE INDEX idx_deployment_history_previous_model_version_id
    ON deployment_history (organization_id, previous_model_version_id, id);
CREATE INDEX idx_deployment_history_performed_by ON deployment_history (performed_by);

ALTER TABLE deployment_history ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY deployment_history_tenant ON deployment_history
    USING (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    )
    WITH CHECK (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    );

-- A bulk table: organization_id is held by the key to the deployment, as in run_metrics.
-- NaN is above every number here; as a threshold it counts as none.
CREATE TABLE model_monitoring (
    id              uuid             NOT NULL,
    organization_id uuid             NOT NULL,
    deployment_id   uuid             NOT NULL,
    metric_name     text COLLATE "C" NOT NULL,
    value           double precision NOT NULL,
    threshold_min   double precision,
    threshold_max   double precision,
    is_anomaly      boolean          NOT NULL,
    recorded_at     timestamptz      NOT NULL,
    created_at      timestamptz      NOT NULL,
    CONSTRAINT model_monitoring_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT model_monitoring_metric_name_check CHECK (length(metric_name) > 0),
    CONSTRAINT model_monitoring_threshold_check
        CHECK (threshold_min <= threshold_max OR 'NaN' IN (threshold_min, threshold_max)),
    CONSTRAINT model_monitoring_deployment_id_fkey
        FOREIGN KEY (organization_id, deployment_id)
        REFERENCES deployments (organization_id, id) ON DELETE CASCADE
);

CREATE INDEX idx_model_monitoring_deployment_metric
    ON model_monitoring (deployment_id, metric_name, recorded_at);

ALTER TABLE model_monitoring ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY model_monitoring_tenant ON model_monitoring
    USING (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    )
    WITH CHECK (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    );

-- NaN is refused, as where it would be null.
CREATE TABLE data_drift_reports (
    id                uuid             NOT NULL,
    organization_id   uuid             NOT NULL,
    deployment_id     uuid             NOT NULL,
    drift_score       double precision NOT NULL,
    drift_threshold   double precision NOT NULL,
    is_drift_detected boolean          NOT NULL,
    feature_drift     jsonb            NOT NULL DEFAULT '{}',
    report_data       jsonb            NOT NULL DEFAULT '{}',
    period_start      timestamptz      NOT NULL,
    period_end        timestamptz      NOT NULL,
    created_at        timestamptz      NOT NULL,
    CONSTRAINT data_drift_reports_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT data_drift_reports_drift_score_check CHECK (drift_score <> 'NaN'),
    CONSTRAINT data_drift_reports_drift_threshold_check CHECK (drift_threshold <> 'NaN'),
    CONSTRAINT data_drift_reports_feature_drift_check
        CHECK (jsonb_typeof(feature_drift) = 'object'),
    CONSTRAINT data_drift_reports_report_data_check CHECK (jsonb_typeof(report_data) = 'object'),
    CONSTRAINT data_drift_reports_period_check CHECK (period_end >= period_start),
    CONSTRAINT data_drift_reports_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT data_drift_reports_deployment_id_fkey
        FOREIGN KEY (organization_id, deployment_id)
        REFERENCES deployments (organization_id, id) ON DELETE CASCADE
);

CREATE INDEX idx_data_drift_reports_deployment_id
    ON data_drift_reports (organization_id, deployment_id, id);
CREATE INDEX idx_data_drift_reports_deployment_period
    ON data_drift_reports (deployment_id, period_start, period_end);

ALTER TABLE data_drift_reports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY data_drift_reports_tenant ON data_drift_reports
    USING (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    )
    WITH CHECK (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    );

CREATE TABLE alerts (
    id               uuid             NOT NULL,
    organization_id  uuid             NOT NULL,
    project_id       uuid,
    deployment_id    uuid,
    alert_type       text COLLATE "C" NOT NULL,
    severity         text COLLATE "C" NOT NULL,
    title            text COLLATE "C" NOT NULL,
    message          text COLLATE "C" NOT NULL,
    status           text COLLATE "C" NOT NULL,
    fingerprint      text COLLATE "C" NOT NULL,
    occurrences      bigint           NOT NULL,
    context          jsonb            NOT NULL DEFAULT '{}',
    comments         jsonb            NOT NULL DEFAULT '[]',
    deliveries       jsonb            NOT NULL DEFAULT '[]',
    raised_by        uuid,
    is_automatic     boolean          NOT NULL,
    triggered_at     timestamptz      NOT NULL,
    last_seen_at     timestamptz      NOT NULL,
    snoozed_until    timestamptz,
    next_delivery_at timestamptz,
    acknowledged_by  uuid,
    acknowledged_at  timestamptz,
    resolved_by      uuid,
    resolved_at      timestamptz,
    created_at       timestamptz      NOT NULL,
    updated_at       timestamptz      NOT NULL,
    revision         bigint           NOT NULL DEFAULT 1,
    CONSTRAINT alerts_pkey PRIMARY KEY (organization_id, id),
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
    CONSTRAINT alerts_context_check CHECK (jsonb_typeof(context) = 'object'),
    CONSTRAINT alerts_comments_check CHECK (jsonb_typeof(comments) = 'array'),
    CONSTRAINT alerts_deliveries_check CHECK (jsonb_typeof(deliveries) = 'array'),
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
);

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

ALTER TABLE alerts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY alerts_tenant ON alerts
    USING (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    )
    WITH CHECK (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    );
