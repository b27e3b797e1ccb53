import MLOpsCore

extension Call {
    static let ofRegistry = models + modelVersions

    private static let models = calls(
        of: Model.self, insert: .contributors, read: .readers, update: .contributors,
        delete: .maintainers, purge: .owners,
        trail: Trail(
            entity: "model",
            created: """
                aliases framework metadata model_type name project_id promotion_policy \
                purged_number tags task_type
                """,
            restored: "models"),
        own: [
            Call("named", .readers) { try $0.models.named($1.model.name, in: $1.project.id) },
            Call(
                "findOrCreate", .contributors,
                entries: [
                    """
                    model.create of new: changes aliases framework metadata model_type name \
                    project_id promotion_policy purged_number tags task_type
                    """
                ]
            ) { try $0.models.findOrCreate($1.new(Model.self)) },
            Call("findOrCreate one that exists", .readers) {
                try $0.models.findOrCreate(
                    Model(project: $1.project.id, name: $1.model.name))
            },
            Call(
                "setAlias", .maintainers,
                entries: ["model.alias of row: alias; changes aliases; from; to"]
            ) { try $0.models.setAlias("champion", to: $1.version.id, of: $1.model.id) },
            Call(
                "removeAlias", .maintainers,
                entries: [
                    "model.alias of row: alias; changes aliases; from; to",
                    "model.alias of row: alias; changes aliases; from; to",
                ]
            ) {
                try $0.models.setAlias("old", to: $1.version.id, of: $1.model.id)
                try $0.models.removeAlias("old", of: $1.model.id)
            },
            Call("aliases", .readers) { try $0.models.aliases(of: $1.model.id) },
            Call(
                "setPromotionPolicy", .owners,
                entries: ["model.policy of row: changes promotion_policy; \(policy); stage"]
            ) { tx, site in
                try tx.models.setPromotionPolicy(
                    PromotionPolicy(), for: .production, of: site.model.id)
            },
            Call("promotionPolicy", .readers) {
                _ = try $0.models.promotionPolicy(for: .production, of: $1.model.id)
            },
        ])

    /// The members of a policy in the trail.
    static let policy =
        "policy approvals approver_role archives_current checks evidence four_eyes"

    private static let modelVersions = calls(
        of: ModelVersion.self, insert: .contributors, read: .readers, update: .contributors,
        delete: .contributors, purge: .owners,
        trail: Trail(
            entity: "model_version",
            created: """
                artifact_uri model_id model_schema model_size_bytes number \
                performance_metrics promotion source_run_id stage tags training_metrics version
                """,
            restored: "model_versions"),
        own: [
            Call(
                "insert with a source run", .contributors,
                entries: [
                    """
                    model_version.create of other: changes artifact_uri model_id model_schema \
                    model_size_bytes number performance_metrics promotion source_run_id stage \
                    tags training_metrics version
                    """
                ]
            ) {
                try $0.modelVersions.insert(
                    Fixtures.modelVersion(9, of: $1.own.model.id, sourceRun: $1.run.id))
            },
            Call(
                "update in production", .maintainers,
                entries: ["model_version.update of other: changes"]
            ) { try $0.modelVersions.update($1.live) },
            Call(
                "delete in production", .maintainers,
                entries: ["model_version.delete of other: rows model_versions"]
            ) { try $0.modelVersions.delete($1.live.id) },
            Call(
                "restore to production", .maintainers,
                entries: ["model_version.restore of other: rows model_versions"]
            ) { try $0.modelVersions.restore($1.formerLive.id) },
            Call(
                "promote", .maintainers,
                entries: ["model_version.promote of row: changes promotion stage"]
            ) { try $0.modelVersions.promote($1.version.id, to: .production) },
            Call(
                "promote to staging", .contributors,
                entries: ["model_version.promote of row: changes promotion stage"]
            ) { try $0.modelVersions.promote($1.version.id, to: .staging) },
            Call(
                "promote from production", .maintainers,
                entries: ["model_version.promote of other: changes promotion stage"]
            ) { try $0.modelVersions.promote($1.live.id, to: .archived) },
            Call(
                "promote archiving others", .maintainers,
                entries: [
                    "model_version.promote of row: changes promotion stage",
                    "model_version.promote of other: changes promotion stage",
                ]
            ) {
                try $0.modelVersions.promote($1.version.id, to: .production, archivingCurrent: true)
            },
            Call(
                "promote against the gates", .owners,
                entries: ["model_version.promote of row: changes promotion stage"]
            ) { tx, site in
                try tx.modelVersions.promote(
                    site.version.id, to: .staging, archivingCurrent: nil, overriding: "because")
            },
            Call("promotionReport", .readers) {
                try $0.modelVersions.promotionReport(of: $1.version.id, to: .production)
            },
            Call(
                "requestPromotion", .contributors,
                entries: ["model_version.request of row: changes promotion; stage"]
            ) { try $0.modelVersions.requestPromotion(of: $1.version.id, to: .production) },
            Call(
                "approve", .maintainers,
                entries: ["model_version.approve of row: changes promotion; stage"]
            ) { try $0.modelVersions.approve($1.version.id, for: .production) },
            Call(
                "reject", .maintainers,
                entries: ["model_version.reject of row: changes promotion; note; stage"]
            ) { try $0.modelVersions.reject($1.version.id, for: .production, note: "too slow") },
            Call("version(_:of:)", .readers) {
                try $0.modelVersions.version($1.version.version, of: $1.model.id)
            },
            Call("version(alias:of:)", .readers) {
                try $0.modelVersions.version(alias: "latest", of: $1.model.id)
            },
            Call("of(model:)", .readers) { try $0.modelVersions.of(model: $1.model.id) },
            Call("inStage", .readers) {
                try $0.modelVersions.inStage(.development, of: $1.model.id)
            },
            Call("latest", .readers) { try $0.modelVersions.latest(of: $1.model.id) },
            Call("nextVersion", .readers) { try $0.modelVersions.nextVersion(of: $1.model.id) },
            Call("using", .everybody, exempt: .takesNoKey) { tx, _ in
                try tx.modelVersions.using(datasetDigest: "none")
            },
            Call("lineage", .readers) { try $0.modelVersions.lineage(of: $1.version.id) },
        ])
}
