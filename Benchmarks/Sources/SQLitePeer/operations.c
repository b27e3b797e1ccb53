#include "peer.h"

#include <PeerAudit.h>
#include <stdio.h>
#include <stdlib.h>

#define COLUMNS "id, organization_id, project_id, name, description, model_type, task_type, " \
    "framework, tags, metadata, created_by, created_at, updated_at, deleted_at, deletion_id, " \
    "revision"

static const char *organization, *user;
static sqlite3_stmt *chain, *entry;

// Adds an entry to the end of the audit trail.
static void note(const char *action, const char *model, const char *details) {
    char id[37], previous[65] = "", hash[65];
    int64_t sequence = 1;
    next_id(id);
    bind_text(chain, 1, organization);
    if (sqlite3_step(chain) == SQLITE_ROW) {
        sequence = sqlite3_column_int64(chain, 0) + 1;
        snprintf(previous, sizeof previous, "%s", (const char *)sqlite3_column_text(chain, 1));
    }
    sqlite3_reset(chain);
    const int64_t now = microseconds();
    const struct audit_entry noted = {
        id, organization, user, action, model, details, previous, sequence, now};
    hash_entry(&noted, hash);
    const char *texts[] = {id, organization, user, action, model, details};
    for (int number = 0; number < 6; number++) bind_text(entry, number + 1, texts[number]);
    sqlite3_bind_int64(entry, 7, sequence);
    bind_text(entry, 8, previous), bind_text(entry, 9, hash);
    sqlite3_bind_int64(entry, 10, now);
    done(entry);
}

static void prepare_trail(void) {
    chain = prepare(
        "SELECT sequence, hash FROM audit_logs WHERE organization_id = ?"
        " ORDER BY sequence DESC LIMIT 1");
    entry = prepare(
        "INSERT INTO audit_logs (id, organization_id, user_id, api_key_id, action, resource_type,"
        " resource_id, details, ip_address, user_agent, sequence, previous_hash, hash, created_at)"
        " VALUES (?1, ?2, ?3, NULL, ?4, 'model', ?5, ?6, NULL, NULL, ?7, ?8, ?9, ?10)");
}

// operations DATABASE ORGANIZATION PROJECT USER COUNT     microseconds an operation
//
// One model inserted, found and updated in a transaction of its own, with the statements that the
// library runs: the actor's rights, the parent, the organization's limit, and the audit trail.
void operations(char **arguments) {
    const char *project = arguments[1];
    organization = arguments[0], user = arguments[2];
    const long count = atol(arguments[3]);
    prepare_transactions(organization, user);
    prepare_trail();
    sqlite3_stmt *parent = prepare(
        "SELECT NULL FROM projects WHERE organization_id = ? AND id = ? AND deleted_at IS NULL");
    sqlite3_stmt *limit = prepare("SELECT max_models FROM organizations WHERE id = ?");
    sqlite3_stmt *insert = prepare(
        "INSERT INTO models (" COLUMNS ")"
        " VALUES (?, ?, ?, ?, NULL, '', '', '', '[]', '{}', ?, ?, ?, NULL, NULL, 1)");
    sqlite3_stmt *find = prepare(
        "SELECT " COLUMNS " FROM models"
        " WHERE organization_id = ? AND id = ? AND deleted_at IS NULL");
    sqlite3_stmt *update = prepare(
        "UPDATE models SET name = ?3, description = 'again', model_type = '', task_type = '',"
        " framework = '', tags = '[]', metadata = '{}', updated_at = ?4, revision = revision + 1"
        " WHERE organization_id = ?1 AND id = ?2 AND deleted_at IS NULL AND revision = 1"
        " RETURNING " COLUMNS);
    char (*ids)[37] = malloc((size_t)count * sizeof *ids);
    double start = seconds();
    for (long number = 0; number < count; number++) {
        char name[32], details[512];
        snprintf(name, sizeof name, "model %ld", number);
        describe_model(name, project, details);
        next_id(ids[number]);
        begin_write();
        bind_text(parent, 1, organization), bind_text(parent, 2, project), done(parent);
        bind_text(limit, 1, organization), done(limit);
        const char *texts[] = {ids[number], organization, project, name, user};
        for (int column = 0; column < 5; column++) bind_text(insert, column + 1, texts[column]);
        sqlite3_bind_int64(insert, 6, microseconds());
        sqlite3_bind_int64(insert, 7, microseconds());
        done(insert);
        note("model.create", ids[number], details);
        commit();
    }
    printf("{"), report("insert", start, count);
    start = seconds();
    for (long number = 0; number < count; number++) {
        begin_read();
        bind_text(find, 1, organization), bind_text(find, 2, ids[number]), done(find);
        commit();
    }
    printf(", "), report("find", start, count);
    start = seconds();
    for (long number = 0; number < count; number++) {
        char name[32];
        snprintf(name, sizeof name, "model %ld", number);
        begin_write();
        bind_text(find, 1, organization), bind_text(find, 2, ids[number]), done(find);
        bind_text(update, 1, organization), bind_text(update, 2, ids[number]);
        bind_text(update, 3, name);
        sqlite3_bind_int64(update, 4, microseconds());
        done(update);
        note("model.update", ids[number], DETAILS_OF_UPDATE);
        commit();
    }
    printf(", "), report("update", start, count);
    sqlite3_stmt *stored = prepare("SELECT count(*) FROM models WHERE revision = 2");
    check(sqlite3_step(stored), "count");
    printf(", \"rows\": %lld}\n", sqlite3_column_int64(stored, 0));
}
