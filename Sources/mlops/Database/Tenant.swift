import MLOpsCore

extension Database {
    /// Opens the database and the workspace of the chosen organization, as one of its owners.
    func workspace<Value>(
        _ options: TenantOptions, _ body: (Workspace) async throws -> Value
    ) async throws -> Value {
        try await open(for: .use) { store in
            try await body(try await Tenant.workspace(of: store, slug: options.organization))
        }
    }

    /// Opens the database and the workspace of the chosen organization, as the chosen member.
    func workspace<Value>(
        _ options: ActingOptions, _ body: (Workspace) async throws -> Value
    ) async throws -> Value {
        try await open(for: .use) { store in
            try await body(try await Tenant.workspace(of: store, options))
        }
    }
}

/// Finds the organization and the user that a command acts as.
enum Tenant {
    private static let defaultSlug = "local"

    static func workspace(of store: any Store, _ options: ActingOptions) async throws -> Workspace {
        try await workspace(of: store, slug: options.tenant.organization, as: options.actor)
    }

    /// - Parameter email: The member to act as; `nil` for an owner.
    static func workspace(
        of store: any Store, slug: String?, as email: String? = nil
    ) async throws -> Workspace {
        let found = try await store.withSystemAccess(
            reason: "Whoever may read the file may act for any organization in it."
        ) { access in
            try await access.read { tx in
                let organization = try organization(in: tx, slug: slug)
                let user =
                    try email.map { try UsersCommand.user($0, in: tx).id }
                    ?? owner(of: organization, in: tx)
                return (organization, user)
            }
        }
        return try await store.workspace(organization: found.0.id, as: .user(found.1))
    }

    private static func organization(
        in tx: any Transaction, slug: String?
    ) throws -> Organization {
        if let found = try tx.organizations.withSlug(slug ?? defaultSlug) { return found }
        let others = try tx.organizations.all(order: { [$0.slug.ascending] })
        if let slug {
            throw Failure.nothing(
                "there is no organization \(slug)" + Failure.hint(others.map(\.slug)))
        }
        guard let only = others.first else {
            throw Failure.nothing(
                "the database has no organization yet; log a run, or try `mlops seed`")
        }
        guard others.count == 1 else {
            let shown = others.prefix(Failure.namesShown).map(\.slug)
            let list = Failure.list(shown, isCut: others.count > Failure.namesShown)
            throw Failure(.usage, "choose one with --organization: \(list)")
        }
        return only
    }

    private static func owner(
        of organization: Organization, in tx: any Transaction
    ) throws -> Identifier<User> {
        let owners = try tx.memberships.all(
            where: { $0.organizationID == organization.id && $0.role == .owner },
            order: { [$0.createdAt.ascending] })
        for owner in owners where owner.invitedBy == nil || owner.joinedAt != nil {
            if let user = try tx.users.findIfExists(owner.userID), user.isActive { return user.id }
        }
        throw Failure(.software, "the organization \(organization.slug) has no active owner")
    }
}
