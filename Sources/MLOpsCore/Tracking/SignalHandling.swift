import Dispatch
import Foundation
import Synchronization

/// Ends runs on SIGINT and SIGTERM, for those who asked for it.
enum SignalHandling {
    private struct WeakLogger: Sendable {
        weak var logger: RunLogger?
    }

    private struct State {
        var isInstalled = false
        var loggers: [WeakLogger] = []
    }

    private static let state = Mutex(State())

    /// How long the process waits for its runs to end.
    private static let patience = DispatchTimeInterval.seconds(10)

    static func add(_ logger: RunLogger) {
        let isFirst = state.withLock { state in
            state.loggers.removeAll { $0.logger == nil }
            state.loggers.append(WeakLogger(logger: logger))
            defer { state.isInstalled = true }
            return !state.isInstalled
        }
        guard isFirst else { return }
        for number in [SIGINT, SIGTERM] { install(number) }
    }

    private static func install(_ number: Int32) {
        // A dispatch source only sees a signal whose own action does not end the process.
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
            // The handler keeps its source for the life of the process.
            _ = source
            endAll()
            signal(number, SIG_DFL)
            raise(number)
        }
        source.resume()
    }

    private static func endAll() {
        let loggers = state.withLock { $0.loggers.compactMap(\.logger) }
        let group = DispatchGroup()
        for logger in loggers {
            group.enter()
            Task {
                _ = try? await logger.cancel()
                group.leave()
            }
        }
        _ = group.wait(timeout: .now() + patience)
    }
}
