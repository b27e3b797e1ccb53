#include "peer.h"

#include <stdio.h>
#include <stdlib.h>

// history DATABASE ORGANIZATION RUN METRIC BUCKETS     points per second
//
// Reads all points of a metric into memory; then reduces them to buckets with their extremes.
void history(char **arguments) {
    sqlite3_stmt *select = prepare(
        "SELECT step, value, timestamp FROM run_metrics WHERE run_id = ? AND metric_name = ?"
        " AND organization_id = ? ORDER BY step, id");
    bind_text(select, 1, arguments[1]);
    bind_text(select, 2, arguments[2]);
    bind_text(select, 3, arguments[0]);
    struct point { int64_t step; double value; int64_t time; } *points = NULL;
    long count = 0, room = 0;
    double start = seconds();
    while (sqlite3_step(select) == SQLITE_ROW) {
        if (count == room) {
            room = room * 2 + 64;
            points = realloc(points, (size_t)room * sizeof *points);
        }
        points[count++] = (struct point){
            sqlite3_column_int64(select, 0), sqlite3_column_double(select, 1),
            sqlite3_column_int64(select, 2)};
    }
    sqlite3_reset(select);
    printf("{\"read\": %.3f, \"rows\": %ld", (double)count / (seconds() - start), count);
    const long buckets = atol(arguments[3]);
    const int64_t first = points[0].step, last = points[count - 1].step;
    double *low = malloc((size_t)buckets * sizeof *low);
    double *high = malloc((size_t)buckets * sizeof *high);
    for (long bucket = 0; bucket < buckets; bucket++) low[bucket] = 1e300, high[bucket] = -1e300;
    start = seconds();
    while (sqlite3_step(select) == SQLITE_ROW) {
        const int64_t step = sqlite3_column_int64(select, 0);
        const double value = sqlite3_column_double(select, 1);
        const long bucket = (long)((step - first) * buckets / (last - first + 1));
        if (value < low[bucket]) low[bucket] = value;
        if (value > high[bucket]) high[bucket] = value;
    }
    printf(", \"buckets\": %.3f}\n", (double)count / (seconds() - start));
}

static int ascending(const void *left, const void *right) {
    const double difference = *(const double *)left - *(const double *)right;
    return difference < 0 ? -1 : difference > 0;
}

// search DATABASE ORGANIZATION EXPERIMENT USER     median in milliseconds
//
// Finds the runs of an experiment by a metric and a parameter, the top 50 by the metric. It uses
// SQLite's JSON functions; the library uses its own, which read less.
void search(char **arguments) {
    enum { rounds = 21 };
    double times[rounds];
    sqlite3_stmt *find = prepare(
        "SELECT id, organization_id, experiment_id, parent_run_id, run_name, status, parameters,"
        " metrics, artifacts, tags, environment, logs, error_message, heartbeat_at, started_at,"
        " completed_at, duration_seconds, created_by, created_at, updated_at, deleted_at,"
        " deletion_id, revision FROM experiment_runs"
        " WHERE organization_id = ?1 AND deleted_at IS NULL AND (experiment_id = ?2"
        " AND (instr(parameters, ?7) > 0"
        " AND (json_extract(parameters, ?5) = ?6 AND json_type(parameters, ?5) = 'text'))"
        " AND (json_extract(metrics, ?3) > ?4 AND json_type(metrics, ?3) IN ('integer', 'real')))"
        " ORDER BY CASE WHEN json_type(metrics, ?3) IN ('integer', 'real')"
        " THEN json_extract(metrics, ?3) END DESC NULLS LAST, id DESC LIMIT 51");
    bind_text(find, 1, arguments[0]), bind_text(find, 2, arguments[1]);
    bind_text(find, 3, "$.\"accuracy\".\"last\""), sqlite3_bind_double(find, 4, 0.9);
    bind_text(find, 5, "$.\"optimizer\""), bind_text(find, 6, "adam");
    bind_text(find, 7, "\"adam\"");
    prepare_transactions(arguments[0], arguments[2]);
    for (int round = 0; round < rounds; round++) {
        const double start = seconds();
        begin_read(), done(find), commit();
        times[round] = (seconds() - start) * 1000;
    }
    qsort(times, rounds, sizeof *times, ascending);
    sqlite3_stmt *count = prepare(
        "SELECT count(*) FROM experiment_runs WHERE json_extract(metrics, '$.accuracy.last') >= 0");
    check(sqlite3_step(count), "count");
    printf("{\"search\": %.3f, \"rows\": %lld}\n", times[rounds / 2],
           sqlite3_column_int64(count, 0));
}
