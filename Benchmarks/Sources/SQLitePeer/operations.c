#include "peer.h"

#include <PeerAudit.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define COLUMNS "id, organization_id, project_id, name, description, model_type, task_type, " \
    "framework, tags, metadata, created_by, created_at, updated_at, deleted_at, deletion_id, " \
    "revision"

static const char *organization, *project, *user;
static char (*ids)[37];
static sqlite3_stmt *chain, *entry, *parent, *limit, *insert, *find, *update;
static int has_trail = 1, is_handed_over = 0;

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

static void prepare_all(void) {
    prepare_transactions(organization, user);
    chain = prepare(
        "SELECT sequence, hash FROM audit_logs WHERE organization_id = ?"
        " ORDER BY sequence DESC LIMIT 1");
    entry = prepare(
        "INSERT INTO audit_logs (id, organization_id, user_id, api_key_id, action, resource_type,"
        " resource_id, details, ip_address, user_agent, sequence, previous_hash, hash, created_at)"
        " VALUES (?1, ?2, ?3, NULL, ?4, 'model', ?5, ?6, NULL, NULL, ?7, ?8, ?9, ?10)");
    parent = prepare(
        "SELECT NULL FROM projects WHERE organization_id = ? AND id = ? AND deleted_at IS NULL");
    limit = prepare("SELECT max_models FROM organizations WHERE id = ?");
    insert = prepare(
        "INSERT INTO models (" COLUMNS ")"
        " VALUES (?, ?, ?, ?, NULL, '', '', '', '[]', '{}', ?, ?, ?, NULL, NULL, 1)");
    find = prepare(
        "SELECT " COLUMNS " FROM models"
        " WHERE organization_id = ? AND id = ? AND deleted_at IS NULL");
    update = prepare(
        "UPDATE models SET name = ?3, description = 'again', model_type = '', task_type = '',"
        " framework = '', tags = '[]', metadata = '{}', updated_at = ?4, revision = revision + 1"
        " WHERE organization_id = ?1 AND id = ?2 AND deleted_at IS NULL AND revision = 1"
        " RETURNING " COLUMNS);
}

static void insert_model(long number) {
    char name[32], details[512];
    snprintf(name, sizeof name, "model %ld", number);
    next_id(ids[number]);
    begin_write();
    bind_text(parent, 1, organization), bind_text(parent, 2, project), done(parent);
    bind_text(limit, 1, organization), done(limit);
    const char *texts[] = {ids[number], organization, project, name, user};
    for (int column = 0; column < 5; column++) bind_text(insert, column + 1, texts[column]);
    sqlite3_bind_int64(insert, 6, microseconds());
    sqlite3_bind_int64(insert, 7, microseconds());
    done(insert);
    if (has_trail) {
        describe_model(name, project, details);
        note("model.create", ids[number], details);
    }
    commit();
}

static void find_stored(long number) {
    bind_text(find, 1, organization), bind_text(find, 2, ids[number]), done(find);
}

static void find_model(long number) {
    begin_read();
    find_stored(number);
    commit();
}

static void update_model(long number) {
    char name[32];
    snprintf(name, sizeof name, "model %ld", number);
    begin_write();
    find_stored(number);
    bind_text(update, 1, organization), bind_text(update, 2, ids[number]);
    bind_text(update, 3, name);
    sqlite3_bind_int64(update, 4, microseconds());
    done(update);
    if (has_trail) note("model.update", ids[number], DETAILS_OF_UPDATE);
    commit();
}

// The job of the thread that owns the connection; it is done when `body` is NULL.
static struct {
    pthread_mutex_t lock;
    pthread_cond_t asked, answered;
    void (*body)(long);
    long number;
} job = {.lock = PTHREAD_MUTEX_INITIALIZER,
         .asked = PTHREAD_COND_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER};

static void *work(void *unused) {
    (void)unused;
    pthread_mutex_lock(&job.lock);
    for (;;) {
        while (!job.body) pthread_cond_wait(&job.asked, &job.lock);
        // Unlocked, so that others may submit jobs meanwhile.
        pthread_mutex_unlock(&job.lock);
        job.body(job.number);
        pthread_mutex_lock(&job.lock);
        job.body = NULL;
        pthread_cond_signal(&job.answered);
    }
}

static void hand_over(void (*body)(long), long number) {
    pthread_mutex_lock(&job.lock);
    job.body = body, job.number = number;
    pthread_cond_signal(&job.asked);
    while (job.body) pthread_cond_wait(&job.answered, &job.lock);
    pthread_mutex_unlock(&job.lock);
}

static void repeat(const char *name, void (*body)(long), long count) {
    const double start = seconds();
    for (long number = 0; number < count; number++)
        if (is_handed_over) hand_over(body, number);
        else body(number);
    report(name, start, count);
}

// operations DATABASE ORGANIZATION PROJECT USER COUNT     microseconds per operation
//
// Inserts, finds and updates one model, each in its own transaction, with the library's statements:
// the actor's rights, the parent, the organization's limit, and the audit trail.
void operations(char **arguments) {
    organization = arguments[0], project = arguments[1], user = arguments[2];
    const long count = atol(arguments[3]);
    prepare_all();
    ids = malloc((size_t)count * sizeof *ids);
    pthread_t worker;
    if (is_handed_over) pthread_create(&worker, NULL, work, NULL);
    printf("{"), repeat("insert", insert_model, count);
    printf(", "), repeat("find", find_model, count);
    printf(", "), repeat("update", update_model, count);
    sqlite3_stmt *stored = prepare("SELECT count(*) FROM models WHERE revision = 2");
    check(sqlite3_step(stored), "count");
    printf(", \"rows\": %lld}\n", sqlite3_column_int64(stored, 0));
}

// The same, but each operation is passed to the thread that owns the connection, and its result
// back. Every design whose callers do not use the connection themselves has this cost.
void operations_handed_over(char **arguments) {
    is_handed_over = 1;
    operations(arguments);
}

// The same without the audit trail, to show what the trail costs.
void operations_without_trail(char **arguments) {
    has_trail = 0;
    operations(arguments);
}
