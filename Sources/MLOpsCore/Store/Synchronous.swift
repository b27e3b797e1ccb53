/// What a store, a workspace, system access or a run logger offers to programs and callbacks that
/// are not `async`.
///
/// ```swift
/// let store = try SQLiteStore(path: "mlops.db")
/// let workspace = try store.sync.localWorkspace()
/// let model = try workspace.sync.read { tx in try tx.models.find(id) }
/// ```
/// A transaction runs on the caller's own thread. Without a thread change, a small one takes a
/// fraction of the time of ``Workspace/read(_:)``. The thread blocks while it waits for a free
/// connection or for the disk. Do not use it where a thread must not block: in an event loop, on
/// the main thread of an application, or in a task. Tasks share as many threads as the machine has
/// cores; in an `async` function the compiler refuses the call. Inside a call of the same store,
/// such as the body of a transaction, the progress of a backup or a log handler, it throws
/// `.nestedTransaction`.
public struct Synchronous<Base: Sendable>: Sendable {
    package let base: Base

    package init(_ base: Base) { self.base = base }

    /// Waits for asynchronous work.
    ///
    /// - Throws: `.nestedTransaction`; what the work throws.
    package func waiting<Value: Sendable>(
        in store: any Store, _ work: @escaping @Sendable (Base) async throws -> Value
    ) throws -> Value {
        try (store as? any StoreBackend)?.lifecycle.checkUsesNoConnection()
        let answer = BlockingResult<Value>()
        Task.detached { [base] in
            do {
                answer.give(.success(try await work(base)))
            } catch {
                answer.give(.failure(error))
            }
        }
        return try answer.wait().get()
    }
}

extension Workspace {
    /// What it offers to programs that are not `async`.
    public var sync: Synchronous<Workspace> { Synchronous(self) }
}

extension Synchronous where Base == Workspace {
    /// Runs a body in one transaction that may write; see ``Workspace/write(_:)``.
    ///
    /// - Parameters:
    ///   - limit: How long to wait for a connection that may write, and on SQLite for a write of
    ///     another program: zero throws at once, `nil` waits as ``Workspace/write(_:)`` does.
    ///   - body: What is done in the transaction.
    /// - Throws: `.busy` when the wait was too long; `.nestedTransaction`; what
    ///   ``Workspace/write(_:)`` throws.
    @available(*, noasync, message: "In an async function, await `write` of the workspace.")
    public func write<Value: Sendable>(
        waitingAtMost limit: Duration? = nil, _ body: (any Transaction) throws -> Value
    ) throws -> Value {
        try base.store.transact(writing: true, as: base.access, waiting: limit, body)
    }

    /// Runs a body on one snapshot; see ``Workspace/read(_:)``.
    ///
    /// - Parameters:
    ///   - limit: How long to wait for a free connection: zero throws at once, `nil` waits as
    ///     ``Workspace/read(_:)`` does.
    ///   - body: What is read.
    /// - Throws: `.busy` when the wait was too long; `.nestedTransaction`; what
    ///   ``Workspace/read(_:)`` throws.
    @available(*, noasync, message: "In an async function, await `read` of the workspace.")
    public func read<Value: Sendable>(
        waitingAtMost limit: Duration? = nil, _ body: (any Transaction) throws -> Value
    ) throws -> Value {
        try base.store.transact(writing: false, as: base.access, waiting: limit, body)
    }
}

extension SystemAccess {
    /// What it offers to programs that are not `async`.
    public var sync: Synchronous<SystemAccess> { Synchronous(self) }
}

extension Synchronous where Base == SystemAccess {
    /// Runs a body in one transaction that may write, as that of a workspace does.
    ///
    /// - Parameters:
    ///   - limit: How long to wait; see ``Synchronous``.
    ///   - body: What is done in the transaction.
    @available(*, noasync, message: "In an async function, await `write` of the access.")
    public func write<Value: Sendable>(
        waitingAtMost limit: Duration? = nil, _ body: (any Transaction) throws -> Value
    ) throws -> Value {
        try base.store.transact(writing: true, as: base.access, waiting: limit, body)
    }

    /// Runs a body on one snapshot, as that of a workspace does.
    ///
    /// - Parameters:
    ///   - limit: How long to wait; see ``Synchronous``.
    ///   - body: What is read.
    @available(*, noasync, message: "In an async function, await `read` of the access.")
    public func read<Value: Sendable>(
        waitingAtMost limit: Duration? = nil, _ body: (any Transaction) throws -> Value
    ) throws -> Value {
        try base.store.transact(writing: false, as: base.access, waiting: limit, body)
    }
}

extension StoreBackend {
    /// Runs a body with a value in one transaction on the caller's thread.
    fileprivate func transact<Value>(
        writing: Bool, as access: Access, waiting limit: Duration?,
        _ body: (any Transaction) throws -> Value
    ) throws -> Value {
        // The last one counts: a body may run more than once.
        var value: Value?
        try transactHere(writing: writing, as: access, waiting: limit) { value = try body($0) }
        guard let value else { throw StoreError(.database, "The transaction was not run.") }
        return value
    }
}

extension Store {
    /// What it offers to programs that are not `async`.
    public var sync: Synchronous<any Store> { Synchronous(self) }
}

extension Synchronous where Base == any Store {
    /// See ``Store/localWorkspace()``.
    @available(*, noasync)
    public func localWorkspace() throws -> Workspace {
        try waiting(in: base) { try await $0.localWorkspace() }
    }

    /// See ``Store/workspace(organization:as:)``.
    @available(*, noasync)
    public func workspace(
        organization: Identifier<Organization>, as principal: Principal
    ) throws -> Workspace {
        try waiting(in: base) { try await $0.workspace(organization: organization, as: principal) }
    }

    /// Grants access to every organization; see ``Store/withSystemAccess(reason:_:)``.
    ///
    /// - Parameters:
    ///   - reason: Why; it belongs beside the call, so that a reader can judge it.
    ///   - body: What is done with the access, through ``SystemAccess/sync``.
    @available(*, noasync)
    public func withSystemAccess<Value>(
        reason: String, _ body: (SystemAccess) throws -> Value
    ) throws -> Value {
        try body(try waiting(in: base) { try await $0.withSystemAccess(reason: reason) { $0 } })
    }

    /// See ``Store/close()``.
    @available(*, noasync)
    public func close() throws { try waiting(in: base) { try await $0.close() } }
}
