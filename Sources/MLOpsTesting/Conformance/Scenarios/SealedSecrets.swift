import MLOpsCore
import Testing

extension Conformance {
    /// Sealed secrets of channels, which open only in the row that they were sealed in.
    static let sealedSecrets: [Scenario] = [
        Scenario("A sealed value does not open in a new channel of the same id") { context in
            let channels = context.workspace.notificationChannels
            let first = try await channels.insert(
                Fixtures.channel(1, config: ["token": "canary", "room": "a"]))
            let sealed = first.config
            #expect(sealed["token"]?["$sealed"] != nil)
            try await purge(first, context)
            let copies: [JSONValue] = [sealed, ["list": [["deep": sealed]]]]
            for config in copies {
                let error = await expectError(.invalidValue) {
                    try await channels.insert(Fixtures.channel(1, config: config))
                }
                #expect(error?.entity == "notification channel" && error?.field == "config")
            }
            let second = try await channels.insert(Fixtures.channel(1, config: ["token": "mine"]))
            #expect(second.id == first.id)
            // With the time of the old row too, which an update does not take from its caller.
            for time in [second.createdAt, first.createdAt] {
                var changed = second
                changed.createdAt = time
                changed.config = sealed
                await expectError(.invalidValue, "an update") { [changed] in
                    try await channels.update(changed)
                }
            }
            #expect(try await opened(second, context) == ["token": "mine"])
        },
        Scenario("A sealed value opens in its row, also after restore and as a row of the past") {
            context in
            let channels = context.workspace.notificationChannels
            let first = try await channels.insert(Fixtures.channel(1, config: ["token": "canary"]))
            try await channels.delete(first.id)
            try await channels.restore(first.id)
            var found = try await channels.find(first.id)
            found.config = .object(
                (found.config.object ?? [:]).merging(["secret": "second"]) { $1 })
            found.createdAt = Fixtures.date
            let updated = try await channels.update(found)
            let both: JSONValue = ["token": "canary", "secret": "second"]
            #expect(try await opened(updated, context) == both)
            try await purge(updated, context)
            var other = updated
            other.createdAt = Fixtures.date
            await expectError(.invalidValue, "another time") { [other] in
                try await context.history(other)
            }
            let again = try await context.history(updated)
            #expect(try await opened(again, context) == both)
        },
    ]

    private static func purge(
        _ channel: NotificationChannel, _ context: ConformanceContext
    ) async throws {
        try await context.write {
            try $0.notificationChannels.delete(channel.id)
            _ = try $0.notificationChannels.purge(channel.id)
        }
    }

    private static func opened(
        _ channel: NotificationChannel, _ context: ConformanceContext
    ) async throws -> JSONValue {
        try await context.read {
            try $0.notificationChannels.openedConfig(of: channel.id).reveal()
        }
    }
}
