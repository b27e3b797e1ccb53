import Foundation
import MLOpsCore
import MLOpsOperations
import Testing

@Suite struct ChannelConfigTests {
    private static let mail: [String: JSONValue] = [
        "host": "smtp.acme.example", "from": "mlops@acme.example", "to": ["ops@acme.example"],
    ]

    private static func mail(_ name: String, _ value: JSONValue) -> JSONValue {
        .object(mail.merging([name: value]) { $1 })
    }

    @Test func configurationsAreRead() throws {
        let mail = try ChannelConfig(type: .email, json: Secret(.object(Self.mail)))
        guard case .email(let email) = mail else {
            Issue.record("\(mail)")
            return
        }
        #expect(email.port == 587)
        #expect(email.security == .startTLS)
        #expect(email.login == nil)
        let key = Secret<JSONValue>(["routing_key": .string(routingKey), "region": "eu"])
        guard case .pagerDuty(let service) = try ChannelConfig(type: .pagerDuty, json: key) else {
            Issue.record("another type")
            return
        }
        #expect(service.url.reveal() == "https://events.eu.pagerduty.com/v2/enqueue")
        #expect("\(service)".contains(routingKey) == false)
    }

    @Test(
        arguments: [
            (.slack, [:], "url"), (.slack, ["url": 1], "url"), (.slack, ["url": ""], "url"),
            (.teams, ["url": "hooks.slack.com/x"], "url"), (.teams, ["url": "ftp://a/"], "url"),
            (.teams, ["webhook_url": "https://u:p@a.example/"], "webhook_url"),
            (.webhook, ["url": "https://a.example/"], "secret"),
            (.webhook, ["url": "https://a.example/", "secret": "hunter2"], "secret"),
            (.webhook, ["url": "https://a.example/", "secret": "whsec_c2hvcnQ="], "secret"),
            (
                .webhook,
                ["url": "https://a.example/", "secret": .string(secret), "previous_secret": "x"],
                "previous_secret"
            ),
            (.pagerDuty, [:], "routing_key"), (.pagerDuty, ["routing_key": "short"], "routing_key"),
            (.pagerDuty, ["routing_key": .string(routingKey), "region": "mars"], "region"),
            (.email, [:], "host"), (.email, nil, "host"),
            (.email, mail("host", "a b"), "host"), (.email, mail("host", "a/b"), "host"),
            (.email, mail("host", "a\r\nb"), "host"), (.email, mail("port", 0), "port"),
            (.email, mail("port", 65536), "port"), (.email, mail("port", "25"), "port"),
            (.email, mail("security", "ssl"), "security"),
            (.email, mail("username", "a"), "password"),
            (.email, mail("password", "a"), "username"), (.email, mail("to", []), "to"),
            (.email, mail("to", [1]), "to"), (.email, mail("to", "a@b\r\nBcc: c@d"), "to"),
            (.email, mail("to", "A <a@b.example>"), "to"), (.email, mail("to", "a@b,c@d"), "to"),
            (.email, mail("to", "a@b> SIZE=1"), "to"), (.email, mail("from", "a"), "from"),
            (.email, mail("from", "a@b\n"), "from"), (.email, mail("from", "ä@b.example"), "from"),
            (.email, mail("to", .array(Array(repeating: "a@b.example", count: 101))), "to"),
        ] as [(NotificationChannelType, JSONValue, String)])
    func aWrongMemberIsNamed(type: NotificationChannelType, json: JSONValue, field: String) {
        do {
            _ = try ChannelConfig(type: type, json: Secret(json))
            Issue.record("\(json) is accepted")
        } catch let error as StoreError {
            #expect(error.code == .invalidValue)
            #expect(error.field == field)
            #expect(error.message.contains(" \(field) "))
            #expect(!error.message.contains("hunter2"))
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test func diagnosticsAreCutBetweenCharacters() {
        let text = String(repeating: "ä", count: 3000)
        let outcome = DeliveryOutcome(.refused, diagnostics: "x" + text)
        #expect(outcome.diagnostics.utf8.count == 4095)
        #expect(DeliveryOutcome(.refused, diagnostics: text).diagnostics.utf8.count == 4096)
        #expect(DeliveryOutcome(.refused, diagnostics: "").diagnostics.isEmpty)
    }

    @Test func anAlertBecomesANotification() {
        let alert = Alert(
            alertType: .errorRate, severity: .critical, title: "Errors",
            context: ["labels": ["region": "eu", "shard": 3], "rate": 0.5])
        let notification = AlertNotification(
            alert, event: .triggered, deliveryID: UUID(), project: "Fraud")
        #expect(notification.labels == ["region": "eu"])
        #expect(notification.context == ["rate": 0.5])
        #expect(notification.alertID == alert.id)
        #expect(notification.occurredAt == alert.lastSeenAt)
    }
}
