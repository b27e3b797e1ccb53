import MLOpsCore

extension Call {
    static let ofProjects = projects + projectMembers

    private static let projects = calls(
        of: Project.self, insert: .members, exempt: .takesNoKey, read: .readers, update: .owners,
        delete: .owners, purge: .owners,
        trail: Trail(
            entity: "project", created: "description is_active name settings slug visibility",
            deleted: FixtureTree.deletable(FixtureTree.projectEntities), restored: "projects"),
        own: [
            Call("named", .readers) { try $0.projects.named($1.project.name) },
            Call(
                "findOrCreate", .members, exempt: .takesNoKey,
                entries: [
                    "project.create of other: changes is_active name settings slug visibility"
                ]
            ) { try $0.projects.findOrCreate(named: "made \($1.number)") },
            Call("withSlug", .readers) { try $0.projects.withSlug($1.project.slug) },
            Call(
                "setPromotionPolicy", .owners,
                entries: ["project.policy of row: changes settings; \(policy); stage"]
            ) { tx, site in
                try tx.projects.setPromotionPolicy(
                    PromotionPolicy(), for: .production, of: site.project.id)
            },
            Call("ofMember", .readers) { try $0.projects.ofMember($1.projectMember.userID) },
        ])

    private static let projectMembers = calls(
        of: ProjectMember.self, insert: .owners, read: .readers, update: .owners, delete: .owners,
        purge: .owners,
        trail: Trail(
            entity: "project_member", created: "added_by project_id role user_id",
            deleted: "project_members", restored: "project_members"),
        own: [
            Call("membership", .readers) {
                try $0.projectMembers.membership(of: $1.projectMember.userID, in: $1.project.id)
            },
            Call("members", .readers) { try $0.projectMembers.members(of: $1.project.id) },
        ])
}
