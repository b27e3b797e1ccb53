#include <stdint.h>

// An entry of the audit trail about a change of a model.
struct audit_entry {
    const char *id, *organization, *user, *action, *model, *details, *previous_hash;
    int64_t sequence, created_at;
};

// The SHA-256 of the entry's canonical form, which the library stores in `hash`.
void hash_entry(const struct audit_entry *entry, char hash[65]);

// The `details` of the entry of a new model.
void describe_model(const char *name, const char *project, char details[512]);

#define DETAILS_OF_UPDATE "{\"changes\":{\"description\":{\"after\":\"again\",\"before\":null}}}"
