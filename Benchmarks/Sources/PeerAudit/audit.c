// The part of the audit trail that both C programs share.
#include "PeerAudit.h"

#include <openssl/sha.h>
#include <stdio.h>

void hash_entry(const struct audit_entry *entry, char hash[65]) {
    char form[4096];
    const int length = snprintf(
        form, sizeof form,
        "{\"action\":\"%s\",\"api_key_id\":null,\"created_at\":%lld,\"details\":%s,\"id\":\"%s\","
        "\"ip_address\":null,\"organization_id\":\"%s\",\"previous_hash\":\"%s\","
        "\"resource_id\":\"%s\",\"resource_type\":\"model\",\"sequence\":%lld,"
        "\"user_agent\":null,\"user_id\":\"%s\"}",
        entry->action, (long long)entry->created_at, entry->details, entry->id,
        entry->organization, entry->previous_hash, entry->model, (long long)entry->sequence,
        entry->user);
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)form, (size_t)length, digest);
    static const char digits[] = "0123456789abcdef";
    for (int byte = 0; byte < SHA256_DIGEST_LENGTH; byte++) {
        hash[2 * byte] = digits[digest[byte] >> 4];
        hash[2 * byte + 1] = digits[digest[byte] & 15];
    }
    hash[64] = 0;
}

void describe_model(const char *name, const char *project, char details[512]) {
    snprintf(
        details, 512,
        "{\"changes\":{\"framework\":{\"after\":\"\"},\"metadata\":{\"after\":{}},"
        "\"model_type\":{\"after\":\"\"},\"name\":{\"after\":\"%s\"},"
        "\"project_id\":{\"after\":\"%s\"},\"tags\":{\"after\":[]},"
        "\"task_type\":{\"after\":\"\"}}}", name, project);
}
