// What the library needs of C and Swift does not import: variadic functions, the destructor macros of
// sqlite3.h, and a function of the C library.
#pragma once
#include <sqlite3.h>
#include <string.h>

static inline int csqlite_bind_text(sqlite3_stmt *stmt, int index, const char *text, int length) {
    return sqlite3_bind_text(stmt, index, text, length, SQLITE_TRANSIENT);
}

#ifdef __linux__
// The headers show it only to programs that ask for GNU's extensions.
void *memmem(const void *text, size_t length, const void *part, size_t part_length);
#endif

static inline void csqlite_result_text(sqlite3_context *context, const unsigned char *text,
                                       int length) {
    sqlite3_result_text(context, (const char *)text, length, SQLITE_TRANSIENT);
}

static inline int csqlite_enable(sqlite3 *db, int option, int value) {
    return sqlite3_db_config(db, option, value, (int *)0);
}

static inline void csqlite_disable_memory_statistics(void) {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

// The extended codes are arithmetic in macros, which Swift does not import.
static const int csqlite_constraint_check = SQLITE_CONSTRAINT_CHECK;
static const int csqlite_constraint_foreign_key = SQLITE_CONSTRAINT_FOREIGNKEY;
static const int csqlite_constraint_not_null = SQLITE_CONSTRAINT_NOTNULL;
static const int csqlite_constraint_primary_key = SQLITE_CONSTRAINT_PRIMARYKEY;
static const int csqlite_constraint_trigger = SQLITE_CONSTRAINT_TRIGGER;
static const int csqlite_constraint_unique = SQLITE_CONSTRAINT_UNIQUE;
static const int csqlite_ioerr_fsync = SQLITE_IOERR_FSYNC;
