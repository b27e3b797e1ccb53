-- 004_security_notifications: undoes the up migration, with its rows.
-- Children go first: with foreign keys on, DROP TABLE deletes the rows of a parent.

DROP TRIGGER audit_logs_no_update;
DROP TRIGGER audit_logs_no_delete;

DROP TABLE audit_logs;
DROP TABLE notification_rules;
DROP TABLE notification_channels;
DROP TABLE api_keys;
