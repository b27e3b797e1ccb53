extension AuditLog: TableMapped {
    package static let table = Table(
        "audit_logs",
        columns: [
            "id", "organization_id", "user_id", "api_key_id", "action", "resource_type",
            "resource_id", "details", "ip_address", "user_agent", "sequence",
            "previous_hash", "hash", "created_at",
        ])

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        organizationID = try row.next()
        userID = try row.next()
        apiKeyID = try row.next()
        action = try row.next()
        resourceType = try row.next()
        resourceID = try row.next()
        details = try row.next()
        ipAddress = try row.next()
        userAgent = try row.next()
        sequence = try row.next()
        previousHash = try row.next()
        hash = try row.next()
        createdAt = try row.next()
    }

    package func encode(into row: inout RowEncoder) throws {
        try row.append(id)
        try row.append(organizationID)
        try row.append(userID)
        try row.append(apiKeyID)
        try row.append(action)
        try row.append(resourceType)
        try row.append(resourceID)
        try row.append(details)
        try row.append(ipAddress)
        try row.append(userAgent)
        try row.append(sequence)
        try row.append(previousHash)
        try row.append(hash)
        try row.append(createdAt)
    }
}

extension AuditLog {
    /// An entry is put at the end of its chain.
    package func prepared(forInsert: Bool, in transaction: SQLTransaction) throws -> AuditLog {
        var entry = self
        if let organization = transaction.organizationID {
            guard organizationID == nil || organizationID == organization else {
                throw StoreError(
                    .permissionDenied, "An audit entry belongs to another organization.",
                    entity: AuditLog.entityName, field: "organization_id")
            }
            entry.organizationID = organization
        }
        if let actor = transaction.actor {
            // Nobody writes in the name of another.
            entry.userID = actor.userID
            entry.apiKeyID = if case .apiKey(let key, _) = actor { key } else { nil }
        }
        try transaction.writeTrail()
        return try transaction.chained([entry], in: entry.organizationID)[0].entry
    }
}
