extension SystemAccess {
    /// The id of the key that seals new secrets.
    ///
    /// - Throws: `.missingKey` when there is none.
    public var encryptionKeyID: String {
        get throws { try store.keys.requireEncryption().current.id }
    }

    /// Seals every secret of every organization with the current key, deleted channels included.
    ///
    /// It runs beside other programs, a few channels in a transaction. A rotation that was stopped
    /// continues with the next call: only secrets under an older key are written. Each changed
    /// channel gets the next revision, so that an update from an earlier read conflicts. Each also
    /// gets an entry `notification_channel.rotate` in its organization's audit trail. Configure the
    /// new key in every program first, in front of the old one; remove the old one afterwards.
    /// ``Store/scrub()`` removes what the files still hold under the old key.
    ///
    /// - Parameters:
    ///   - batch: The number of channels in one transaction.
    ///   - progress: Called after each transaction with the number of channels done, and the number
    ///     at the beginning.
    /// - Returns: The number of channels that were changed.
    /// - Throws: `.missingKey` when there is no key; and, after all others were rotated,
    ///   `.missingKey` or `.corrupt` when a channel's secrets cannot be opened.
    @discardableResult
    public func rotateSecrets(
        batch: Int = 100,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async throws -> Int {
        let total = try await engine(writing: false) { tx in
            _ = try tx.keys.requireEncryption()
            return try tx.integer("SELECT count(*) FROM notification_channels")
        }
        progress(0, total)
        var rotation = SecretRotation()
        while true {
            let before = rotation
            rotation = try await engine(writing: true) { tx in
                var next = before
                try next.step(in: tx, limit: max(1, batch))
                return next
            }
            progress(rotation.looked, max(total, rotation.looked))
            guard !rotation.isDone else { break }
        }
        if let failure = rotation.failure { throw failure }
        return rotation.changed
    }
}

/// The progress of a rotation.
private struct SecretRotation: Sendable {
    private(set) var looked = 0
    private(set) var changed = 0
    private(set) var isDone = false
    private var last: NotificationChannel?
    private var unopened = 0
    private var firstFailure: StoreError?

    /// The error to throw when some secrets could not be opened.
    var failure: StoreError? {
        guard let firstFailure else { return nil }
        return StoreError(
            firstFailure.code,
            "\(unopened) of \(looked) channels have a secret that cannot be rotated, and keep it "
                + "as it is; of the first: \(firstFailure.message)",
            entity: NotificationChannel.entityName, field: "config")
    }

    mutating func step(in tx: SQLTransaction, limit: Int) throws {
        let after: Fragment =
            last.map { "(organization_id, id) > (\($0.organizationID), \($0.id))" } ?? "TRUE"
        let channels = try tx.rows(
            """
            \(NotificationChannel.table.selection)\(after) \
            ORDER BY organization_id, id LIMIT \(limit) \
            \(tx.connection.dialect.lock(.exclusive))
            """, NotificationChannel.init(from:))
        for channel in channels {
            looked += 1
            do {
                guard let config = try channel.sealing(in: tx).resealed(channel.config) else {
                    continue
                }
                try write(config, of: channel, in: tx)
                changed += 1
            } catch let error as StoreError
                where [.corrupt, .missingKey, .invalidValue].contains(error.code)
            {
                unopened += 1
                firstFailure = firstFailure ?? Self.naming(channel, error)
            }
        }
        last = channels.last
        isDone = channels.count < limit
    }

    private func write(
        _ config: JSONValue, of channel: NotificationChannel, in tx: SQLTransaction
    ) throws {
        try tx.execute(
            """
            UPDATE notification_channels \
            SET config = \(config), updated_at = \(tx.now), revision = revision + 1 \
            WHERE organization_id = \(channel.organizationID) AND id = \(channel.id)
            """)
        try tx.note(
            "rotate", NotificationChannel.self, channel.id, in: channel.organizationID,
            ["key": .string(try tx.keys.requireEncryption().current.id)])
    }

    private static func naming(_ channel: NotificationChannel, _ error: StoreError) -> StoreError {
        StoreError(error.code, "channel \(channel.id): \(error.message)")
    }
}
