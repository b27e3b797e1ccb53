-- 002_models_experiments: undoes the up migration, with its rows.
-- Children go first: with foreign keys on, DROP TABLE deletes the rows of a parent.
-- model_versions goes before experiment_runs, which its source_run_id restricts.

DROP TABLE run_metrics;
DROP TABLE model_versions;
DROP TABLE experiment_runs;
DROP TABLE experiments;
DROP TABLE models;
