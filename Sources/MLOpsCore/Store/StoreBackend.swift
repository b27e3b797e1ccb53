package import Logging

/// What the library's own stores offer to the rest of the library.
package protocol StoreBackend: Store, AnyObject {
    /// Runs a body in one transaction; see ``Workspace/write(_:)`` and ``Workspace/read(_:)``.
    func transact<Value: Sendable>(
        writing: Bool, as access: Access,
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value

    /// Runs a body in one transaction on the caller's thread; see ``Synchronous``.
    ///
    /// The body returns nothing: all below it is compiled for that, and not for any type whatever.
    func transactHere(
        writing: Bool, as access: Access, waiting limit: Duration?,
        _ body: (any Transaction) throws -> Void
    ) throws

    /// Runs a body in one write transaction from synchronous code, and reports on a thread of the
    /// store. Work submitted one after another is done in that order.
    func submit(
        as access: Access,
        _ body: @escaping @Sendable (any Transaction) throws -> Void,
        completion: @escaping @Sendable (Result<Void, any Error>) -> Void)

    /// Looks out for what other programs change, until the result is called.
    ///
    /// It returns when no later change can be missed.
    func watchOtherPrograms() async throws -> ChangeFeed.Watch

    /// What API keys are hashed and secrets sealed with.
    var keys: StoreKeys { get }

    /// Which attempts to reach something the audit trail records.
    var auditedAccess: AuditedAccess { get }

    /// Receives the problems that cannot be thrown to a caller.
    var logger: Logger { get }

    /// Whether the store is open, and who uses and watches it.
    var lifecycle: StoreLifecycle { get }
}

extension StoreBackend {
    /// See ``Store/withSystemAccess(reason:_:)``.
    public func withSystemAccess<Value>(
        reason: String, _ body: (SystemAccess) async throws -> Value
    ) async throws -> Value { try await body(SystemAccess(store: self, reason: reason)) }
}
