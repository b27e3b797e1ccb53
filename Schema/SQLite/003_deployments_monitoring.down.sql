-- 003_deployments_monitoring: undoes the up migration, with its rows.
-- Children go first: with foreign keys on, DROP TABLE deletes the rows of a parent.

DROP TABLE alerts;
DROP TABLE data_drift_reports;
DROP TABLE model_monitoring;
DROP TABLE deployment_history;
DROP TABLE deployments;
