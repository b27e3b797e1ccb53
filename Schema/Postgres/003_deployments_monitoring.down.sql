-- 003_deployments_monitoring: undoes the up migration, with its rows.
-- Children go first: DROP TABLE refuses a table that a foreign key names.

DROP TABLE alerts;
DROP TABLE data_drift_reports;
DROP TABLE model_monitoring;
DROP TABLE deployment_history;
DROP TABLE deployments;
