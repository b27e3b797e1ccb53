// The peer of the benchmarks: each case in plain C with sqlite3, with the same schema, pragmas,
// statements, rows and transaction sizes as the library.
//
// Usage: sqlite-peer CASE DATABASE [ARGUMENT...]     prints the results as one JSON object
//
// To try other settings: the environment variable SQLITE_PEER_PRAGMAS is SQL that runs after the
// library's pragmas, and SQLITE_PEER_CHECKPOINT the log size in pages that causes a checkpoint.
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

sqlite3 *database;

void check(int code, const char *what) {
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
    fprintf(stderr, "sqlite-peer: %s: %s\n", what, sqlite3_errmsg(database));
    exit(1);
}

void run(const char *sql) { check(sqlite3_exec(database, sql, NULL, NULL, NULL), sql); }

sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v3(
              database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), sql);
    return statement;
}

void done(sqlite3_stmt *statement) {
    while (sqlite3_step(statement) == SQLITE_ROW) {}
    check(sqlite3_reset(statement), sqlite3_sql(statement));
}

void bind_text(sqlite3_stmt *statement, int index, const char *text) {
    sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int64_t microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void report(const char *name, double start, long count) {
    printf("\"%s\": %.3f", name, (seconds() - start) / (double)count * 1e6);
}

// 48 bits of milliseconds, a counter, and random bits.
void next_id(char text[37]) {
    static uint64_t last, counter, state = 0x9E3779B97F4A7C15;
    // Concurrent processes need different ids.
    if (last == 0) sqlite3_randomness(sizeof state, &state);
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

// A checkpoint runs at 16 MiB of log, as in the library, with pages of 4096 bytes.
static int wal_pages, checkpoint_pages = 4096;

static int count_pages(void *unused, sqlite3 *db, const char *name, int pages) {
    (void)unused, (void)db, (void)name;
    wal_pages = pages;
    return SQLITE_OK;
}

static sqlite3_stmt *deferred, *immediate, *committing, *snapshot, *rights;

void prepare_transactions(const char *organization, const char *user) {
    deferred = prepare("BEGIN DEFERRED"), immediate = prepare("BEGIN IMMEDIATE");
    committing = prepare("COMMIT"), snapshot = prepare("SELECT 1 FROM sqlite_schema LIMIT 1");
    rights = prepare(
        "SELECT o.is_active, o.subscription_status, o.deletion_id, u.is_active, m.role,"
        " m.invited_by, m.joined_at FROM organizations o"
        " JOIN organization_memberships m ON m.organization_id = o.id"
        " JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL"
        " WHERE o.id = ? AND m.user_id = ?"
        " AND (m.deleted_at IS NULL OR m.deletion_id = o.deletion_id)");
    bind_text(rights, 1, organization), bind_text(rights, 2, user);
}

void begin_read(void) { done(deferred), done(snapshot), done(rights); }

void begin_write(void) { done(immediate), done(rights); }

void commit(void) {
    done(committing);
    if (wal_pages >= checkpoint_pages) run("PRAGMA wal_checkpoint(PASSIVE)");
}

static void open_database(const char *path) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    check(sqlite3_open_v2(path, &database, flags, NULL), path);
    sqlite3_busy_timeout(database, 60000);
    run("PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA wal_autocheckpoint = 0;"
        "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384; PRAGMA secure_delete = FAST;"
        "PRAGMA journal_size_limit = 268435456;");
    const char *pragmas = getenv("SQLITE_PEER_PRAGMAS"), *pages = getenv("SQLITE_PEER_CHECKPOINT");
    if (pragmas) run(pragmas);
    if (pages) checkpoint_pages = atoi(pages);
    sqlite3_wal_hook(database, count_pages, NULL);
}

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        void (*body)(char **);
        int arguments;
    } cases[] = {
        {"ingest", ingest, 6}, {"operations", operations, 4},
        {"operations-handed-over", operations_handed_over, 4},
        {"operations-without-trail", operations_without_trail, 4}, {"history", history, 4},
        {"search", search, 3},
    };
    for (unsigned long number = 0; number < sizeof cases / sizeof *cases; number++) {
        if (count != cases[number].arguments + 3 || strcmp(arguments[1], cases[number].name) != 0)
            continue;
        open_database(arguments[2]);
        cases[number].body(arguments + 3);
        return 0;
    }
    fprintf(stderr, "usage: sqlite-peer CASE DATABASE [ARGUMENT...]\n");
    return 64;
}
