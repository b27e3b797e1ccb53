// The yardstick of the benchmarks: the work of each case in plain C over sqlite3, with the same
// schema, pragmas, rows and sizes of transaction as the library.
//
// Usage: sqlite-peer CASE DATABASE [ARGUMENT...]     prints one JSON object of measures
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static sqlite3 *database;

static void check(int code, const char *what) {
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
    fprintf(stderr, "sqlite-peer: %s: %s\n", what, sqlite3_errmsg(database));
    exit(1);
}

static void run(const char *sql) { check(sqlite3_exec(database, sql, NULL, NULL, NULL), sql); }

static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v3(
              database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), sql);
    return statement;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static int64_t microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void open_database(const char *path) {
    check(sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL), path);
    sqlite3_busy_timeout(database, 60000);
    run("PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA wal_autocheckpoint = 0;"
        "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"
        "PRAGMA secure_delete = FAST;");
}

// A UUID of version 7 as text: 48 bits of milliseconds, a counter, and random bits.
static void next_id(char text[37]) {
    static uint64_t last, counter, state = 0x9E3779B97F4A7C15;
    uint64_t now = (uint64_t)microseconds() / 1000;
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    counter = now > last ? state >> 24 : counter + 1 + (state >> 40);
    if (now > last) last = now;
    const uint64_t high = last << 16 | 0x7000;
    const uint64_t low = 0x8000000000000000 | (counter & 0x3FFFFFFFFFFFFFFF);
    static const char digits[] = "0123456789abcdef";
    int position = 0;
    for (int digit = 0; digit < 32; digit++) {
        if (digit == 8 || digit == 12 || digit == 16 || digit == 20) text[position++] = '-';
        const uint64_t half = digit < 16 ? high : low;
        text[position++] = digits[half >> (60 - 4 * (digit & 15)) & 15];
    }
    text[position] = 0;
}

static int wal_pages;

static int count_pages(void *unused, sqlite3 *db, const char *name, int pages) {
    (void)unused, (void)db, (void)name;
    wal_pages = pages;
    return SQLITE_OK;
}

// ingest DATABASE ORGANIZATION RUN POINTS METRICS BATCH
static void ingest(char **arguments) {
    const char *organization = arguments[0], *run_id = arguments[1];
    const long points = atol(arguments[2]), metrics = atol(arguments[3]);
    const long batch = atol(arguments[4]);
    char names[16][16];
    for (long metric = 0; metric < metrics; metric++)
        snprintf(names[metric], sizeof names[metric], "metric-%ld", metric);
    sqlite3_wal_hook(database, count_pages, NULL);
    sqlite3_stmt *insert = prepare(
        "INSERT INTO run_metrics (id, organization_id, run_id, metric_name, value, step, timestamp)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)");
    const double start = seconds();
    for (long done = 0; done < points;) {
        run("BEGIN IMMEDIATE");
        for (long row = 0; row < batch && done < points; row++, done++) {
            char id[37];
            next_id(id);
            const long step = done / metrics;
            const char *name = names[done % metrics];
            sqlite3_bind_text(insert, 1, id, 36, SQLITE_STATIC);
            sqlite3_bind_text(insert, 2, organization, 36, SQLITE_STATIC);
            sqlite3_bind_text(insert, 3, run_id, 36, SQLITE_STATIC);
            sqlite3_bind_text(insert, 4, name, -1, SQLITE_STATIC);
            sqlite3_bind_double(insert, 5, 1.0 / (1.0 + (double)step));
            sqlite3_bind_int64(insert, 6, step);
            sqlite3_bind_int64(insert, 7, microseconds());
            check(sqlite3_step(insert), "insert");
            sqlite3_reset(insert);
        }
        run("COMMIT");
        if (wal_pages >= 2048) run("PRAGMA wal_checkpoint(PASSIVE)");
    }
    const double end = seconds();
    sqlite3_stmt *count = prepare("SELECT count(*) FROM run_metrics WHERE run_id = ?");
    sqlite3_bind_text(count, 1, run_id, 36, SQLITE_STATIC);
    check(sqlite3_step(count), "count");
    printf("{\"ingest\": %.6f, \"rows\": %lld}\n", end - start, sqlite3_column_int64(count, 0));
}

static void report(const char *name, double start, long count) {
    printf("\"%s\": %.3f", name, (seconds() - start) / (double)count * 1e6);
}

static void done(sqlite3_stmt *statement) {
    while (sqlite3_step(statement) == SQLITE_ROW) {}
    check(sqlite3_reset(statement), sqlite3_sql(statement));
}

static void bind_ids(sqlite3_stmt *statement, const char *first, const char *second) {
    sqlite3_bind_text(statement, 1, first, 36, SQLITE_STATIC);
    if (second) sqlite3_bind_text(statement, 2, second, 36, SQLITE_STATIC);
}

#define COLUMNS "id, organization_id, project_id, name, description, model_type, task_type, " \
    "framework, tags, metadata, created_by, created_at, updated_at, deleted_at, deletion_id, revision"

