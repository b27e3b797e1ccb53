// The yardstick of single operations on PostgreSQL: the statements that the library runs, each
// answered before the next is sent, through bare libpq.
//
// Usage: postgres-peer URL ORGANIZATION PROJECT USER COUNT     prints microseconds an operation
#include <postgresql/libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define UUID 2950
#define TEXT 25
#define PROJECT_COLUMNS "id, organization_id, name, slug, description, visibility, is_active, " \
    "settings, created_by, created_at, updated_at, deleted_at, deletion_id, revision"
#define MODEL_COLUMNS "id, organization_id, project_id, name, description, model_type, task_type, " \
    "framework, tags, metadata, created_by, created_at, updated_at, deleted_at, deletion_id, revision"

static PGconn *connection;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static void done(PGresult *result) {
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fprintf(stderr, "postgres-peer: %s\n", PQresultErrorMessage(result));
        exit(1);
    }
    PQclear(result);
}

static void begin(const char *isolation, const char *organization) {
    char text[400];
    snprintf(text, sizeof text,
             "BEGIN ISOLATION LEVEL %s; SET LOCAL statement_timeout = 300000;"
             "SELECT set_config('mlops.organization_id', '%s', true)", isolation, organization);
    done(PQexec(connection, text));
}

static void execute(const char *sql, int count, const Oid *types, const char *const *values) {
    done(PQexecParams(connection, sql, count, types, values, NULL, NULL, 1));
}

int main(int argument_count, char **arguments) {
    if (argument_count != 6) {
        fprintf(stderr, "usage: postgres-peer URL ORGANIZATION PROJECT USER COUNT\n");
        return 64;
    }
    connection = PQconnectdb(arguments[1]);
    const char *organization = arguments[2], *project = arguments[3], *user = arguments[4];
    const long count = atol(arguments[5]);
    const Oid ids[] = {UUID, UUID}, columns[] = {UUID, UUID, TEXT, UUID};
    const char *keys[] = {organization, project};
    double start = seconds();
    for (long number = 0; number < count; number++) {
        begin("REPEATABLE READ READ ONLY", organization);
        execute("SELECT " PROJECT_COLUMNS " FROM projects WHERE organization_id = $1"
                " AND deleted_at IS NULL AND id = $2", 2, ids, keys);
        done(PQexec(connection, "COMMIT"));
    }
    printf("{\"find\": %.3f", (seconds() - start) / (double)count * 1e6);
    start = seconds();
    for (long number = 0; number < count; number++) {
        char name[32];
        snprintf(name, sizeof name, "peer model %ld", number);
        const char *values[] = {organization, project, name, user};
        begin("READ COMMITTED READ WRITE", organization);
        execute("SELECT id FROM projects WHERE organization_id = $1 AND id = $2"
                " AND deleted_at IS NULL FOR SHARE", 2, ids, keys);
        execute("SELECT max_models FROM organizations WHERE id = $1 FOR NO KEY UPDATE", 1, ids, keys);
        execute("INSERT INTO models (" MODEL_COLUMNS ") VALUES (gen_random_uuid(), $1, $2, $3, NULL,"
                " '', '', '', '[]', '{}', $4, now(), now(), NULL, NULL, 1)", 4, columns, values);
        done(PQexec(connection, "COMMIT"));
    }
    printf(", \"insert\": %.3f}\n", (seconds() - start) / (double)count * 1e6);
    PQfinish(connection);
    return 0;
}
