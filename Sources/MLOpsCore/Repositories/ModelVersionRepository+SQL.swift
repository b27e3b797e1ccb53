extension SQLRepository: ModelVersionRepository where Record == ModelVersion {
    func version(_ version: String, of model: Identifier<Model>) throws -> ModelVersion? {
        try first { $0.modelID == model && $0.version == version }
    }

    func of(model: Identifier<Model>) throws -> [ModelVersion] {
        _ = try transaction.models.find(model)
        return try all(where: { $0.modelID == model }, order: newestFirst)
    }

    func inStage(_ stage: ModelStage, of model: Identifier<Model>) throws -> [ModelVersion] {
        _ = try transaction.models.find(model)
        return try all(where: { $0.modelID == model && $0.stage == stage }, order: newestFirst)
    }

    func latest(of model: Identifier<Model>) throws -> ModelVersion? {
        _ = try transaction.models.find(model)
        return try first(where: { $0.modelID == model }, order: newestFirst)
    }

    func nextVersion(of model: Identifier<Model>) throws -> String {
        try SQLRepository<Model>(transaction).lock(model)
        _ = try transaction.models.find(model)
        let versions: [String] = try transaction.rows(
            """
            SELECT version FROM model_versions
            WHERE model_id = \(model) AND \(tenant)
            """
        ) { try $0.next() }
        return ModelVersion.next(after: versions)
    }

    func lineage(of id: Identifier<ModelVersion>) throws -> Lineage {
        let version = try find(id)
        let model = try transaction.models.find(version.modelID)
        let transaction = inside(version).transaction
        let project = try transaction.projects.find(model.projectID)
        let run = try version.sourceRunID.flatMap { try transaction.runs.findIfExists($0) }
        let experiment = try run.flatMap {
            try transaction.experiments.findIfExists($0.experimentID)
        }
        return Lineage(
            version: version, model: model, project: project, run: run, experiment: experiment)
    }

    private func newestFirst(_ columns: ModelVersion.Columns) -> [Order<ModelVersion>] {
        [columns.createdAt.descending, columns.id.descending]
    }
}

extension ModelVersion: StoredSoftDeletable {
    /// Numbers new versions of each model; historical ones keep a number of their own.
    static func prepareInserts(
        _ rows: inout [ModelVersion], from source: InsertSource, in transaction: SQLTransaction
    ) throws {
        // A workspace stores them all in its organization, whatever they are copies of.
        let places = rows.map {
            TenantRow($0.modelID, of: transaction.organizationID ?? $0.organizationID)
        }
        // In one order, so that two transactions do not wait for each other.
        let models = Set(places).sorted { ($0.organization, $0.id) < ($1.organization, $1.id) }
        for model in models {
            let positions = rows.indices.filter { places[$0] == model }
            let transaction = transaction.inside(model.organization)
            let open = positions.filter { source != .history || rows[$0].number == 0 }
            let isOpen = Set(open)
            guard !open.isEmpty else { continue }
            try SQLRepository<Model>(transaction).lock(model.id)
            let stored = try transaction.integer(
                """
                SELECT coalesce(max(number), 0) FROM (
                    SELECT number FROM model_versions WHERE model_id = \(model.id)
                    AND \(SQLRepository<ModelVersion>(transaction).tenant)
                    UNION ALL SELECT purged_number FROM models
                    WHERE \(SQLRepository<Model>(transaction).row(model.id))
                ) AS numbers
                """)
            let given = positions.map { isOpen.contains($0) ? 0 : rows[$0].number }
            let last = max(stored, given.max() ?? 0)
            guard last <= Int.max - open.count else { throw Self.noNumberLeft }
            for (offset, position) in open.enumerated() {
                rows[position].number = last + offset + 1
            }
        }
    }

    private static var noNumberLeft: StoreError {
        StoreError(
            .invalidValue, "The model has a version with the largest number; none follows it.",
            entity: entityName, field: columns.number.name)
    }

    /// Writes the hash in lower case, as artifacts are found by it.
    func prepared(
        from source: InsertSource?, in transaction: SQLTransaction
    ) throws -> ModelVersion {
        var version = self
        version.artifactSHA256 = artifactSHA256?.lowercased()
        if source == .caller { try version.checkAddress(in: transaction) }
        return version
    }

    /// Checks that a run which the principal sees has recorded the artifact, if the store is said
    /// to keep it: whoever knows a hash could otherwise read a file of any project.
    ///
    /// - Throws: `.invalidValue`.
    private func checkAddress(in transaction: SQLTransaction) throws {
        guard transaction.principal != nil, let artifactURI, ArtifactAddress.isOne(artifactURI)
        else { return }
        let address = ArtifactAddress(artifactURI)
        let run = try sourceRunID.flatMap { try transaction.runs.findIfExists($0) }
        guard let address, let run, address.sha256 == artifactSHA256,
            address.artifact(in: run) != nil
        else {
            throw StoreError(
                .invalidValue,
                "A version with an artifact in the store has its SHA-256, and as its source a run "
                    + "that recorded it; use `register`.",
                entity: Self.entityName, field: Self.columns.artifactURI.name)
        }
    }

