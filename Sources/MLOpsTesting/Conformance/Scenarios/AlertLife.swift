import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// What happens to an alert between its raising and its end.
    static let alertLife: [Scenario] = [
        Scenario("AlertRepository.raise takes the newest message and context") { context in
            func raise(_ number: Int, after seconds: Double, _ text: String) async throws -> Alert {
                var alert = Fixtures.alert(
                    number, title: text, fingerprint: "f",
                    triggeredAt: Fixtures.date.addingTimeInterval(seconds))
                (alert.message, alert.context) = (text, ["text": .string(text)])
                return try await context.write { [alert] in try $0.alerts.raise(alert) }
            }
            let first = try await raise(1, after: 0, "first")
            #expect(first.raisedBy == context.workspace.principal.userID)
            let second = try await raise(2, after: 60, "second")
            #expect(second.title == "second" && second.message == "second")
            #expect(second.context == ["text": "second"] && second.triggeredAt == first.triggeredAt)
            let late = try await raise(3, after: 30, "late")
            #expect(late.message == "second" && late.occurrences == 3)
            let silent = try await context.write {
                try $0.alerts.raise(Alert(alertType: .custom, title: "last", fingerprint: "f"))
            }
            #expect(silent.title == "last" && silent.message == "second")
            #expect(silent.context == ["text": "second"])
        },
        Scenario("AlertRepository.raise: what is graver than what was acknowledged opens again") {
            context in
            func raise(_ severity: AlertSeverity) async throws -> Alert {
                try await context.write {
                    try $0.alerts.raise(
                        Alert(
                            alertType: .custom, severity: severity, title: "t", fingerprint: "f"))
                }
            }
            let id = try await raise(.medium).id
            let tomorrow = Date(timeIntervalSinceNow: 86_400).roundedToMicroseconds
            _ = try await context.write { tx in
                try tx.alerts.acknowledge(id)
                try tx.alerts.snooze(id, until: tomorrow)
            }
            for severity in [AlertSeverity.low, .medium] {
                let same = try await raise(severity)
                #expect(same.status == .acknowledged && same.severity == .medium)
                #expect(same.snoozedUntil == tomorrow && same.isSnoozed(at: .now))
            }
            let graver = try await raise(.high)
            #expect(graver.status == .open && graver.severity == .high)
            #expect(graver.acknowledgedBy == nil && graver.acknowledgedAt == nil)
            #expect(graver.snoozedUntil == nil)
        },
        Scenario("AlertRepository.snooze is until a time to come, and ends") { context in
            let id = try await context.workspace.alerts.insert(Fixtures.alert(1)).id
            for time in [Date.distantPast, Date(timeIntervalSinceNow: -1)] {
                await expectError(.invalidValue) {
                    try await context.write { try $0.alerts.snooze(id, until: time) }
                }
            }
            let time = Date(timeIntervalSinceNow: 3600).roundedToMicroseconds
            let snoozed = try await context.write { try $0.alerts.snooze(id, until: time) }
            #expect(snoozed.snoozedUntil == time && snoozed.status == .open)
            let again = try await context.write { try $0.alerts.snooze(id, until: nil) }
            #expect(again.snoozedUntil == nil)
            _ = try await context.write { try $0.alerts.resolve(id) }
            await expectError(.conflict) {
                try await context.write { try $0.alerts.snooze(id, until: time) }
            }
        },
        Scenario("AlertRepository.comment keeps who said what, also when it is over") { context in
            let id = try await context.workspace.alerts.insert(Fixtures.alert(1)).id
            let admin = try await context.openMember(50, role: .admin)
            _ = try await context.write { tx in
                try tx.alerts.comment(id, "I look at it")
                return try tx.alerts.resolve(id)
            }
            let commented = try await admin.write { try $0.alerts.comment(id, "It was the disk\n") }
            #expect(commented.comments.map(\.text) == ["I look at it", "It was the disk\n"])
            #expect(
                commented.comments.map(\.userID) == [
                    context.workspace.principal.userID, admin.principal.userID,
                ])
            #expect(commented.comments.map(\.date).allSatisfy { $0 >= commented.createdAt })
            for text in ["", " \n", String(repeating: "x", count: AlertComment.maximumBytes + 1)] {
                await expectError(.invalidValue) {
                    try await context.write { try $0.alerts.comment(id, text) }
                }
            }
            await expectError(.invalidValue, "too many") {
                try await context.write { tx in
                    for number in 0..<AlertComment.maximumCount {
                        try tx.alerts.comment(id, "\(number)")
                    }
                }
            }
            var copy = commented
            copy.comments = []
            #expect(try await context.workspace.alerts.update(copy).comments.count == 2)
        },
        Scenario("AlertRepository.resolveAutomatic never closes what a person raised") { context in
            let tree = try await context.tree()
            let project = tree.project.id
            func raise(_ fingerprint: String, automatic: Bool) async throws -> Alert {
                try await context.write {
                    try $0.alerts.raise(
                        Alert(
                            deployment: tree.deployment.id, alertType: .highLatency, title: "t",
                            fingerprint: fingerprint, isAutomatic: automatic))
                }
            }
            func resolve(_ fingerprint: String) async throws -> Alert? {
                try await context.write {
                    try $0.alerts.resolveAutomatic(fingerprint, in: project)
                }
            }
            let alert = try await raise("a", automatic: true)
            #expect(alert.isAutomatic)
            _ = try await context.write { try $0.alerts.acknowledge(alert.id) }
            let resolved = try await resolve("a")
            #expect(resolved?.id == alert.id && resolved?.status == .resolved)
            #expect(resolved?.resolvedBy == context.workspace.principal.userID)
            for over in ["a", "none"] { #expect(try await resolve(over) == nil) }
            for automatic in [[false], [true, false], [true, false, true]] {
                let fingerprint = "\(automatic)"
                for automatic in automatic {
                    _ = try await raise(fingerprint, automatic: automatic)
                }
                #expect(try await resolve(fingerprint) == nil)
            }
            _ = try await raise("b", automatic: true)
            let elsewhere = try await context.write {
                try $0.alerts.resolveAutomatic("b", in: nil)
            }
            #expect(elsewhere == nil)
        },
        Scenario("AlertRepository.raise: what is resolved at the same time is raised anew") {
            context in
            let alert = try await context.workspace.alerts.insert(
                Fixtures.alert(1, fingerprint: "f"))
            await context.atOnce {
                try $0.alerts.resolve(alert.id)
            } then: {
                try $0.alerts.raise(Fixtures.alert(2, fingerprint: "f"))
            }
            let open = try await context.read { try $0.alerts.unresolved() }
            #expect(open.map(\.occurrences) == [1] && open.first?.id != alert.id)
        },
        Scenario("AlertRepository: a title of any length has a fingerprint") { context in
            let title = String(repeating: "é", count: 400)
            let first = try await context.write {
                try $0.alerts.raise(Alert(alertType: .custom, title: title + "1"))
            }
            let second = try await context.write {
                try $0.alerts.raise(Alert(alertType: .custom, title: title + "2"))
            }
            #expect(first.id != second.id)
            let again = try await context.write {
                try $0.alerts.raise(Alert(alertType: .custom, title: title + "1"))
            }
            #expect(again.id == first.id && again.occurrences == 2)
        },
    ]
}
