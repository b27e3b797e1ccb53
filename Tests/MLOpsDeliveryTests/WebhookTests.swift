import Foundation
import MLOpsCore
import MLOpsOperations
import Testing

@testable import MLOpsDelivery

/// What webhooks and PagerDuty receive.
@Suite(.withReceivers) struct WebhookTests {
    /// The example of the standard's own libraries.
    @Test func theSignatureIsThatOfTheStandard() throws {
        let key = try #require(Data(base64Encoded: String(secret.dropFirst(6))))
        let value = WebhookSignature.value(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330,
            body: "{\"test\": 2432232314}", keys: [key])
        #expect(value == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func theBodyIsSignedWithBothSecretsOfARotation() async throws {
        let conversation = try Conversation()
        let notification = AlertNotification.sample(.escalated)
        let previous = "whsec_" + Data(repeating: 7, count: 24).base64EncodedString()
        let url = try conversation.url("status/204")
        let outcome = try await DeliverySender(conversation.receivers.options()).send(
            notification, through: .webhook,
            config: Secret([
                "webhook_url": .string(url), "secret": .string(secret),
                "previous_secret": .string(previous),
            ]))
        #expect(outcome == DeliveryOutcome(.delivered))
        let request = try #require(try conversation.requests.first)
        let id = notification.deliveryID.uuidString.lowercased()
        #expect(request.headers["webhook-id"] == id)
        let timestamp = try #require(request.headers["webhook-timestamp"].flatMap { Int($0) })
        #expect(abs(Date.now.timeIntervalSince1970 - Double(timestamp)) < 60)
        let keys = [secret, previous].compactMap { Data(base64Encoded: String($0.dropFirst(6))) }
        let both = keys.map {
            WebhookSignature.value(id: id, timestamp: timestamp, body: request.body, keys: [$0])
        }
        #expect(request.headers["webhook-signature"] == both.joined(separator: " "))
        #expect(
            request.body == """
                {"data":{"alert_id":"018f0000-0000-7000-8000-000000000001",\
                "alert_type":"high_latency","context":{"threshold":500},\
                "deployment":"fraud-api","labels":{"region":"eu"},\
                "link":"https://mlops.example/alerts/1?a=1&b=2",\
                "message":"p99 was 812 ms, more than 500.","occurrences":3,"project":"Fraud",\
                "severity":"high","title":"p99 is high",\
                "triggered_at":"2023-11-14T22:13:20.000Z"},\
                "timestamp":"2023-11-14T22:14:20.500Z","type":"alert.escalated"}
                """)
    }

    @Test func attemptsHaveTheSameIdAndBody() async throws {
        let conversation = try Conversation()
        let notification = AlertNotification.sample()
        for _ in 0..<2 {
            _ = try await conversation.send(notification, through: .webhook, "status/500")
        }
        let requests = try conversation.requests
        #expect(requests.count == 2)
        #expect(requests[0].body == requests[1].body)
        #expect(requests[0].headers["webhook-id"] == requests[1].headers["webhook-id"])
    }

    @Test(arguments: hostileTexts.indices) func aLargeBodyIsCut(index: Int) async throws {
        let text = hostileTexts[index]
        let conversation = try Conversation()
        let outcome = try await conversation.send(hostile(text), through: .webhook, "status/200")
        #expect(outcome.verdict == .delivered, "\(outcome)")
        let request = try #require(try conversation.requests.first)
        #expect(request.body.utf8.count <= 20_000)
        #expect(try request.json["data"]?["alert_id"] != nil)
        let isLarge = text.utf8.count > 10_000
        #expect(try request.json["data"]?["truncated"] == (isLarge ? true : nil))
    }

    @Test func pagerDutyGetsAnEvent() async throws {
        let conversation = try Conversation()
        let outcome = try await conversation.send(through: .pagerDuty, "status/202")
        #expect(outcome == DeliveryOutcome(.delivered))
        let expected: JSONValue = [
            "routing_key": .string(routingKey), "event_action": "trigger",
            "dedup_key": "mlops:018f0000-0000-7000-8000-000000000001",
            "client": "swift-mlops", "client_url": "https://mlops.example/alerts/1?a=1&b=2",
            "links": [
                ["href": "https://mlops.example/alerts/1?a=1&b=2", "text": "Open the alert"]
            ],
            "payload": [
                "summary": "[HIGH] p99 is high", "source": "fraud-api", "severity": "error",
                "timestamp": "2023-11-14T22:13:20.000Z", "component": "fraud-api",
                "group": "Fraud", "class": "high_latency",
                "custom_details": [
                    "alert_id": "018f0000-0000-7000-8000-000000000001", "event": "triggered",
                    "message": "p99 was 812 ms, more than 500.", "occurrences": 3,
                    "labels": ["region": "eu"], "context": ["threshold": 500],
                ],
            ],
        ]
        #expect(try conversation.requests.first?.json == expected)
    }

    @Test func pagerDutyResolvesWithThreeMembers() async throws {
        let conversation = try Conversation()
        _ = try await conversation.send(.sample(.resolved), through: .pagerDuty, "status/202")
        let expected: JSONValue = [
            "routing_key": .string(routingKey), "event_action": "resolve",
            "dedup_key": "mlops:018f0000-0000-7000-8000-000000000001",
        ]
        #expect(try conversation.requests.first?.json == expected)
    }

    @Test(arguments: hostileTexts.indices) func aLargeEventLosesItsDetails(index: Int) throws {
        let text = hostileTexts[index]
        let event = try PagerDutyEvent.text(hostile(text), routingKey: routingKey)
        #expect(event.utf8.count <= 512_000)
        let payload = try #require(try JSONValue(parsing: Data(event.utf8))["payload"])
        #expect(try #require(payload["summary"]?.string).utf16.count <= 1024)
        let note = payload["custom_details"]?["note"]
        #expect((note != nil) == (text.utf8.count >= 100_000))
    }

    @Test func pagerDutyKnowsFourSeverities() {
        #expect(
            AlertSeverity.allCases.map(PagerDutyEvent.severity)
                == ["info", "info", "warning", "error", "critical"])
    }
}
