import Testing

@testable import MLOpsCore

/// The state machine of the pool, without a database, a clock or threads.
@Suite struct PoolTests {
    private typealias Line = PoolState<Int, String>

    /// A pool with these resources made and in use.
    private static func pool(
        _ maximum: Int, lent: [Int] = [], _ change: (inout Line.Limits) -> Void = { _ in }
    ) -> (pool: Line, members: [Line.Member]) {
        var limits = Line.Limits(maximum: maximum)
        change(&limits)
        var pool = Line(limits)
        let members = lent.map { resource in
            #expect(pool.acquire(at: .zero).isMake)
            return pool.made(resource, at: .zero)
        }
        return (pool, members)
    }

    @Test func atMostItsMaximumAndThenInTheOrderTheyCame() {
        var (pool, members) = Self.pool(2, lent: [10, 11])
        #expect(pool.acquire(at: .zero).isWait && pool.mustWait)
        pool.wait("first", as: 1, at: .zero)
        pool.wait("second", as: 2, at: .zero)
        #expect(pool.release(members[0], at: .zero).waiter == "first")
        #expect(pool.release(members[1], at: .zero).waiter == "second")
        #expect(pool.release(members[0], at: .zero).isKeep && !pool.mustWait)
        #expect(pool.acquire(at: .zero).used == 10)
    }

    @Test func aCancelledWaiterIsPassedOver() {
        var (pool, members) = Self.pool(1, lent: [10])
        pool.wait("first", as: 1, at: .zero)
        pool.wait("second", as: 2, at: .zero)
        #expect(pool.cancel(1) == "first")
        #expect(pool.cancel(1) == nil)
        #expect(pool.release(members[0], at: .zero).waiter == "second")
    }

    @Test func waitersGiveUpWhenTheirTimeIsOver() {
        var (pool, members) = Self.pool(1, lent: [10]) { $0.acquireTimeout = .seconds(30) }
        #expect(pool.nextExpiry == nil)
        pool.wait("first", as: 1, at: .seconds(1))
        pool.wait("second", as: 2, at: .seconds(5))
        #expect(pool.nextExpiry == .seconds(31))
        #expect(pool.expired(at: .seconds(30)).isEmpty)
        #expect(pool.expired(at: .seconds(31)) == ["first"])
        #expect(pool.nextExpiry == .seconds(35))
        #expect(pool.release(members[0], at: .seconds(34)).waiter == "second")
        #expect(pool.expired(at: .seconds(99)).isEmpty)
    }

    @Test func aBrokenResourceIsClosedAndTheNextInLineMakesAnother() {
        var (pool, members) = Self.pool(1, lent: [10])
        pool.wait("first", as: 1, at: .zero)
        guard case .replace(10, "first") = pool.release(members[0], isBroken: true, at: .zero)
        else {
            Issue.record("the waiter makes another")
            return
        }
        let next = pool.made(11, at: .zero)
        #expect(pool.acquire(at: .zero).isWait)
        #expect(pool.release(next, isBroken: true, at: .zero).closed == 11)
        #expect(pool.isEmpty && pool.acquire(at: .zero).isMake)
    }

    @Test func aResourceThatWasUnusedForLongIsChecked() {
        var (pool, members) = Self.pool(1, lent: [10]) { $0.checkAfter = .seconds(30) }
        #expect(pool.release(members[0], at: .seconds(10)).isKeep)
        guard case .use(let member) = pool.acquire(at: .seconds(39)) else {
            Issue.record("it was used a short while ago")
            return
        }
        #expect(pool.release(member, at: .seconds(40)).isKeep)
        guard case .check(let idle) = pool.acquire(at: .seconds(70)) else {
            Issue.record("it was not used for 30 seconds")
            return
        }
        #expect(pool.release(idle, isBroken: true, at: .seconds(70)).closed == 10)
        #expect(pool.acquire(at: .seconds(70)).isMake)
    }

    @Test func whatIsIdleForLongGoesDownToTheMinimum() {
        var (pool, members) = Self.pool(3, lent: [10, 11, 12]) {
            $0.minimum = 1
            $0.idleLimit = .seconds(60)
        }
        for (index, member) in members.enumerated() {
            #expect(pool.release(member, at: .seconds(index)).isKeep)
        }
        #expect(pool.sweep(at: .seconds(59)).isEmpty)
        #expect(pool.sweep(at: .seconds(60)) == [10])
        #expect(pool.sweep(at: .seconds(99)) == [11])
        #expect(pool.sweep(at: .seconds(99)).isEmpty && !pool.isEmpty)
        #expect(pool.fill() == 0)
    }

    @Test func whatIsOldIsReplaced() {
        var (pool, members) = Self.pool(3, lent: [10, 11]) {
            $0.minimum = 2
            $0.lifetime = .seconds(100)
        }
        #expect(pool.release(members[0], at: .seconds(99)).isKeep)
        #expect(pool.release(members[1], at: .seconds(100)).closed == 11)
        #expect(pool.sweep(at: .seconds(100)) == [10])
        #expect(pool.isEmpty && pool.fill() == 2 && pool.fill() == 0)
        let fresh = pool.made(12, at: .seconds(100))
        #expect(pool.release(fresh, at: .seconds(150)).isKeep)
        #expect(pool.sweep(at: .seconds(199)).isEmpty)
    }

    @Test func aClosedPoolDrains() {
        var (pool, members) = Self.pool(2, lent: [10, 11])
        #expect(pool.release(members[0], at: .zero).isKeep)
        let (resources, waiters) = pool.close()
        #expect(resources == [10] && waiters.isEmpty && !pool.isDrained)
        #expect(pool.acquire(at: .zero).isClosed && !pool.mustWait && pool.fill() == 0)
        #expect(pool.release(members[1], at: .zero).closed == 11)
        #expect(pool.isDrained)
    }

    @Test func closingRefusesThoseWhoWait() {
        var (pool, members) = Self.pool(1, lent: [10])
        pool.wait("first", as: 1, at: .zero)
        #expect(pool.close().waiters == ["first"])
        #expect(pool.release(members[0], at: .zero).closed == 10)
    }
}

extension PoolState.Acquisition {
    fileprivate var isMake: Bool { if case .make = self { true } else { false } }
    fileprivate var isWait: Bool { if case .wait = self { true } else { false } }
    fileprivate var isClosed: Bool { if case .closed = self { true } else { false } }
    fileprivate var used: Resource? {
        if case .use(let member) = self { member.resource } else { nil }
    }
}

extension PoolState.Release {
    fileprivate var isKeep: Bool { if case .keep = self { true } else { false } }
    fileprivate var closed: Resource? {
        if case .close(let resource) = self { resource } else { nil }
    }
    fileprivate var waiter: Waiter? {
        if case .handOver(_, let waiter) = self { waiter } else { nil }
    }
}
