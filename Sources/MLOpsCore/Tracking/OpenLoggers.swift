import Synchronization

/// The loggers of this process, for those who have to end them all.
package enum OpenLoggers {
    private struct WeakLogger: Sendable {
        weak var logger: RunLogger?
    }

    private static let loggers = Mutex<[WeakLogger]>([])

    static func add(_ logger: RunLogger) {
        loggers.withLock {
            $0.removeAll { $0.logger == nil }
            $0.append(WeakLogger(logger: logger))
        }
    }

    /// Those whose run has not ended.
    static var all: [RunLogger] {
        loggers.withLock { $0.compactMap(\.logger) }.filter { !$0.isEnded }
    }

    /// Those of one store.
    static func all(of store: any Store) -> [RunLogger] {
        let store = store as AnyObject
        return all.filter { $0.workspace.store as AnyObject === store }
    }

    /// Ends the runs of a store that is about to be closed: what was logged is kept, and nobody can
    /// end them afterwards.
    package static func endAll(of store: any Store) async {
        for logger in all(of: store) {
            await withCheckedContinuation { continuation in
                logger.submitEnd(.failed, error: "The store was closed before the run had ended.") {
                    continuation.resume()
                }
            }
        }
    }
}
