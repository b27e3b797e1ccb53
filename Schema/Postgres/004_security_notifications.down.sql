-- 004_security_notifications: undoes the up migration, with its rows.
-- Children go first: DROP TABLE refuses a table that a foreign key names.

DROP TRIGGER audit_logs_no_update ON audit_logs;
DROP TRIGGER audit_logs_no_delete ON audit_logs;
DROP TRIGGER audit_logs_no_truncate ON audit_logs;
DROP FUNCTION audit_logs_append_only();

DROP TABLE audit_logs;
DROP TABLE notification_rules;
DROP TABLE notification_channels;
DROP TABLE api_keys;
