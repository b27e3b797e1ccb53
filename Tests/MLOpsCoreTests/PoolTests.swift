import Testing

@testable import MLOpsCore

/// The pool is a state machine: no database, no clock, no threads.
@Suite struct PoolTests {
    @Test func atMostItsMaximumAndThenInTheOrderTheyCame() {
        var pool = Pool<Int, String>(maximum: 2)
        #expect(pool.acquire().isOpen)
        #expect(pool.acquire().isOpen)
        #expect(pool.acquire().isWait)
        pool.wait("first", as: 1)
        pool.wait("second", as: 2)
        #expect(pool.release(10).waiter == "first")
        #expect(pool.release(11).waiter == "second")
        #expect(pool.release(10).waiter == nil)
        guard case .use(10) = pool.acquire() else {
            Issue.record("an idle resource is used again")
            return
        }
    }

    @Test func aCancelledWaiterIsPassedOver() {
        var pool = Pool<Int, String>(maximum: 1)
        #expect(pool.acquire().isOpen)
        pool.wait("first", as: 1)
        pool.wait("second", as: 2)
        #expect(pool.cancel(1) == "first")
        #expect(pool.cancel(1) == nil)
        #expect(pool.release(10).waiter == "second")
    }

    @Test func aBrokenResourceLetsTheNextOneOpen() {
        var pool = Pool<Int, String>(maximum: 1)
        #expect(pool.acquire().isOpen)
        pool.wait("first", as: 1)
        #expect(pool.discard() == "first")
        #expect(pool.acquire().isWait)
        #expect(pool.discard() == nil)
        #expect(pool.acquire().isOpen)
    }

    @Test func aClosedPoolDrains() {
        var pool = Pool<Int, String>(maximum: 2)
        #expect(pool.acquire().isOpen)
        #expect(pool.acquire().isOpen)
        _ = pool.release(10)
        #expect(pool.close() == [10])
        #expect(!pool.isDrained)
        guard case .closed = pool.acquire(), case .close(11) = pool.release(11) else {
            Issue.record("a closed pool neither gives nor keeps")
            return
        }
        #expect(pool.isDrained)
    }
}

extension Pool.Acquisition {
    fileprivate var isOpen: Bool { if case .open = self { true } else { false } }
    fileprivate var isWait: Bool { if case .wait = self { true } else { false } }
}

extension Pool.Release {
    fileprivate var waiter: Waiter? {
        if case .handOver(_, let waiter) = self { waiter } else { nil }
    }
}
