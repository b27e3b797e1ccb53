import Foundation
import Logging
package import MLOpsCore

extension PostgresStore {
    /// Listens for the changes that other programs announce, on a separate connection.
    ///
    /// PgBouncer in transaction mode does not forward announcements. The store then polls the
    /// server for commits; the server does not report which tables they changed.
    package func watchOtherPrograms() async throws -> ChangeFeed.Watch {
        let listener = ConnectionQueue(label: "mlops.postgres.changes", open: openTenant)
        do {
            guard try await hearsAnnouncements(listener) else {
                await listener.close()
                return try await polling(every: .milliseconds(500)) { store in
                    try await store.tenants.with { try await $0.run { try $0.snapshot() } }
                }
            }
        } catch {
            await listener.close()
            throw error
        }
        let task = Task { [weak self] in
            while !Task.isCancelled {
                do {
                    let payloads = try await listener.run { connection in
                        let payloads = try connection.announcements(within: .seconds(5))
                        // A server that is gone is silent too.
                        if payloads.isEmpty, !connection.isAlive() { throw connection.lost() }
                        return payloads
                    }
                    for payload in payloads { self?.publish(payload) }
                } catch {
                    await self?.listenAgain(listener)
                }
            }
            await listener.close()
        }
        return {
            task.cancel()
            await task.value
        }
    }

    /// Whether announcements of other sessions arrive, tested with one.
    private func hearsAnnouncements(
        _ listener: ConnectionQueue<PostgresConnection>
    ) async throws -> Bool {
        let probe = "probe \(UUID())"
        try await listener.run { try $0.listen() }
        try await tenants.with { try await $0.run { try $0.announce(probe) } }
        let limit = ContinuousClock.now + .seconds(1)
        while ContinuousClock.now < limit {
            let payloads = try await listener.run {
                try $0.announcements(within: .milliseconds(100))
            }
            for payload in payloads where payload != probe { publish(payload) }
            if payloads.contains(probe) { return true }
        }
        return false
    }

    private func publish(_ payload: String) {
        let own = lifecycle.changes.isInDoubt ? nil : sender
        if let changes = Changes(announcement: payload, exceptFrom: own) {
            lifecycle.changes.publish(changes)
        }
    }

    /// Listens again on a new connection, and publishes that everything may have changed.
    ///
    /// Announcements that were made meanwhile are lost.
    private func listenAgain(_ listener: ConnectionQueue<PostgresConnection>) async {
        guard !Task.isCancelled else { return }
        configuration.logger.warning("the connection that hears of changes was lost")
        while (try? await listener.run { try $0.listen() }) == nil {
            guard (try? await Task.sleep(for: .seconds(1))) != nil else { return }
        }
        lifecycle.changes.publish(.everything)
    }
}

extension Changes {
    /// The text of an announcement: the sender, and the changed tables of each organization.
    func announcement(from sender: String) -> String {
        let parts = tables.map { organization, tables in
            "\(organization?.description ?? "*"):\(tables.names.joined(separator: ","))"
        }
        let text = ([sender] + parts).joined(separator: " ")
        // The server takes less than 8,000 bytes.
        return text.utf8.count < 8000 ? text : "\(sender) *:*"
    }

    /// Reads an announcement; `nil` for one of `sender`.
    ///
    /// A text that this version does not understand means that everything may have changed.
    init?(announcement: String, exceptFrom sender: String?) {
        let parts = announcement.split(separator: " ")
        if let sender, parts.first.map(String.init) == sender { return nil }
        self = Changes()
        for part in parts.dropFirst() {
            let words = part.split(separator: ":", omittingEmptySubsequences: false)
            let organization = words.first.flatMap { Identifier<Organization>(String($0)) }
            let tables = TableSet(named: (words.last ?? "*").split(separator: ","))
            insert(tables, of: organization)
        }
        if isEmpty { self = .everything }
    }
}
