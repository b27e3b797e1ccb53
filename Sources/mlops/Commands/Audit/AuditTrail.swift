import ArgumentParser
import MLOpsCore

/// The trail that a command works on.
struct TrailOptions: ParsableArguments {
    @OptionGroup var tenant: TenantOptions

    @Flag(help: "The trail of the system itself: actions outside of any organization.")
    var system = false

    func validate() throws {
        guard !system || tenant.organization == nil else {
            throw ValidationError("Give --organization or --system, not both.")
        }
    }
}

/// The trail of one organization, or of the system itself.
enum AuditTrail: Sendable {
    case organization(Workspace)
    case system(SystemAccess)

    /// Runs a body on one snapshot.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        switch self {
        case .organization(let workspace): try await workspace.read(body)
        case .system(let access): try await access.read(body)
        }
    }

    /// The organization, or `nil` for the system.
    var organizationID: Identifier<Organization>? {
        if case .organization(let workspace) = self { workspace.organizationID } else { nil }
    }

    var export: AuditExport {
        switch self {
        case .organization(let workspace): AuditExport(of: workspace)
        case .system(let access): AuditExport(ofSystem: access)
        }
    }
}

extension Database {
    /// Opens the database and the chosen trail.
    func trail<Value>(
        _ options: TrailOptions, _ body: (AuditTrail, any Store) async throws -> Value
    ) async throws -> Value {
        try await open(for: .use) { store in
            guard options.system else {
                let slug = options.tenant.organization
                return try await body(
                    .organization(try await Tenant.workspace(of: store, slug: slug)), store)
            }
            return try await store.withSystemAccess(reason: "mlops audit --system") {
                try await body(.system($0), store)
            }
        }
    }
}
