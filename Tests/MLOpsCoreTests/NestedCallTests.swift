import Foundation
import Logging
import MLOpsTesting
import Synchronization
import Testing

@testable import MLOpsCore

/// Synchronous calls from code that a store calls back, on the thread that uses its connection.
@Suite struct NestedCallTests {
    @Test func theProgressOfABackupMayNotWaitForItsStore() async throws {
        let scratch = try Scratch()
        let store = try await SQLiteStore.open(scratch.path("a.db"))
        let workspace = try await store.localWorkspace()
        let codes = Mutex<Set<StoreError.Code?>>([])
        try await store.backup(to: scratch.path("b.db")) { _, _ in
            let code = errorCode { try workspace.sync.write { try $0.projects.count() } }
            codes.withLock { _ = $0.insert(code) }
        }
        #expect(codes.withLock { $0 } == [.nestedTransaction])
        try await store.close()
    }

    @Test func aLogHandlerMayNotWaitForTheStoreThatCallsIt() async throws {
        let scratch = try Scratch()
        let body = CallingHandler.Body()
        var configuration = SQLiteConfiguration()
        configuration.slowStatementThreshold = .zero
        configuration.logger = Logger(label: "test") { _ in CallingHandler(body: body) }
        let store = try await SQLiteStore.open(scratch.path("a.db"), configuration: configuration)
        let workspace = try await store.localWorkspace()
        let codes = Mutex<Set<StoreError.Code?>>([])
        body.set {
            let code = errorCode { try workspace.sync.read { try $0.projects.count() } }
            codes.withLock { _ = $0.insert(code) }
        }
        try await workspace.projects.insert(Fixtures.project())
        body.set {}
        #expect(codes.withLock { $0 } == [.nestedTransaction])
        try await store.close()
    }
}

/// A log handler that calls a closure for each message.
private struct CallingHandler: LogHandler {
    let body: Body
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    final class Body: Sendable {
        private let closure = Mutex<@Sendable () -> Void>({})

        func set(_ closure: @escaping @Sendable () -> Void) {
            self.closure.withLock { $0 = closure }
        }

        func call() { closure.withLock { $0 }() }
    }

    func log(event: LogEvent) { body.call() }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
