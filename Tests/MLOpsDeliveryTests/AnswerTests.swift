import Foundation
import MLOpsCore
import MLOpsOperations
import Testing

@testable import MLOpsDelivery

/// What each answer of a receiver means, on real connections.
@Suite(.withReceivers) struct AnswerTests {
    typealias Verdict = DeliveryOutcome.Verdict

    private static let later = Verdict.retry(after: nil)

    /// The verdicts of Slack, Teams, PagerDuty and a webhook.
    private static let answers: [(String, [Verdict])] = [
        ("status/200", [.delivered, .delivered, .delivered, .delivered]),
        ("status/202", [.delivered, .delivered, .delivered, .delivered]),
        ("status/204", [.delivered, .delivered, .delivered, .delivered]),
        ("redirect/301", [later, later, later, later]),
        ("redirect/307", [later, later, later, later]),
        ("status/304", [later, later, later, later]),
        ("status/400/invalid_blocks", [.refused, .refused, .refused, later]),
        ("status/403/action_prohibited", [.refused, .refused, .refused, later]),
        ("status/404/no_service", [.refused, .refused, .refused, later]),
        ("status/410/channel_is_archived", [.gone, .refused, .refused, .gone]),
        ("status/429", [later, later, .retry(after: .seconds(30)), later]),
        ("status/429?7", Array(repeating: .retry(after: .seconds(7)), count: 4)),
        ("status/500", [later, later, later, later]),
        ("status/502", [later, later, later, later]),
        ("status/503?0", Array(repeating: .retry(after: .zero), count: 4)),
        (
            "status/200/Microsoft%20Teams%20endpoint%20returned%20HTTP%20error%20429",
            [.delivered, later, .delivered, .delivered]
        ),
        (
            "status/200/Microsoft%20Teams%20endpoint%20returned%20HTTP%20error%20403",
            [.delivered, .refused, .delivered, .delivered]
        ),
    ]

    @Test(arguments: answers) func eachAnswerHasAMeaning(
        behaviour: String, verdicts: [Verdict]
    ) async throws {
        let types: [NotificationChannelType] = [.slack, .teams, .pagerDuty, .webhook]
        for (type, verdict) in zip(types, verdicts) {
            let conversation = try Conversation()
            let outcome = try await conversation.send(through: type, behaviour)
            #expect(outcome.verdict == verdict, "\(type), \(outcome)")
            #expect(outcome.reason.isEmpty == (verdict == .delivered))
            #expect(!outcome.reason.contains("no_service"))
            #expect(try conversation.requests.count == 1)
            // A redirect is not followed.
            #expect(try conversation.receivers.requests("\(conversation.key)-target").isEmpty)
        }
    }

    @Test func retryAfterMayBeADate() async throws {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        let date = formatter.string(from: Date(timeIntervalSinceNow: 120))
        let query = try #require(date.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        let outcome = try await Conversation().send(through: .webhook, "status/503?\(query)")
        guard case .retry(let after?) = outcome.verdict else {
            Issue.record("\(outcome)")
            return
        }
        #expect((Duration.seconds(100)...Duration.seconds(120)).contains(after))
    }

    @Test(arguments: [
        ("120", 120), ("0", 0), ("99999999999999999999", 86400), ("-5", nil), ("soon", nil),
        ("", nil), ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sunday, 06-Nov-94 08:49:37 GMT", 0),
        ("Fri, 31 Dec 2100 23:59:59 GMT", 86400),
    ]) func retryAfterIsBounded(text: String, seconds: Int?) {
        let wait = HTTPAnswer.wait(from: ["Date: x\r\n", "RETRY-AFTER: \(text)\r\n"])
        #expect(wait == seconds.map { .seconds($0) })
    }

    /// An answer that repeats the request shows nothing of it: neither to the tenant nor in a log.
    @Test func anAnswerThatRepeatsTheSecretsIsRedacted() async throws {
        for type in [NotificationChannelType.slack, .pagerDuty, .webhook] {
            let conversation = try Conversation()
            let outcome = try await conversation.send(
                through: type, "echo/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX")
            #expect(outcome.diagnostics.hasPrefix("no service at [redacted]"))
            #expect(!outcome.diagnostics.contains("XXXXXXXX"))
            #expect(!outcome.reason.contains("no service"))
        }
    }
}
