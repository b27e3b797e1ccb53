import Foundation
import MLOpsCore
import MLOpsOperations
import Testing

@testable import MLOpsDelivery

/// Receivers that hang, send too much, or break off.
@Suite(.withReceivers) struct ReceiverFaultTests {
    @Test func anAttemptHasFifteenSeconds() {
        #expect(DeliveryOptions.standardTimeout == .seconds(15))
        #expect(DeliveryOptions().timeout == .seconds(15))
    }

    @Test(arguments: ["hang", "drip"]) func slowReceiversAreLeft(behaviour: String) async throws {
        let outcome = try await Conversation().send(
            through: .slack, behaviour, timeout: .milliseconds(500))
        #expect(outcome.verdict == .retry(after: nil))
        #expect(outcome.reason == "The time for an attempt was over.")
    }

    @Test func onlyTheStartOfALargeAnswerIsRead() async throws {
        let conversation = try Conversation()
        let outcome = try await conversation.send(through: .webhook, "big")
        #expect(outcome == DeliveryOutcome(.delivered))
        struct Sent: Decodable { let sent: Int }
        var sent: [Sent] = []
        for _ in 0..<200 where sent.isEmpty {
            try await Task.sleep(for: .milliseconds(20))
            sent = try conversation.receivers.lines(of: "\(conversation.key).sent.jsonl")
        }
        #expect(try #require(sent.first).sent < 20_000_000)
    }

    @Test(arguments: ["headers", "cutheaders", "silence"])
    func anAnswerWithoutWholeHeadersIsNone(behaviour: String) async throws {
        let outcome = try await Conversation().send(through: .slack, behaviour)
        #expect(outcome.verdict == .retry(after: nil), "\(outcome)")
    }

    /// The receiver has the message; to send it again would double it.
    @Test func aStatusCountsThoughItsTextIsCut() async throws {
        #expect(try await Conversation().send(through: .slack, "cut").verdict == .delivered)
        // Teams tells of errors in the text.
        #expect(
            try await Conversation().send(through: .teams, "cut").verdict == .retry(after: nil))
    }

    @Test(arguments: ["expired", "foreign", "misnamed"])
    func aWrongCertificateIsRefused(server: String) async throws {
        let conversation = try Conversation()
        let outcome = try await conversation.send(through: .slack, "status/200", server: server)
        #expect(outcome.verdict == .retry(after: nil))
        #expect(outcome.reason == "The certificate of the host is not valid.")
        #expect(try conversation.requests.isEmpty)
    }

    @Test func aHostThatCannotBeReachedMayCome() async throws {
        let closed = try await Conversation().send(
            through: .slack, "status/200", server: "closed")
        #expect(closed.verdict == .retry(after: nil))
        #expect(closed.reason == "The host cannot be reached.")
        let sender = DeliverySender(DeliveryOptions(timeout: .seconds(5)))
        let unknown = await sender.send(
            .sample(), through: .webhook,
            config: Secret(["url": "https://nothing.invalid/", "secret": .string(secret)]))
        #expect(unknown.verdict == .retry(after: nil))
    }

    @Test func aServerWithoutTLSIsLeft() async throws {
        let conversation = try Conversation()
        let port = try #require(conversation.receivers.ports["http"])
        let outcome = try await DeliverySender(conversation.receivers.options()).send(
            .sample(), through: .slack,
            config: Secret(["url": .string("https://localhost:\(port)/\(conversation.key)/hang")]))
        #expect(outcome.verdict == .retry(after: nil))
        #expect(outcome.reason == "The host answered without TLS, or by one too old.")
    }

    @Test func cancellationEndsATransfer() async throws {
        let task = Task { try await Conversation().send(through: .slack, "hang") }
        try await Task.sleep(for: .milliseconds(200))
        task.cancel()
        let outcome = try await task.value
        #expect(outcome.verdict == .retry(after: nil))
        #expect(outcome.reason == "The attempt was cancelled.")
    }

    /// Receivers that hang hold up no other.
    @Test func manyAttemptsRunAtOnce() async throws {
        let conversation = try Conversation()
        let verdicts = try await withThrowingTaskGroup(of: DeliveryOutcome.Verdict.self) { group in
            for index in 0..<100 {
                group.addTask {
                    try await conversation.send(
                        through: index.isMultiple(of: 2) ? .slack : .webhook,
                        index < 20 ? "hang" : "status/200",
                        timeout: index < 20 ? .milliseconds(300) : .seconds(20)
                    ).verdict
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(verdicts.filter { $0 == .delivered }.count == 80)
        #expect(verdicts.filter { $0 == .retry(after: nil) }.count == 20)
    }
}
