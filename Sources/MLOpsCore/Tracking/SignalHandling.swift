import Foundation
import Synchronization

/// Ends runs on SIGINT, SIGTERM and SIGHUP, for loggers that asked for it.
enum SignalHandling {
    /// The longest time that the process waits for its runs to end.
    private static let patience = DispatchTimeInterval.seconds(10)

    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    private static let isInstalled = Mutex(false)

    /// Installs the handlers on the first call.
    static func start() {
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

    /// Ends the runs without a task, because training loops may block the whole cooperative pool.
    private static func endAll() {
        let group = DispatchGroup()
        for logger in OpenLoggers.all where logger.options.endsOnSignals {
            group.enter()
            logger.submitEnd(.cancelled) { group.leave() }
        }
        _ = group.wait(timeout: .now() + patience)
    }
}
