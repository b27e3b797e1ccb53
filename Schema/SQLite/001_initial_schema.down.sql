-- 001_initial_schema: undoes the up migration, with its rows.
-- Children go first: with foreign keys on, DROP TABLE deletes the rows of a parent.

DROP TABLE project_members;
DROP TABLE projects;
DROP TABLE organization_memberships;
DROP TABLE organizations;
DROP TABLE users;
