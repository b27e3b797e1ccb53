import Foundation
import Synchronization

/// Ends runs on SIGINT, SIGTERM and SIGHUP, for loggers that asked for it, and closes their stores.
enum SignalHandling {
    /// The longest time that the process waits for its runs to end and its stores to close.
    private static let patience = DispatchTimeInterval.seconds(10)

    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    private static let isInstalled = Mutex(false)

    private struct Entry: Sendable { weak var store: (any StoreBackend)? }

    /// The stores of loggers that asked for it, also after their runs have ended.
    private static let stores = Mutex<[Entry]>([])

    /// Installs the handlers on the first call.
    ///
    /// - Parameter store: Is closed when a signal ends the process, so that all of it is in its
    ///   file. It is not kept alive.
    static func start(closing store: any StoreBackend) {
        stores.withLock { stores in
            stores.removeAll { $0.store == nil || $0.store === store }
            stores.append(Entry(store: store))
        }
        let isFirst = isInstalled.withLock { installed in
            defer { installed = true }
            return !installed
        }
        if isFirst { install() }
    }

    /// The end of the pipe that the handler writes to.
    ///
    /// A handler may only call async-signal-safe functions (signal-safety(7)). A dispatch source
    /// would not work: the signal is blocked on its thread, and could not be raised there
    /// afterwards.
    private static let pipeEnd = Atomic<Int32>(-1)

    private static func install() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        let (input, output) = (ends[0], ends[1])
        pipeEnd.store(output, ordering: .releasing)
        for number in signals {
            let before = signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(SignalHandling.pipeEnd.load(ordering: .acquiring), &byte, 1)
            }
            // `nohup` and shells start programs that are to ignore a signal.
            let wasIgnored =
                unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
            if wasIgnored { signal(number, SIG_IGN) }
        }
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while read(input, &byte, 1) < 0 && errno == EINTR {}
            // A second signal ends the process at once.
            for number in signals { signal(number, SIG_DFL) }
            endAll()
            // The process ends by the same signal, so that its parent sees the reason.
            kill(getpid(), Int32(byte))
        }
    }

    /// Ends the runs and closes the stores.
    ///
    /// Nothing of it needs the cooperative pool, because training loops may block all of it.
    private static func endAll() {
        let (group, deadline) = (DispatchGroup(), DispatchTime.now() + patience)
        for logger in OpenLoggers.all where logger.options.endsOnSignals {
            group.enter()
            logger.submitEnd(.cancelled) { group.leave() }
        }
        guard group.wait(timeout: deadline) == .success else { return }
        let executor = OwnQueue()
        for store in stores.withLock({ $0.compactMap(\.store) }) {
            group.enter()
            Task.detached(executorPreference: executor) {
                try? await store.close()
                group.leave()
            }
        }
        _ = group.wait(timeout: deadline)
    }
}

/// Runs tasks on a queue of its own.
private final class OwnQueue: TaskExecutor {
    private let queue = DispatchQueue(label: "mlops.signals")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
