-- 002_models_experiments: undoes the up migration, with its rows.
-- Children go first: DROP TABLE refuses a table that a foreign key names.
-- model_versions goes before experiment_runs, which its source_run_id restricts.

DROP TABLE run_metrics;
DROP TABLE model_versions;
DROP TABLE experiment_runs;
DROP TABLE experiments;
DROP TABLE models;
