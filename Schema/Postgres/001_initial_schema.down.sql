-- 001_initial_schema: undoes the up migration, with its rows.
-- Children go first: DROP TABLE refuses a table that a foreign key or a policy names.

DROP POLICY users_tenant ON users;

DROP TABLE project_members;
DROP TABLE projects;
DROP TABLE organization_memberships;
DROP TABLE organizations;
DROP FUNCTION organizations_keep_limits;
DROP TABLE users;
