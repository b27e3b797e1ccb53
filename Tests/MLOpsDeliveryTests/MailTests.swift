import Foundation
import MLOpsCore
import MLOpsOperations
import Testing

@testable import MLOpsDelivery

/// Mails, through real servers.
@Suite(.withReceivers) struct MailTests {
    private let receivers: Receivers

    init() throws { receivers = try Receivers.shared.get() }

    private func config(
        _ server: String = "startTLS", security: String = "starttls",
        from: String = "mlops@acme.example",
        to: [String] = ["ops@acme.example"], login: (String, String)? = ("alert", "se\"cret=1")
    ) throws -> Secret<JSONValue> {
        var members: [String: JSONValue] = [
            "host": "localhost", "port": .int(Int64(try #require(receivers.ports[server]))),
            "security": .string(security), "from": .string(from),
            "to": .array(to.map { .string($0) }),
        ]
        members["username"] = login.map { .string($0.0) }
        members["password"] = login.map { .string($0.1) }
        return Secret(.object(members))
    }

    private func send(
        _ notification: AlertNotification = .sample(), _ config: Secret<JSONValue>
    ) async throws -> DeliveryOutcome {
        try await DeliverySender(receivers.options()).send(
            notification, through: .email, config: config)
    }

    @Test(arguments: [("startTLS", "starttls"), ("tlsMail", "tls"), ("plainMail", "none")])
    func aMailArrives(server: String, security: String) async throws {
        let notification = AlertNotification.sample()
        let outcome = try await send(notification, config(server, security: security))
        #expect(outcome == DeliveryOutcome(.delivered))
        let mails = try receivers.mails(notification.deliveryID)
        #expect(mails.count == 1)
        let mail = try #require(mails.first)
        #expect(mail.isEncrypted == (security != "none"))
        #expect(mail.login == "alert")
        #expect(mail.from == "mlops@acme.example")
        #expect(mail.to == ["ops@acme.example"])
        #expect(mail.ehlo == "acme.example")
        let id = notification.deliveryID.uuidString.lowercased()
        var lines = mail.text.components(separatedBy: "\r\n")
        #expect(
            lines.removeFirst().wholeMatch(
                of: /Date: [A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000/) != nil
        )
        #expect(
            lines.joined(separator: "\n") == """
                From: mlops@acme.example
                To: ops@acme.example
                Subject: [HIGH] p99 is high
                Message-ID: <\(id)@acme.example>
                Auto-Submitted: auto-generated
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                [HIGH] p99 is high

                p99 was 812 ms, more than 500.

                Project: Fraud
                Deployment: fraud-api
                Severity: high
                Type: high latency
                Occurrences: 3
                Triggered: 2023-11-14T22:13:20Z
                region: eu
                threshold: 500

                Open the alert: https://mlops.example/alerts/1?a=3D1&b=3D2

                """)
    }

    @Test func aResolvedMailRefersToTheFirst() async throws {
        let first = UUID()
        let notification = AlertNotification.sample(.resolved, firstDeliveryID: first)
        #expect(try await send(notification, config()).verdict == .delivered)
        let text = try #require(try receivers.mails(notification.deliveryID).first).text
        let id = "<\(first.uuidString.lowercased())@acme.example>"
        #expect(text.contains("\r\nIn-Reply-To: \(id)\r\nReferences: \(id)\r\n"))
        #expect(text.contains("\r\nSubject: [RESOLVED] p99 is high\r\n"))
    }

    @Test func oneRecipientOfTwoIsRefused() async throws {
        for refused in ["refused@acme.example", "later@acme.example"] {
            let notification = AlertNotification.sample()
            for to in [[refused, "ops@acme.example"], ["ops@acme.example", refused]] {
                let outcome = try await send(notification, config(to: to))
                #expect(outcome.verdict == .delivered, "\(outcome)")
                #expect(outcome.reason == "The mail server refused \(refused), not the others.")
            }
            let mails = try receivers.mails(notification.deliveryID)
            #expect(mails.map(\.to) == [["ops@acme.example"], ["ops@acme.example"]])
        }
    }

    @Test func refusalsAreFinalOrNot() async throws {
        let later = DeliveryOutcome.Verdict.retry(after: nil)
        func verdict(_ config: Secret<JSONValue>) async throws -> DeliveryOutcome.Verdict {
            let outcome = try await send(.sample(), config)
            #expect(!outcome.reason.isEmpty)
            #expect(!outcome.diagnostics.contains("se\"cret=1"))
            return outcome.verdict
        }
        let refused = "refused@acme.example"
        #expect(try await verdict(config(to: [refused])) == .refused)
        #expect(try await verdict(config(to: ["later@acme.example"])) == later)
        #expect(try await verdict(config(to: ["later@acme.example", refused])) == later)
        #expect(try await verdict(config(to: [refused, "later@acme.example"])) == later)
        #expect(try await verdict(config(from: "spam@acme.example")) == .refused)
        #expect(try await verdict(config(from: "full@acme.example")) == later)
        #expect(try await verdict(config(login: ("alert", "wrong"))) == .refused)
        #expect(try await verdict(config(login: ("busy", "wrong"))) == later)
        #expect(try await verdict(config(to: [refused, "abort@acme.example"])) == later)
        #expect(try await verdict(config("closed")) == later)
        #expect(try await verdict(config("foreignMail", login: nil)) == later)
    }

    @Test func aServerThatHangsIsLeft() async throws {
        // It waits for a request, as the client waits for a greeting.
        let outcome = try await DeliverySender(receivers.options(timeout: .milliseconds(300))).send(
            .sample(), through: .email, config: config("http"))
        #expect(outcome.verdict == .retry(after: nil))
        #expect(outcome.reason == "The time for an attempt was over.")
    }

    @Test func nothingIsSentWithoutTheEncryption() async throws {
        let notification = AlertNotification.sample()
        let outcome = try await send(notification, config("plainMail"))
        #expect(outcome.verdict == .refused)
        #expect(outcome.reason == "The mail server does not offer STARTTLS.")
        #expect(try receivers.mails(notification.deliveryID).isEmpty)
        // In plain text only to an address that the operator allows.
        let plain = await DeliverySender(DeliveryOptions(timeout: .seconds(5))).send(
            notification, through: .email,
            config: Secret([
                "host": "8.8.8.8", "security": "none", "from": "a@b.example", "to": "c@d.example",
            ]))
        #expect(plain.verdict == .refused)
        #expect(plain.reason == TransferFailure.forbiddenAddress.reason)
        let local = await DeliverySender().send(
            notification, through: .email, config: try config("tlsMail", security: "tls"))
        #expect(local.verdict == .refused)
    }

    @Test(arguments: hostileTexts.indices) func hostileTextAddsNoHeader(index: Int) async throws {
        var notification = hostile(hostileTexts[index])
        notification.deliveryID = UUID()
        let outcome = try await send(notification, config())
        #expect(outcome == DeliveryOutcome(.delivered))
        let mail = try #require(try receivers.mails(notification.deliveryID).first)
        #expect(mail.to == ["ops@acme.example"])
        #expect(mail.content.allSatisfy { $0 < 0x80 && ($0 >= 0x20 || $0 == 13 || $0 == 10) })
        let lines = mail.text.components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 78 && !$0.contains("\n") })
        let head = lines.prefix { !$0.isEmpty }
        #expect(head.filter { !$0.hasPrefix(" ") }.count == 9)
        #expect(!head.contains { $0.hasPrefix("Bcc") })
        #expect(mail.content.count < 200_000)
    }

    @Test func headersAreEncodedWords() {
        #expect(QuotedPrintable.header("plain text") == "plain text")
        #expect(QuotedPrintable.header("größer") == "=?UTF-8?Q?gr=C3=B6=C3=9Fer?=")
        #expect(QuotedPrintable.header("=?x?=") == "=?UTF-8?Q?=3D=3Fx=3F=3D?=")
        let long = QuotedPrintable.header(String(repeating: "é", count: 100))
        let words = long.components(separatedBy: "\r\n ")
        #expect(words.allSatisfy { $0.count <= 75 && $0.hasSuffix("=A9?=") })
        #expect(QuotedPrintable.body("a=b \nc") == "a=3Db=20\r\nc\r\n")
        #expect(QuotedPrintable.body(".\n..") == ".\r\n..\r\n")
    }
}
