import MLOpsCore

/// The outcome of a call.
enum CallOutcome: Sendable, Equatable {
    /// Rows, or a change.
    case something
    /// `nil`, no rows, or zero.
    case nothing
    case notFound
    case denied
    /// An error that does not depend on the caller.
    case refused(String)

    /// The outcome in the words of ``PermissionTable``.
    ///
    /// - Parameter owner: The outcome for an owner of the organization.
    func answer(owner: CallOutcome) -> String {
        switch self {
        case .denied: "denied"
        case .notFound: "absent"
        case .nothing: owner == .nothing ? "ok" : "absent"
        case .something: "ok"
        case .refused(let error): self == owner ? "ok" : error
        }
    }
}

extension Call {
    /// Makes the call in a savepoint that is rolled back.
    ///
    /// - Parameter look: Reads after the call, before the rollback.
    func outcome<Found>(
        in tx: any Transaction, at site: CallSite, look: (any Transaction) throws -> Found
    ) -> (outcome: CallOutcome, found: Found?) {
        var found: Found?
        do {
            try tx.savepoint {
                let value = try body(tx, site)
                found = try look(tx)
                throw Undone(isEmpty: Self.isEmpty(value))
            }
        } catch let undone as Undone {
            return (undone.isEmpty ? .nothing : .something, found)
        } catch let error as StoreError where error.code == .permissionDenied {
            return (.denied, nil)
        } catch let error as StoreError where error.code == .notFound {
            return (.notFound, nil)
        } catch {
            return (.refused("\(error)"), nil)
        }
        return (.refused("nothing was thrown"), nil)
    }

    /// Makes the call in a savepoint that is rolled back.
    func outcome(in tx: any Transaction, at site: CallSite) -> CallOutcome {
        outcome(in: tx, at: site) { _ in }.outcome
    }

    private struct Undone: Error { let isEmpty: Bool }

    private static func isEmpty(_ value: Any) -> Bool {
        if let count = value as? Int { return count == 0 }
        let mirror = Mirror(reflecting: value)
        return switch mirror.displayStyle {
        case .optional, .collection: mirror.children.isEmpty
        default: false
        }
    }

    /// Compares the results of the call with the keys of two sites; `nil` if they are the same.
    ///
    /// - Parameter own: The site that the caller sees.
    func difference(
        between first: CallSite, and second: CallSite, from own: CallSite, in workspace: Workspace
    ) async -> String? {
        let texts = (
            await text(at: first.called(from: own), in: workspace),
            await text(at: second.called(from: own), in: workspace)
        )
        return texts.0 == texts.1 ? nil : "\(texts.0) is not \(texts.1)"
    }

    /// The result of the call, as a text without ids.
    private func text(at site: CallSite, in workspace: Workspace) async -> String {
        do {
            return site.anonymized(
                try await workspace.write { "\(try body($0, site))" })
        } catch let error as StoreError {
            let parts = [error.code.rawValue, error.entity ?? "-", error.field ?? "-"]
            return site.anonymized((parts + [error.message]).joined(separator: " | "))
        } catch {
            return "\(error)"
        }
    }
}
