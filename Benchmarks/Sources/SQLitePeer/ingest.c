#include "peer.h"

#include <stdio.h>
#include <stdlib.h>

// ingest DATABASE ORGANIZATION USER RUN POINTS METRICS BATCH     points per second
void ingest(char **arguments) {
    const char *organization = arguments[0], *run_id = arguments[2];
    const long points = atol(arguments[3]), metrics = atol(arguments[4]);
    const long batch = atol(arguments[5]);
    char names[16][16];
    for (long metric = 0; metric < metrics; metric++)
        snprintf(names[metric], sizeof names[metric], "metric-%ld", metric);
    sqlite3_stmt *insert = prepare(
        "INSERT INTO run_metrics (id, organization_id, run_id, metric_name, value, step, timestamp)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)");
    prepare_transactions(organization, arguments[1]);
    const double start = seconds();
    for (long number = 0; number < points;) {
        begin_write();
        for (long row = 0; row < batch && number < points; row++, number++) {
            char id[37];
            next_id(id);
            const long step = number / metrics;
            bind_text(insert, 1, id);
            bind_text(insert, 2, organization);
            bind_text(insert, 3, run_id);
            bind_text(insert, 4, names[number % metrics]);
            sqlite3_bind_double(insert, 5, 1.0 / (1.0 + (double)step));
            sqlite3_bind_int64(insert, 6, step);
            sqlite3_bind_int64(insert, 7, microseconds());
            check(sqlite3_step(insert), "insert");
            sqlite3_reset(insert);
        }
        commit();
    }
    const double duration = seconds() - start;
    sqlite3_stmt *count = prepare("SELECT count(*) FROM run_metrics WHERE run_id = ?");
    bind_text(count, 1, run_id);
    check(sqlite3_step(count), "count");
    printf("{\"ingest\": %.3f, \"rows\": %lld}\n", (double)points / duration,
           sqlite3_column_int64(count, 0));
}
