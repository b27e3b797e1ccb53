public import Logging
public import MLOpsCore
public import ServiceLifecycle

/// Sends the messages about alerts that are due, and records what came of them.
///
/// Any number of dispatchers may work on one store, in one program or in several. A message goes
/// out at least once, and a second time only under the same id: when a dispatcher has ended between
/// sending it and recording that.
///
/// ```swift
/// let dispatcher = NotificationDispatcher(store: store, sender: DeliverySender())
/// try await dispatcher.run()
/// ```
public final class NotificationDispatcher: Service {
    private let store: any Store
    private let sender: any NotificationSender
    private let options: DispatcherOptions
    private let logger: Logger

    /// Makes a dispatcher.
    ///
    /// - Parameters:
    ///   - store: Where the messages are.
    ///   - sender: Sends one.
    ///   - options: How many at once, and how fast.
    ///   - logger: Receives what organizations must not see, such as the answers of receivers.
    public init(
        store: any Store, sender: any NotificationSender,
        options: DispatcherOptions = DispatcherOptions(),
        logger: Logger = Logger(label: "mlops.dispatcher")
    ) {
        self.store = store
        self.sender = sender
        self.options = options
        self.logger = logger
    }

    /// What came of the messages of one dispatcher.
    public struct Summary: Sendable, Hashable {
        /// Messages that their channels have.
        public internal(set) var delivered = 0
        /// Messages that are tried again later.
        public internal(set) var retried = 0
        /// Messages that are given up.
        public internal(set) var failed = 0
        /// Alerts that the silence of deployments has raised.
        public internal(set) var silences = 0
    }

    /// Sends what is due now and whenever something becomes due, until a graceful shutdown, the
    /// cancellation of the task, or the end of the store.
    ///
    /// A store that cannot be reached is tried again. At a graceful shutdown, attempts under way
    /// are awaited and recorded.
    public func run() async throws {
        let work = DispatcherWork(store.clock, sender, options, logger)
        try await withGracefulShutdownHandler {
            try await store.withSystemAccess(reason: "to deliver notifications") { access in
                try await work.run(access)
            }
        } onGracefulShutdown: {
            work.stop()
        }
    }

    /// Sends everything that is due, once.
    ///
    /// - Returns: What came of it.
    /// - Throws: What the store throws; every message whose result is not recorded comes again.
    @discardableResult
    public func runOnce() async throws -> Summary {
        let work = DispatcherWork(store.clock, sender, options, logger)
        return try await store.withSystemAccess(reason: "to deliver notifications") { access in
            try await work.runOnce(access)
        }
    }
}
