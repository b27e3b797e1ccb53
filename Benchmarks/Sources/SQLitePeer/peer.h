// Declarations that the cases share.
#include <sqlite3.h>
#include <stdint.h>

extern sqlite3 *database;

// Exits the program unless a result code means success.
void check(int code, const char *what);
void run(const char *sql);
sqlite3_stmt *prepare(const char *sql);
// Steps a statement to its end and resets it.
void done(sqlite3_stmt *statement);
// Binds an id or another text that outlives the statement; the first parameter has index 1.
void bind_text(sqlite3_stmt *statement, int index, const char *text);

// Transactions as the library makes them: each begins with reading its actor's rights, a read
// thereby takes its snapshot, and a checkpoint follows the commit when the log is large.
void prepare_transactions(const char *organization, const char *user);
void begin_read(void);
void begin_write(void);
void commit(void);

double seconds(void);
int64_t microseconds(void);
// Prints the mean of `count` operations since `start`.
void report(const char *name, double start, long count);
// A UUID of version 7 as text.
void next_id(char text[37]);

// The cases; each takes the arguments that follow the database.
void ingest(char **arguments);
void operations(char **arguments);
void operations_handed_over(char **arguments);
void operations_without_trail(char **arguments);
void history(char **arguments);
void search(char **arguments);