    /// Keeps what a version showed at the gates of its stage, and notes who changes it elsewhere.
    ///
    /// Changing what an alias serves, and deleting it, requires the role that sets the alias.
    ///
    /// - Throws: `.conflict` in a stage with gates; `.permissionDenied`.
    func checkChange(to new: ModelVersion?, in transaction: SQLTransaction) throws {
        if new.map({ !servesSame(as: $0) }) ?? true {
            try checkAliases(to: new == nil ? .delete : .write, in: transaction)
            try new?.checkAddress(in: transaction)
        }
        guard let new, !isSameSubject(as: new) else { return }
        let models = SQLRepository<Model>(transaction.unrestricted)
        guard try !models.hasGates(stage, of: modelID) else {
            throw StoreError(
                .conflict,
                "The version passed the gates of \(stage.rawValue) with other figures or another "
                    + "artifact; make a new version, or take it out of the stage first.",
                entity: Self.entityName, field: Self.columns.stage.name)
        }
        guard transaction.principal != nil else { return }
        let user = try transaction.decidingUser()
        guard user != createdBy else { return }
        _ = try promotion(overriding: nil)
        try noteAuthor(user, in: transaction)
    }

    /// Notes with a key for another user who made it: an admin could otherwise make versions with
    /// such keys, and approve them.
    static func finishInserts(_ rows: [ModelVersion], in transaction: SQLTransaction) throws {
        guard transaction.principal != nil else { return }
        let user = try transaction.decidingUser()
        for version in rows { try version.noteAuthor(user, in: transaction) }
    }

    /// Adds somebody to the authors, without a new revision; what cannot be read passes no gate.
    private func noteAuthor(_ user: Identifier<User>, in transaction: SQLTransaction) throws {
        guard user != createdBy, promotion.damaged == nil, !promotion.authors.contains(user) else {
            return
        }
        var promotion = promotion
        promotion.authors.append(user)
        try transaction.execute(
            """
            UPDATE model_versions SET promotion = \(promotion.json) \
            WHERE \(SQLRepository(transaction).row(self))
            """)
    }

    /// Notes who changes the figures of a run among the authors of its versions, deleted ones
    /// included: they may come back.
    ///
    /// Who made the run is an author anyway, so that whoever logs the own run costs nothing.
    static func noteAuthor(
        ofFiguresOf run: ExperimentRun, in transaction: SQLTransaction
    ) throws {
        guard transaction.principal != nil else { return }
        let user = try transaction.decidingUser()
        guard user != run.createdBy else { return }
        let ids = try transaction.rows(
            """
            SELECT id FROM model_versions \
            WHERE organization_id = \(run.organizationID) AND source_run_id = \(run.id)
            """
        ) { try $0.next(Identifier<ModelVersion>.self) }
        let versions = SQLRepository<ModelVersion>(transaction.unrestricted)
        for id in ids {
            // Somebody may decide, promote or change it now.
            if try versions.anyRecord(id).promotion.authors.contains(user) { continue }
            try versions.lock(id)
            try versions.anyRecord(id).noteAuthor(user, in: transaction)
        }
    }

    /// Whether whoever loads it gets the same.
    private func servesSame(as other: ModelVersion) -> Bool {
        artifactSHA256 == other.artifactSHA256 && artifactURI == other.artifactURI
            && modelSchema == other.modelSchema && sourceRunID == other.sourceRunID
    }

    /// Checks that the principal may name versions, if an alias names this one.
    private func checkAliases(
        to action: PermissionAction, in transaction: SQLTransaction
    ) throws {
        guard transaction.principal != nil else { return }
        let models = SQLRepository<Model>(transaction.unrestricted)
        guard try !models.anyRecord(modelID).aliases(of: id).isEmpty else { return }
        let versions = SQLRepository<ModelVersion>(transaction)
        let role =
            try transaction.rows(
                """
                SELECT \(transaction.projectRole(in: Self.table, as: Self.table.name)) \
                FROM \(raw: Self.table.name) WHERE \(versions.row(self))
                """
            ) { try $0.next(ProjectRole?.self) }.first ?? nil
        try transaction.require(
            .project(.maintainer), to: action, in: role, of: Self.entityName)
    }

    /// Whether what decisions about a promotion are bound to is the same.
    private func isSameSubject(as other: ModelVersion) -> Bool {
        artifactSHA256 == other.artifactSHA256 && artifactURI == other.artifactURI
            && performanceMetrics == other.performanceMetrics
            && modelSchema == other.modelSchema && sourceRunID == other.sourceRunID
    }

    /// Removes the aliases that name the version, and notes that its number was given.
    func finishPurge(in transaction: SQLTransaction) throws {
        let models = SQLRepository<Model>(transaction.unrestricted)
        try models.removeAliases(of: self)
        // Without a new revision: nobody has changed the model.
        try transaction.execute(
            """
            UPDATE models SET purged_number = \(number) \
            WHERE \(models.row(modelID)) AND purged_number < \(number)
            """)
    }

    /// Archives a version that comes back to a stage with gates: it has to pass them again.
    ///
    /// What was deleted and comes back with its model keeps its stage.
    func finishRestore(in transaction: SQLTransaction) throws {
        guard stage != .archived else { return }
        let models = SQLRepository<Model>(transaction.unrestricted)
        guard try models.hasGates(stage, of: modelID) else { return }
        try SQLRepository<ModelVersion>(transaction).set(
            "stage = \(ModelStage.archived)", of: self, as: "promote")
    }
}
