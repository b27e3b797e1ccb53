/// Access to every organization of a store.
public struct SystemAccess: Sendable {
    package let store: any StoreBackend
    /// Why it was granted.
    public let reason: String

    package var access: Access { .system(reason: reason) }

    /// Runs a body in one transaction that may write.
    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await store.transact(writing: true, as: access, body)
    }

    /// Runs a body on one snapshot.
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await store.transact(writing: false, as: access, body)
    }
}

extension SystemAccess {
    /// The workspace of an organization, without a look at the principal's rights; each of its
    /// transactions looks.
    package func workspace(_ organization: Identifier<Organization>, as principal: Principal)
        -> Workspace
    {
        Workspace(store: store, organizationID: organization, principal: principal)
    }
}
