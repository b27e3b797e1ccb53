import Foundation
import Logging
import MLOpsCore
import Synchronization

/// The attempts to send messages.
extension DispatcherWork {
    func attempt(
        _ number: Int, _ message: DispatcherState.Waiting, _ access: SystemAccess
    ) async {
        let result = await result(of: message, number, access)
        state.withLock { $0.end(number, with: result) }
        wakeUp.signal()
    }

    /// Whether the lease suffices for an attempt: of what another dispatcher may have claimed
    /// nothing is sent.
    private func isHeld(_ message: DispatcherState.Waiting) -> Bool {
        guard let end = message.claim.delivery.nextAttemptAt, clock() < end else { return false }
        return .now - message.claimed < options.lease / 2
    }

    private func result(
        of message: DispatcherState.Waiting, _ number: Int, _ access: SystemAccess
    ) async -> DeliveryResult {
        let claim = message.claim
        let config: Secret<JSONValue>
        do {
            config = try await access.openedConfig(of: claim)
        } catch {
            return unopened(claim, error)
        }
        guard isHeld(message) else { return DeliveryResult(claim, .postponed(until: clock())) }
        state.withLock { $0.attempts[number]?.since = .now }
        let notification = AlertNotification(claim, link: options.link)
        let outcome = await sender.send(
            notification, through: claim.channel.channelType, config: config)
        log(outcome, of: claim)
        let error = outcome.reason.isEmpty ? nil : outcome.reason
        switch outcome.verdict {
        case .delivered: return DeliveryResult(claim, .delivered)
        case .refused: return DeliveryResult(claim, .failed, error: error)
        case .gone: return DeliveryResult(claim, .gone, error: error)
        case .retry(let wish):
            let now = clock()
            let next = state.withLock { state in
                RetrySchedule.next(
                    after: claim.delivery.failures + 1, wish: wish, now: now,
                    using: &state.generator)
            }
            return DeliveryResult(claim, next.map { .retry(at: $0) } ?? .failed, error: error)
        }
    }

    /// The result of a message whose channel cannot be read.
    ///
    /// A key that is missing comes back with the configuration of the program: nothing is given
    /// up.
    private func unopened(_ claim: ClaimedDelivery, _ error: any Error) -> DeliveryResult {
        let code = (error as? StoreError)?.code
        let text = (error as? StoreError)?.message ?? "The channel cannot be read."
        logger.warning(
            "the configuration of a channel cannot be opened",
            metadata: ["channel": "\(claim.channel.id)", "error": "\(error)"])
        switch code {
        case .notFound, .corrupt: return DeliveryResult(claim, .failed, error: text)
        case .missingKey:
            return DeliveryResult(claim, .postponed(until: clock() + 300), error: text)
        default: return DeliveryResult(claim, .postponed(until: clock() + 5), error: nil)
        }
    }

    private func log(_ outcome: DeliveryOutcome, of claim: ClaimedDelivery) {
        guard outcome.verdict != .delivered else { return }
        logger.warning(
            "a message was not delivered",
            metadata: [
                "delivery": "\(claim.delivery.id)", "channel": "\(claim.channel.id)",
                "attempt": "\(claim.delivery.attempts)", "reason": "\(outcome.reason)",
                "answer": "\(outcome.diagnostics.inOneLine)",
            ])
    }
}

extension String {
    /// The text with control characters escaped: a receiver must not write lines of the log.
    fileprivate var inOneLine: String {
        unicodeScalars.reduce(into: "") { text, scalar in
            let isControl =
                [.control, .lineSeparator, .paragraphSeparator, .format]
                .contains(scalar.properties.generalCategory)
            text += isControl ? scalar.escaped(asASCII: true) : String(scalar)
        }
    }
}
