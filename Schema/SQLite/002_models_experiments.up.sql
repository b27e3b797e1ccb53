-- 002_models_experiments: the model registry and experiment tracking.
-- Makes models, model_versions, experiments, experiment_runs and run_metrics.
-- Runs inside a transaction of its caller; conventions are in Schema/README.md.

CREATE TABLE models (
    id               TEXT    NOT NULL PRIMARY KEY,
    organization_id  TEXT    NOT NULL,
    project_id       TEXT    NOT NULL,
    name             TEXT    NOT NULL,
    description      TEXT,
    model_type       TEXT    NOT NULL,
    task_type        TEXT    NOT NULL,
    framework        TEXT    NOT NULL,
    tags             TEXT    NOT NULL DEFAULT '[]',
    metadata         TEXT    NOT NULL DEFAULT '{}',
    aliases          TEXT    NOT NULL DEFAULT '{}',
    promotion_policy TEXT    NOT NULL DEFAULT '{}',
    purged_number    INTEGER NOT NULL DEFAULT 0,
    created_by       TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    deleted_at       INTEGER,
    deletion_id      TEXT,
    revision         INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT models_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT models_id_check CHECK (length(id) = 36),
    CONSTRAINT models_name_check CHECK (length(name) > 0),
    CONSTRAINT models_tags_check CHECK (json_valid(tags) AND json_type(tags) = 'array'),
    CONSTRAINT models_metadata_check
        CHECK (json_valid(metadata) AND json_type(metadata) = 'object'),
    CONSTRAINT models_aliases_check
        CHECK (json_valid(aliases) AND json_type(aliases) = 'object'),
    CONSTRAINT models_promotion_policy_check
        CHECK (json_valid(promotion_policy) AND json_type(promotion_policy) = 'object'),
    CONSTRAINT models_purged_number_check CHECK (purged_number >= 0),
    CONSTRAINT models_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT models_revision_check CHECK (revision >= 1),
    CONSTRAINT models_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT models_project_id_fkey
        FOREIGN KEY (organization_id, project_id)
        REFERENCES projects (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT models_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT
) STRICT;

CREATE UNIQUE INDEX models_organization_id_project_id_name_key
    ON models (organization_id, project_id, name) WHERE deleted_at IS NULL;
CREATE INDEX idx_models_project_id ON models (organization_id, project_id, id);
CREATE INDEX idx_models_created_by ON models (created_by);
CREATE INDEX idx_models_deletion ON models (deletion_id) WHERE deletion_id IS NOT NULL;

-- source_run_id refers forward, to experiment_runs below.
CREATE TABLE model_versions (
    id                  TEXT    NOT NULL PRIMARY KEY,
    organization_id     TEXT    NOT NULL,
    model_id            TEXT    NOT NULL,
    version             TEXT    NOT NULL,
    number              INTEGER NOT NULL,
    stage               TEXT    NOT NULL,
    source_run_id       TEXT,
    artifact_uri        TEXT,
    artifact_sha256     TEXT,
    model_size_bytes    INTEGER,
    requirements        TEXT,
    performance_metrics TEXT    NOT NULL DEFAULT '{}',
    training_metrics    TEXT    NOT NULL DEFAULT '{}',
    model_schema        TEXT    NOT NULL DEFAULT '{}',
    description         TEXT,
    tags                TEXT    NOT NULL DEFAULT '{}',
    promotion           TEXT    NOT NULL DEFAULT '{}',
    created_by          TEXT    NOT NULL,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    deleted_at          INTEGER,
    deletion_id         TEXT,
    revision            INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT model_versions_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT model_versions_id_check CHECK (length(id) = 36),
    CONSTRAINT model_versions_version_check CHECK (length(version) > 0),
    CONSTRAINT model_versions_number_check CHECK (number >= 1),
    CONSTRAINT model_versions_stage_check
        CHECK (stage IN ('development', 'staging', 'production', 'archived')),
    CONSTRAINT model_versions_artifact_sha256_check CHECK (length(artifact_sha256) = 64),
    CONSTRAINT model_versions_model_size_bytes_check CHECK (model_size_bytes >= 0),
    CONSTRAINT model_versions_performance_metrics_check
        CHECK (json_valid(performance_metrics) AND json_type(performance_metrics) = 'object'),
    CONSTRAINT model_versions_training_metrics_check
        CHECK (json_valid(training_metrics) AND json_type(training_metrics) = 'object'),
    CONSTRAINT model_versions_model_schema_check
        CHECK (json_valid(model_schema) AND json_type(model_schema) = 'object'),
    CONSTRAINT model_versions_tags_check CHECK (json_valid(tags) AND json_type(tags) = 'object'),
    CONSTRAINT model_versions_promotion_check
        CHECK (json_valid(promotion) AND json_type(promotion) = 'object'),
    CONSTRAINT model_versions_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT model_versions_revision_check CHECK (revision >= 1),
    CONSTRAINT model_versions_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT model_versions_model_id_fkey
        FOREIGN KEY (organization_id, model_id)
        REFERENCES models (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT model_versions_source_run_id_fkey
        FOREIGN KEY (organization_id, source_run_id)
        REFERENCES experiment_runs (organization_id, id) ON DELETE RESTRICT,
    CONSTRAINT model_versions_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT
) STRICT;

CREATE UNIQUE INDEX model_versions_model_id_version_key
    ON model_versions (model_id, version) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX model_versions_model_id_number_key ON model_versions (model_id, number);
CREATE INDEX idx_model_versions_model_id
    ON model_versions (organization_id, model_id, id);
CREATE INDEX idx_model_versions_model_stage ON model_versions (model_id, stage);
CREATE INDEX idx_model_versions_source_run_id
    ON model_versions (organization_id, source_run_id, id);
CREATE INDEX idx_model_versions_created_by ON model_versions (created_by);
CREATE INDEX idx_model_versions_deletion
    ON model_versions (deletion_id) WHERE deletion_id IS NOT NULL;

CREATE TABLE experiments (
    id              TEXT    NOT NULL PRIMARY KEY,
    organization_id TEXT    NOT NULL,
    project_id      TEXT    NOT NULL,
    model_id        TEXT,
    name            TEXT    NOT NULL,
    description     TEXT,
    status          TEXT    NOT NULL,
    config          TEXT    NOT NULL DEFAULT '{}',
    tags            TEXT    NOT NULL DEFAULT '[]',
    started_at      INTEGER,
    completed_at    INTEGER,
    created_by      TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    deleted_at      INTEGER,
    deletion_id     TEXT,
    revision        INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT experiments_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT experiments_id_check CHECK (length(id) = 36),
    CONSTRAINT experiments_name_check CHECK (length(name) > 0),
    CONSTRAINT experiments_status_check
        CHECK (status IN ('draft', 'running', 'completed', 'failed', 'cancelled')),
    CONSTRAINT experiments_config_check
        CHECK (json_valid(config) AND json_type(config) = 'object'),
    CONSTRAINT experiments_tags_check CHECK (json_valid(tags) AND json_type(tags) = 'array'),
    CONSTRAINT experiments_completed_at_check CHECK (completed_at >= started_at),
    CONSTRAINT experiments_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT experiments_revision_check CHECK (revision >= 1),
    CONSTRAINT experiments_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT experiments_project_id_fkey
        FOREIGN KEY (organization_id, project_id)
        REFERENCES projects (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT experiments_model_id_fkey
        FOREIGN KEY (organization_id, model_id)
        REFERENCES models (organization_id, id) ON DELETE RESTRICT,
    CONSTRAINT experiments_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT
) STRICT;

CREATE UNIQUE INDEX experiments_organization_id_project_id_name_key
    ON experiments (organization_id, project_id, name) WHERE deleted_at IS NULL;
CREATE INDEX idx_experiments_project_id ON experiments (organization_id, project_id, id);
CREATE INDEX idx_experiments_model_id ON experiments (organization_id, model_id, id);
CREATE INDEX idx_experiments_created_by ON experiments (created_by);
CREATE INDEX idx_experiments_deletion ON experiments (deletion_id) WHERE deletion_id IS NOT NULL;

CREATE TABLE experiment_runs (
    id               TEXT    NOT NULL PRIMARY KEY,
    organization_id  TEXT    NOT NULL,
    experiment_id    TEXT    NOT NULL,
    parent_run_id    TEXT,
    run_name         TEXT    NOT NULL,
    kind             TEXT    NOT NULL DEFAULT 'run',
    status           TEXT    NOT NULL,
    parameters       TEXT    NOT NULL DEFAULT '{}',
    metrics          TEXT    NOT NULL DEFAULT '{}',
    artifacts        TEXT    NOT NULL DEFAULT '{}',
    tags             TEXT    NOT NULL DEFAULT '{}',
    environment      TEXT    NOT NULL DEFAULT '{}',
    logs             TEXT,
    error_message    TEXT,
    heartbeat_at     INTEGER,
    started_at       INTEGER,
    completed_at     INTEGER,
    duration_seconds REAL,
    created_by       TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    deleted_at       INTEGER,
    deletion_id      TEXT,
    revision         INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT experiment_runs_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT experiment_runs_organization_id_experiment_id_id_key
        UNIQUE (organization_id, experiment_id, id),
    CONSTRAINT experiment_runs_id_check CHECK (length(id) = 36),
    CONSTRAINT experiment_runs_parent_run_id_check CHECK (parent_run_id <> id),
    CONSTRAINT experiment_runs_run_name_check CHECK (length(run_name) > 0),
    CONSTRAINT experiment_runs_kind_check CHECK (kind IN ('run', 'logged_model')),
    CONSTRAINT experiment_runs_status_check
        CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    CONSTRAINT experiment_runs_parameters_check
        CHECK (json_valid(parameters) AND json_type(parameters) = 'object'),
    CONSTRAINT experiment_runs_metrics_check
        CHECK (json_valid(metrics) AND json_type(metrics) = 'object'),
    CONSTRAINT experiment_runs_artifacts_check
        CHECK (json_valid(artifacts) AND json_type(artifacts) = 'object'),
    CONSTRAINT experiment_runs_tags_check CHECK (json_valid(tags) AND json_type(tags) = 'object'),
    CONSTRAINT experiment_runs_environment_check
        CHECK (json_valid(environment) AND json_type(environment) = 'object'),
    CONSTRAINT experiment_runs_completed_at_check CHECK (completed_at >= started_at),
    CONSTRAINT experiment_runs_duration_seconds_check CHECK (duration_seconds >= 0),
    CONSTRAINT experiment_runs_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT experiment_runs_revision_check CHECK (revision >= 1),
    CONSTRAINT experiment_runs_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT experiment_runs_experiment_id_fkey
        FOREIGN KEY (organization_id, experiment_id)
        REFERENCES experiments (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT experiment_runs_parent_run_id_fkey
        FOREIGN KEY (organization_id, experiment_id, parent_run_id)
        REFERENCES experiment_runs (organization_id, experiment_id, id) ON DELETE CASCADE,
    CONSTRAINT experiment_runs_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT
) STRICT;

CREATE INDEX idx_experiment_runs_experiment_id_started_at
    ON experiment_runs (experiment_id, started_at);
CREATE INDEX idx_experiment_runs_created_at
    ON experiment_runs (organization_id, created_at, id);
CREATE INDEX idx_experiment_runs_parent_run_id
    ON experiment_runs (organization_id, parent_run_id, id);
CREATE INDEX idx_experiment_runs_running
    ON experiment_runs (organization_id, id) WHERE status = 'running';
CREATE INDEX idx_experiment_runs_created_by ON experiment_runs (created_by);
CREATE INDEX idx_experiment_runs_deletion
    ON experiment_runs (deletion_id) WHERE deletion_id IS NOT NULL;

-- A bulk table: organization_id is held by the key to the run, which carries it too.
-- A second look-up, and another index, for every point would cost ingest.
CREATE TABLE run_metrics (
    id              TEXT    NOT NULL PRIMARY KEY,
    organization_id TEXT    NOT NULL,
    run_id          TEXT    NOT NULL,
    metric_name     TEXT    NOT NULL,
    value           ANY,
    step            INTEGER NOT NULL,
    timestamp       INTEGER NOT NULL,
    CONSTRAINT run_metrics_value_check CHECK (typeof(value) IN ('real', 'null')),
    CONSTRAINT run_metrics_metric_name_check CHECK (length(metric_name) > 0),
    CONSTRAINT run_metrics_run_id_fkey
        FOREIGN KEY (organization_id, run_id)
        REFERENCES experiment_runs (organization_id, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX idx_run_metrics_run_name ON run_metrics (run_id, metric_name, step);