// operations DATABASE ORGANIZATION PROJECT USER COUNT
//
// One model inserted, found and updated in a transaction of its own, with the statements that the
// library runs: the parent and the organization's limit are looked up too.
static void operations(char **arguments) {
    const char *organization = arguments[0], *project = arguments[1], *user = arguments[2];
    const long count = atol(arguments[3]);
    sqlite3_stmt *immediate = prepare("BEGIN IMMEDIATE"), *deferred = prepare("BEGIN DEFERRED");
    sqlite3_stmt *snapshot = prepare("SELECT 1 FROM sqlite_schema LIMIT 1");
    sqlite3_stmt *commit = prepare("COMMIT");
    sqlite3_stmt *parent = prepare(
        "SELECT id FROM projects WHERE organization_id = ? AND id = ? AND deleted_at IS NULL");
    sqlite3_stmt *limit = prepare("SELECT max_models FROM organizations WHERE id = ?");
    sqlite3_stmt *insert = prepare(
        "INSERT INTO models (" COLUMNS ") VALUES (?, ?, ?, ?, NULL, '', '', '', '[]', '{}', ?, ?, ?,"
        " NULL, NULL, 1)");
    sqlite3_stmt *find = prepare(
        "SELECT " COLUMNS " FROM models WHERE organization_id = ? AND deleted_at IS NULL AND id = ?");
    sqlite3_stmt *update = prepare(
        "UPDATE models SET name = ?3, description = 'again', model_type = '', task_type = '',"
        " framework = '', tags = '[]', metadata = '{}', updated_at = ?4, revision = revision + 1"
        " WHERE organization_id = ?1 AND id = ?2 AND deleted_at IS NULL AND revision = 1"
        " RETURNING " COLUMNS);
    char (*ids)[37] = malloc((size_t)count * sizeof *ids);
    double start = seconds();
    for (long number = 0; number < count; number++) {
        char name[32];
        snprintf(name, sizeof name, "model %ld", number);
        next_id(ids[number]);
        done(immediate);
        bind_ids(parent, organization, project), done(parent);
        bind_ids(limit, organization, NULL), done(limit);
        bind_ids(insert, ids[number], organization);
        sqlite3_bind_text(insert, 3, project, 36, SQLITE_STATIC);
        sqlite3_bind_text(insert, 4, name, -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 5, user, 36, SQLITE_STATIC);
        sqlite3_bind_int64(insert, 6, microseconds());
        sqlite3_bind_int64(insert, 7, microseconds());
        done(insert), done(commit);
    }
    printf("{"), report("insert", start, count);
    start = seconds();
    for (long number = 0; number < count; number++) {
        done(deferred), done(snapshot);
        bind_ids(find, organization, ids[number]), done(find);
        done(commit);
    }
    printf(", "), report("find", start, count);
    start = seconds();
    for (long number = 0; number < count; number++) {
        char name[32];
        snprintf(name, sizeof name, "model %ld", number);
        done(immediate);
        bind_ids(parent, organization, project), done(parent);
        bind_ids(update, organization, ids[number]);
        sqlite3_bind_text(update, 3, name, -1, SQLITE_STATIC);
        sqlite3_bind_int64(update, 4, microseconds());
        done(update), done(commit);
    }
    printf(", "), report("update", start, count), printf("}\n");
}

// history DATABASE ORGANIZATION RUN METRIC BUCKETS
//
// All points of a metric read into memory; then reduced to buckets with their extremes.
static void history(char **arguments) {
    sqlite3_stmt *select = prepare(
        "SELECT step, value, timestamp FROM run_metrics WHERE run_id = ? AND metric_name = ?"
        " AND organization_id = ? ORDER BY step, id");
    bind_ids(select, arguments[1], NULL);
    sqlite3_bind_text(select, 2, arguments[2], -1, SQLITE_STATIC);
    sqlite3_bind_text(select, 3, arguments[0], 36, SQLITE_STATIC);
    struct point { int64_t step; double value; int64_t time; } *points = NULL;
    long count = 0, room = 0;
    double start = seconds();
    while (sqlite3_step(select) == SQLITE_ROW) {
        if (count == room) points = realloc(points, (size_t)(room = room * 2 + 64) * sizeof *points);
        points[count++] = (struct point){
            sqlite3_column_int64(select, 0), sqlite3_column_double(select, 1),
            sqlite3_column_int64(select, 2)};
    }
    sqlite3_reset(select);
    printf("{\"read\": %.6f, \"rows\": %ld", seconds() - start, count);
    const long buckets = atol(arguments[3]);
    const int64_t first = points[0].step, last = points[count - 1].step;
    double *low = malloc((size_t)buckets * sizeof *low), *high = malloc((size_t)buckets * sizeof *high);
    for (long bucket = 0; bucket < buckets; bucket++) low[bucket] = 1e300, high[bucket] = -1e300;
    start = seconds();
    while (sqlite3_step(select) == SQLITE_ROW) {
        const int64_t step = sqlite3_column_int64(select, 0);
        const double value = sqlite3_column_double(select, 1);
        const long bucket = (long)((step - first) * buckets / (last - first + 1));
        if (value < low[bucket]) low[bucket] = value;
        if (value > high[bucket]) high[bucket] = value;
    }
    printf(", \"buckets\": %.6f}\n", seconds() - start);
}

int main(int count, char **arguments) {
    if (count < 3) {
        fprintf(stderr, "usage: sqlite-peer CASE DATABASE [ARGUMENT...]\n");
        return 64;
    }
    open_database(arguments[2]);
    if (strcmp(arguments[1], "ingest") == 0 && count == 8) {
        ingest(arguments + 3);
    } else if (strcmp(arguments[1], "operations") == 0 && count == 7) {
        operations(arguments + 3);
    } else if (strcmp(arguments[1], "history") == 0 && count == 7) {
        history(arguments + 3);
    } else {
        fprintf(stderr, "sqlite-peer: unknown case %s\n", arguments[1]);
        return 64;
    }
    return 0;
}
