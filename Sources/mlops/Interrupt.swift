import Foundation
import Synchronization

/// Turns the signals that end a program into the cancellation of its work.
///
/// No partial work is left behind, and the store is closed, so that all of it is in its file.
enum Interrupt {
    /// The number of open stores.
    private static let stores = Atomic<Int>(0)

    /// Runs the tool's work; SIGINT, SIGTERM and SIGHUP cancel it.
    ///
    /// A second signal ends the process at once, and so does the first one while no store is open.
    static func cancelling(
        _ body: sending @escaping () async throws -> Void
    ) async throws {
        let task = Task { try await body() }
        let signals = [SIGINT, SIGTERM, SIGHUP].filter { !isIgnored($0) }
        let sources = signals.map { number in
            let source = DispatchSource.makeSignalSource(signal: number)
            #if canImport(Darwin)
                // Elsewhere the source does it itself. Ignored before the source listens, a signal
                // would be lost; now it ends the process.
                source.setRegistrationHandler { signal(number, SIG_IGN) }
            #endif
            source.setEventHandler {
                if stores.load(ordering: .relaxed) == 0 {
                    Foundation.exit(ExitStatus.interrupted.rawValue)
                }
                for number in signals { signal(number, SIG_DFL) }
                task.cancel()
            }
            source.resume()
            return source
        }
        defer {
            for source in sources { source.cancel() }
        }
        try await task.value
    }

    /// Whether the program was started to ignore a signal, as `nohup` does.
    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        #if canImport(Darwin)
            let handler = action.__sigaction_u.__sa_handler
        #else
            let handler = action.__sigaction_handler.sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Runs a body that has a store open.
    static func holding<Value>(_ body: () async throws -> Value) async throws -> Value {
        stores.add(1, ordering: .relaxed)
        defer { stores.subtract(1, ordering: .relaxed) }
        return try await body()
    }
}
