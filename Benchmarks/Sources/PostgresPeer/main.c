// The peer for single operations on PostgreSQL: runs the library's statements through libpq alone,
// each answered before the next is sent.
//
// Usage: postgres-peer URL ORGANIZATION PROJECT USER COUNT     prints microseconds per operation
#include <PeerAudit.h>
#include <postgresql/libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PROJECT_COLUMNS "id, organization_id, name, slug, description, visibility, is_active, " \
    "settings, created_by, created_at, updated_at, deleted_at, deletion_id, revision"
#define MODEL_COLUMNS "id, organization_id, project_id, name, description, model_type, " \
    "task_type, framework, tags, metadata, created_by, created_at, updated_at, deleted_at, " \
    "deletion_id, revision"

static PGconn *connection;
static const char *organization, *user;

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static PGresult *check(PGresult *result) {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
    fprintf(stderr, "postgres-peer: %s\n", PQresultErrorMessage(result));
    exit(1);
}

static void run(const char *sql) { PQclear(check(PQexec(connection, sql))); }

static void prepare(const char *name, const char *sql) {
    PQclear(check(PQprepare(connection, name, sql, 0, NULL)));
}

static PGresult *query(const char *name, int count, const char *const *values) {
    return check(PQexecPrepared(connection, name, count, values, NULL, NULL, 0));
}

static void execute(const char *name, int count, const char *const *values) {
    PQclear(query(name, count, values));
}

static void prepare_all(void) {
    prepare("setting", "SELECT set_config('mlops.organization_id', $1, true),"
            " set_config('statement_timeout', '300000', true)");
    prepare("rights", "SELECT o.is_active, o.subscription_status, o.deletion_id, u.is_active,"
            " m.role, m.invited_by, m.joined_at FROM organizations o"
            " JOIN organization_memberships m ON m.organization_id = o.id"
            " JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL"
            " WHERE o.id = $1 AND m.user_id = $2"
            " AND (m.deleted_at IS NULL OR m.deletion_id = o.deletion_id)");
    prepare("find", "SELECT " PROJECT_COLUMNS " FROM projects WHERE organization_id = $1"
            " AND deleted_at IS NULL AND id = $2");
    prepare("parent", "SELECT NULL FROM projects WHERE organization_id = $1 AND id = $2"
            " AND deleted_at IS NULL FOR SHARE");
    prepare("limit", "SELECT max_models FROM organizations WHERE id = $1 FOR NO KEY UPDATE");
    prepare("insert", "INSERT INTO models (" MODEL_COLUMNS ") VALUES ($1, $2, $3, $4, NULL,"
            " '', '', '', '[]', '{}', $5, now(), now(), NULL, NULL, 1)");
    prepare("lock", "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))");
    prepare("chain", "SELECT sequence, hash FROM audit_logs WHERE organization_id = $1"
            " ORDER BY sequence DESC LIMIT 1");
    prepare("entry", "INSERT INTO audit_logs (id, organization_id, user_id, api_key_id, action,"
            " resource_type, resource_id, details, ip_address, user_agent, sequence,"
            " previous_hash, hash, created_at) VALUES ($1, $2, $3, NULL, 'model.create', 'model',"
            " $4, $5, NULL, NULL, $6, $7, $8, to_timestamp($9 / 1e6))");
    prepare("id", "SELECT gen_random_uuid()");
}

static void begin(const char *isolation) {
    const char *values[] = {organization, user};
    run(isolation), execute("setting", 1, values), execute("rights", 2, values);
}

// Adds an entry to the end of the audit trail.
static void note(const char *id, const char *model, const char *details) {
    char chain[80], sequence[24], now[24], hash[65];
    snprintf(chain, sizeof chain, "mlops.audit.%s", organization);
    execute("lock", 1, (const char *[]){chain});
    PGresult *last = query("chain", 1, &organization);
    struct audit_entry entry = {
        id, organization, user, "model.create", model, details, PQgetvalue(last, 0, 1),
        atoll(PQgetvalue(last, 0, 0)) + 1, (int64_t)(seconds(CLOCK_REALTIME) * 1e6)};
    hash_entry(&entry, hash);
    snprintf(sequence, sizeof sequence, "%lld", (long long)entry.sequence);
    snprintf(now, sizeof now, "%lld", (long long)entry.created_at);
    const char *values[] = {
        id, organization, user, model, details, sequence, entry.previous_hash, hash, now};
    execute("entry", 9, values);
    PQclear(last);
}

// Ids are made before the time is measured: libpq has no function for them.
static char *next_id(void) {
    PGresult *result = query("id", 0, NULL);
    char *id = malloc(37);
    snprintf(id, 37, "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
    return id;
}

static void report(const char *name, double start, long count) {
    printf("\"%s\": %.3f", name, (seconds(CLOCK_MONOTONIC) - start) / (double)count * 1e6);
}

int main(int argument_count, char **arguments) {
    if (argument_count != 6) {
        fprintf(stderr, "usage: postgres-peer URL ORGANIZATION PROJECT USER COUNT\n");
        return 64;
    }
    connection = PQconnectdb(arguments[1]);
    organization = arguments[2], user = arguments[4];
    const char *project = arguments[3], *keys[] = {organization, project};
    const long count = atol(arguments[5]);
    prepare_all();
    char **ids = malloc(2 * (size_t)count * sizeof *ids);
    for (long number = 0; number < 2 * count; number++) ids[number] = next_id();
    double start = seconds(CLOCK_MONOTONIC);
    for (long number = 0; number < count; number++) {
        begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        execute("find", 2, keys);
        run("COMMIT");
    }
    printf("{"), report("find", start, count);
    start = seconds(CLOCK_MONOTONIC);
    for (long number = 0; number < count; number++) {
        char name[32], details[512];
        snprintf(name, sizeof name, "peer model %ld", number);
        describe_model(name, project, details);
        begin("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
        execute("parent", 2, keys), execute("limit", 1, keys);
        execute("insert", 5, (const char *[]){ids[number], organization, project, name, user});
        note(ids[count + number], ids[number], details);
        run("COMMIT");
    }
    printf(", "), report("insert", start, count), printf("}\n");
    PQfinish(connection);
    return 0;
}
