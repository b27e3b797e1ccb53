import Foundation
import Logging
import MLOpsCore
import Synchronization
import Testing

@testable import MLOpsOperations

/// What a dispatcher holds, and gives back.
@Suite struct DispatcherStateTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func claims(_ count: Int, of site: DispatchSite) async throws -> [ClaimedDelivery] {
        for number in 0..<count { try await site.raise("alert \(number)") }
        return try await site.store.withSystemAccess(reason: "test") {
            try await $0.claimDeliveries(limit: count, lease: 120).deliveries
        }
    }

    private func wait(
        _ claims: [ClaimedDelivery], in state: inout DispatcherState,
        since time: ContinuousClock.Instant = .now
    ) {
        for claim in claims {
            state.queues[Receiver(of: claim), default: []].append(
                DispatcherState.Waiting(claim: claim, claimed: time, since: time))
        }
    }

    @Test func whatIsPutOffIsAResultThatIsKept() async throws {
        let site = try await DispatchSite()
        let claims = try await claims(30, of: site)
        var state = DispatcherState()
        wait(claims, in: &state)
        let work = state.advance(DispatcherOptions(), now: now)
        // Of a receiver that is not known: four under way, twelve wait, the rest is given back.
        #expect(work.sending.count == 4 && state.held == 16)
        #expect(state.results.count == 14)
        #expect(state.results.allSatisfy { !$0.isAttempt })
        #expect(!state.isIdle)
        try await site.store.close()
    }

    @Test func aReceiverThatHangsKeepsFourPlaces() async throws {
        let site = try await DispatchSite()
        let claims = try await claims(60, of: site)
        var state = DispatcherState()
        wait(claims, in: &state)
        var work = state.advance(DispatcherOptions(), now: now)
        for (attempt, _) in work.sending { state.attempts[attempt]?.since = .now - .seconds(3) }
        state.look(at: now)
        work = state.advance(DispatcherOptions(), now: now)
        #expect(work.sending.isEmpty && state.held == 4 && state.queues.isEmpty)
        // It is remembered after they have ended, though the channel is idle.
        for id in state.attempts.keys { state.end(id, with: DeliveryResult(claims[0], .failed)) }
        state.attempts = [:]
        state.look(at: now + 3600)
        wait(claims, in: &state)
        work = state.advance(DispatcherOptions(), now: now + 3600)
        #expect(work.sending.count == 4 && state.held == 4)
        try await site.store.close()
    }

    @Test func oneThatAnswersGetsAllItsPlaces() async throws {
        let site = try await DispatchSite()
        let claims = try await claims(60, of: site)
        var state = DispatcherState()
        wait(Array(claims.prefix(1)), in: &state)
        let work = state.advance(DispatcherOptions(), now: now)
        state.attempts[work.sending[0].attempt]?.since = .now
        state.end(work.sending[0].attempt, with: DeliveryResult(claims[0], .delivered))
        wait(Array(claims.dropFirst()), in: &state)
        #expect(state.advance(DispatcherOptions(), now: now).sending.count == 16)
        #expect(state.held == 59)
        try await site.store.close()
    }

    /// Sixteen of its attempts keep places for a second each, so it has half of them at most.
    @Test func oneThatTakesTimeHasHalfOfThePlaces() async throws {
        let site = try await DispatchSite()
        let claims = try await claims(60, of: site)
        let options = DispatcherOptions(concurrency: 32)
        var state = DispatcherState()
        var traffic = ChannelTraffic(
            .webhook, options, organization: claims[0].channel.organizationID)
        for _ in 0..<20 { traffic.end(after: 1) }
        state.channels[Receiver(of: claims[0])] = traffic
        wait(claims, in: &state)
        _ = state.advance(options, now: now)
        #expect(state.held == 16 && state.results.count == 44)
        try await site.store.close()
    }

    /// A lease of 30 s lets a message wait 7.5 s.
    @Test func theWaitIsBoundedByTheLease() async throws {
        #expect(DispatcherOptions().longestWait == .seconds(30))
        let options = DispatcherOptions(lease: .seconds(30))
        #expect(options.longestWait == .milliseconds(7500))
        let site = try await DispatchSite(.slack)
        let claims = try await claims(10, of: site)
        var state = DispatcherState()
        wait(claims, in: &state, since: .now - .seconds(8))
        #expect(state.advance(options, now: now).sending.count == 1)
        #expect(state.queues.isEmpty && state.results.count == 9)
        try await site.store.close()
    }

    /// Neither the time that has passed, nor a clock that jumps, lets it send what another one may
    /// have claimed.
    @Test(arguments: [true, false])
    func nothingIsSentAfterItsLease(byClock: Bool) async throws {
        let site = try await DispatchSite()
        let claims = try await claims(1, of: site)
        let sender = RecordingSender()
        let work = DispatcherWork(
            site.store.clock, sender, DispatcherOptions(), Logger(label: "test"))
        if byClock { site.clock.advance(by: 121) }
        let message = DispatcherState.Waiting(
            claim: claims[0], claimed: byClock ? .now : .now - .seconds(61))
        try await site.store.withSystemAccess(reason: "test") {
            await work.attempt(1, message, $0)
        }
        #expect(sender.notifications.isEmpty)
        let outcomes = work.state.withLock { $0.results.map(\.result.outcome) }
        #expect(outcomes == [.postponed(until: site.clock.now)])
        try await site.store.close()
    }

    /// A message that was lost in nine crashes is tried ten times all the same.
    @Test func attemptsThatWereLostAreNoFailures() async throws {
        let site = try await DispatchSite()
        let alert = try await site.raise("alert")
        for _ in 0..<9 {
            try await site.store.withSystemAccess(reason: "test") {
                _ = try await $0.claimDeliveries(limit: 1, lease: 60)
            }
            site.clock.advance(by: 86_401)
        }
        let sender = RecordingSender { _, _ in DeliveryOutcome(.retry(after: nil)) }
        let dispatcher = site.dispatcher(sender)
        for _ in 0..<10 {
            #expect(try await site.deliveries(of: alert).map(\.state) == [.pending])
            try await dispatcher.runOnce()
            site.clock.advance(by: 100_000)
        }
        #expect(sender.notifications.count == 10)
        #expect(try await site.deliveries(of: alert).map(\.state) == [.failed])
        try await site.store.close()
    }
}
