import MLOpsCore

extension Call {
    static let ofIdentity = users + organizations + memberships

    private static let users = calls(
        of: User.self, insert: .nobody, read: .everybody, update: .nobody, delete: .nobody,
        purge: .nobody, trail: nil,
        own: [
            Call("withEmail", .everybody) { try $0.users.withEmail($1.user.email) },
            Call("deactivate", .nobody) { try $0.users.deactivate($1.user.id) },
            Call("activate", .nobody) { try $0.users.activate($1.user.id) },
            Call("erase", .nobody) { try $0.users.erase($1.user.id) },
        ])

    private static let organizations = calls(
        of: Organization.self, insert: .nobody, read: .everybody, update: .admins,
        delete: .organizationOwners, purge: .organizationOwners,
        trail: Trail(
            entity: "organization",
            deleted: FixtureTree.deletable(FixtureTree.tenantEntities + [Organization.self])),
        own: [
            Call("update of a limit", .nobody) { tx, site in
                var organization = site.organization
                organization.maxModels = 1_000_000
                return try tx.organizations.update(organization)
            },
            Call("withSlug", .everybody) { try $0.organizations.withSlug($1.organization.slug) },
        ])

    private static let memberships = calls(
        of: OrganizationMembership.self, insert: .admins, exempt: .takesAUser, read: .everybody,
        update: .admins, delete: .admins, purge: .admins,
        trail: Trail(
            entity: "organization_membership", created: "joined_at role user_id",
            deleted: "organization_memberships", restored: "organization_memberships"),
        own: [
            Call(
                "insert of an owner", .organizationOwners, exempt: .takesAUser,
                entries: ["organization_membership.create of other: changes joined_at role user_id"]
            ) { try $0.memberships.insert(Fixtures.membership(9, of: $1.stranger, role: .owner)) },
            Call(
                "update of an owner", .organizationOwners,
                entries: ["organization_membership.update of other: changes"]
            ) { try $0.memberships.update($1.owner) },
            Call(
                "update to owner", .organizationOwners,
                entries: ["organization_membership.update of row: changes role"]
            ) { tx, site in
                var membership = site.membership
                membership.role = .owner
                return try tx.memberships.update(membership)
            },
            Call("delete of an owner", .organizationOwners) {
                try $0.memberships.delete($1.owner.id)
            },
            Call("delete of one's own", .everybody, exempt: .takesNoKey) { tx, _ in
                let own = try tx.memberships.membership(of: tx.actingUser())
                return try own.map { try tx.memberships.delete($0.id) }
            },
            Call(
                "restore of an owner", .organizationOwners,
                entries: [
                    "organization_membership.restore of other: rows organization_memberships"
                ]
            ) { try $0.memberships.restore($1.formerOwner.id) },
            Call(
                "purge of an owner", .organizationOwners,
                entries: ["organization_membership.purge of other: rows organization_memberships"]
            ) { try $0.memberships.purge($1.formerOwner.id) },
            Call("changeRole", .organizationOwners) {
                try $0.memberships.changeRole(of: $1.user.id, to: .admin)
            },
            Call("accept", .everybody, exempt: .takesNoKey) { tx, _ in
                try tx.memberships.accept()
            },
            Call("leave", .everybody, exempt: .takesNoKey) { tx, _ in try tx.memberships.leave() },
            Call("membership", .everybody) {
                try $0.memberships.membership(of: $1.membership.userID)
            },
            Call("members", .everybody, exempt: .takesNoKey) { tx, _ in
                try tx.memberships.members()
            },
            Call("of(user:)", .everybody) { try $0.memberships.of(user: $1.membership.userID) },
        ])
}
