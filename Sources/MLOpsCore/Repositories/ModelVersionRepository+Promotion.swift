import Foundation

extension SQLRepository where Record == ModelVersion {
    func promote(
        _ id: Identifier<ModelVersion>, to stage: ModelStage, archivingCurrent: Bool?,
        overriding reason: String?
    ) throws -> ModelVersion {
        // The lock serializes promotions, so that each archives what the previous one promoted. It
        // is taken before those of versions: otherwise two promotions could wait for each other.
        try SQLRepository<Model>(transaction).lock(try find(id).modelID)
        let (version, role) = try findWithRole(id, to: .write)
        var promoted = version
        promoted.stage = stage
        try transaction.require(.write, promoted, in: role)
        if let reason {
            try transaction.require(.project(.owner), to: .write, in: role, of: Record.entityName)
            try checkIsGiven(reason)
        }
        let policy = try policy(for: stage, of: version.modelID)
        if version.stage != stage {
            promoted = try enter(stage, version, under: policy, overriding: reason)
        }
        if archivingCurrent ?? policy?.archivesCurrent ?? false, stage != .archived {
            for other in try inStage(stage, of: version.modelID) where other.id != id {
                let other = try find(other.id, to: .write)
                var promotion = try other.promotion(overriding: reason)
                (promotion.enteredAt, promotion.baseline) = (transaction.now, nil)
                try record(
                    promotion, of: other, as: "promote", [:], "stage = \(ModelStage.archived)")
            }
        }
        return promoted
    }

    /// Lets a version enter a stage, or keeps what the gates have said and refuses.
    private func enter(
        _ stage: ModelStage, _ version: ModelVersion, under policy: PromotionPolicy?,
        overriding reason: String?
    ) throws -> ModelVersion {
        var promotion = try version.promotion(overriding: reason)
        let gates = try gates(of: version, to: stage, under: policy)
        var report = gates.report(at: transaction.now)
        guard report.passed || reason != nil else {
            promotion.report = report
            try record(promotion, of: version, as: "refuse", ["report": report.json])
            throw StoreError.promotionRefused(version, report)
        }
        let verb = report.passed ? "promote" : "override"
        if !report.passed { report.overriding = reason }
        promotion.settle(stage)
        (promotion.report, promotion.enteredAt) = (report, transaction.now)
        promotion.baseline = stage == .production ? gates.baselineToBe : nil
        let promoted = try record(
            promotion, of: version, as: verb,
            policy == nil && report.checks.isEmpty ? [:] : ["report": report.json],
            "stage = \(stage)")
        try AlertEvents(transaction: inside(version).transaction).decided(
            promoted, stage, report.passed ? "promoted" : "overridden", note: reason)
        return promoted
    }

    func promotionReport(
        of id: Identifier<ModelVersion>, to stage: ModelStage
    ) throws -> PromotionReport {
        let version = try find(id)
        _ = try version.promotion(overriding: nil)
        let policy = try policy(for: stage, of: version.modelID)
        return try gates(of: version, to: stage, under: policy).report(at: transaction.now)
    }

    func requestPromotion(
        of id: Identifier<ModelVersion>, to stage: ModelStage, note: String?
    ) throws -> ModelVersion {
        let version = try find(id, to: .write)
        try checkIsElsewhere(version, than: stage)
        var promotion = try version.promotion(overriding: nil)
        promotion.requests.removeAll { $0.stage == stage }
        promotion.requests.append(
            Promotion.Request(
                stage: stage, userID: try transaction.actingUser(), date: transaction.now,
                note: note))
        let requested = try record(
            promotion, of: version, as: "request", Self.details(stage, note))
        try AlertEvents(transaction: inside(version).transaction).decided(
            requested, stage, "requested", note: note)
        return requested
    }

    func approve(
        _ id: Identifier<ModelVersion>, for stage: ModelStage, note: String?
    ) throws -> ModelVersion { try decide(id, stage, approves: true, note: note) }

    func reject(
        _ id: Identifier<ModelVersion>, for stage: ModelStage, note: String?
    ) throws -> ModelVersion { try decide(id, stage, approves: false, note: note) }

    private func decide(
        _ id: Identifier<ModelVersion>, _ stage: ModelStage, approves: Bool, note: String?
    ) throws -> ModelVersion {
        let (version, role) = try findWithRole(id, to: .write)
        let policy = try policy(for: stage, of: version.modelID)
        let least = max(policy?.approverRole ?? .maintainer, .maintainer)
        try transaction.require(.project(least), to: .write, in: role, of: Record.entityName)
        try checkIsElsewhere(version, than: stage)
        var promotion = try version.promotion(overriding: nil)
        promotion.add(
            Promotion.Decision(
                stage: stage, approves: approves, userID: try transaction.decidingUser(),
                isOfOperator: transaction.access.isTrusted, date: transaction.now, note: note,
                subject: try subject(version).digest()))
        let decided = try record(
            promotion, of: version, as: approves ? "approve" : "reject", Self.details(stage, note))
        try AlertEvents(transaction: inside(version).transaction).decided(
            decided, stage, approves ? "approved" : "rejected", note: note)
        return decided
    }

    /// Writes a promotion, and its entry in the trail.
    @discardableResult
    private func record(
        _ promotion: Promotion, of version: ModelVersion, as verb: String,
        _ details: [String: JSONValue], _ assignment: Fragment? = nil
    ) throws -> ModelVersion {
        let document: Fragment = "promotion = \(promotion.json)"
        return try set(
            assignment.map { "\($0), \(document)" } ?? document, of: version, as: verb, details)
    }

    private static func details(_ stage: ModelStage, _ note: String?) -> [String: JSONValue] {
        var details: [String: JSONValue] = ["stage": .string(stage.rawValue)]
        details["note"] = note.map { .string($0) }
        return details
    }

    private func checkIsElsewhere(_ version: ModelVersion, than stage: ModelStage) throws {
        guard version.stage == stage else { return }
        throw StoreError(
            .conflict, "The version \(version.version) is in \(stage.rawValue) already.",
            entity: Record.entityName, field: Record.columns.stage.name)
    }

    private func checkIsGiven(_ reason: String) throws {
        guard !reason.contains(where: { !$0.isWhitespace }) else { return }
        throw StoreError(
            .invalidValue, "Whoever overrides a gate gives a reason.",
            entity: Record.entityName, field: "overriding")
    }
}

// MARK: - What the gates look at

extension SQLRepository where Record == ModelVersion {
    fileprivate func policy(
        for stage: ModelStage, of model: Identifier<Model>
    ) throws -> PromotionPolicy? {
        try SQLRepository<Model>(transaction.unrestricted).promotionPolicy(for: stage, of: model)
    }

    /// The gates see what the principal may not: they do not depend on who promotes.
    private func gates(
        of version: ModelVersion, to stage: ModelStage, under policy: PromotionPolicy?
    ) throws -> PromotionGates {
        let comparesWithProduction =
            policy?.checks.contains { $0.absoluteChange != nil || $0.relativeChange != nil } == true
        let candidate = try subject(version)
        return PromotionGates(
            stage: stage, policy: policy, candidate: candidate,
            baseline: comparesWithProduction ? try inProduction(besides: version) : nil,
            decisions: try decisions(about: candidate, for: stage, under: policy))
    }

    private func subject(_ version: ModelVersion) throws -> PromotionGates.Subject {
        let runs = SQLRepository<ExperimentRun>(inside(version).transaction.unrestricted)
        return PromotionGates.Subject(
            version: version, run: try version.sourceRunID.flatMap { try runs.findIfExists($0) })
    }

    /// The version that entered production last.
    private func inProduction(besides candidate: ModelVersion) throws -> PromotionGates.Subject? {
        let versions = SQLRepository(transaction.unrestricted)
        let others = try versions.inStage(.production, of: candidate.modelID)
            .filter { $0.id != candidate.id }
        func entered(_ version: ModelVersion) throws -> Date {
            try version.promotion(overriding: nil).enteredAt ?? version.createdAt
        }
        let newest = try others.max { (try entered($0), $0.id) < (try entered($1), $1.id) }
        return try newest.map {
            var subject = try subject($0)
            subject.kept = $0.promotion.baseline
            return subject
        }
    }

    /// The decisions that count; without a policy those of maintainers.
    private func decisions(
        about subject: PromotionGates.Subject, for stage: ModelStage,
        under policy: PromotionPolicy?
    ) throws -> [Promotion.Decision] {
        let all = subject.version.promotion.decisions.filter { $0.stage == stage }
        guard !all.isEmpty else { return [] }
        let digest = try subject.digest()
        let model = try SQLRepository<Model>(transaction.unrestricted).find(subject.version.modelID)
        let least = max(policy?.approverRole ?? .maintainer, .maintainer)
        return try all.filter { decision in
            guard decision.subject == digest else { return false }
            if decision.isOfOperator { return true }
            let role = try transaction.role(
                of: decision.userID, in: model.projectID, of: model.organizationID)
            return role.map { $0 >= least } ?? false
        }
    }
}

extension SQLTransaction {
    /// Who decides, and is an author: with a key that somebody made for another user, its maker.
    func decidingUser() throws -> Identifier<User> {
        try authority()?.key?.limits.maker ?? actingUser()
    }

    /// The effective role of a user in a project; `nil` for one who may not act.
    fileprivate func role(
        of user: Identifier<User>, in project: Identifier<Project>,
        of organization: Identifier<Organization>
    ) throws -> ProjectRole? {
        let ids = [StoredValue.uuid(organization.uuid), .uuid(user.uuid)]
        let standing = try rows(Fragment(Authority.selectionByUser, ids)) {
            // It is an error when the user or the membership is not active.
            try? Authority(of: user, standing: &$0)
        }.first
        guard let authority = standing ?? nil else { return nil }
        return authority.effective(
            try unrestricted.projectMembers.membership(of: user, in: project)?.role)
    }
}

extension StoreError {
    fileprivate static func promotionRefused(
        _ version: ModelVersion, _ report: PromotionReport
    ) -> StoreError {
        let failures = report.failures.map(\.description).joined(separator: "; ")
        var error = StoreError(
            .promotionRefused,
            "The version \(version.version) does not pass the gates of \(report.stage.rawValue): "
                + "\(failures).",
            entity: ModelVersion.entityName, field: ModelVersion.columns.stage.name)
        error.promotion = report
        return error
    }
}

extension ModelVersion {
    /// What has happened on the way into a stage; nothing, where an owner overrides damage.
    ///
    /// - Throws: `.corrupt` when it cannot be read: a rejection may be in it.
    func promotion(overriding reason: String?) throws -> Promotion {
        guard promotion.damaged != nil else { return promotion }
        guard reason == nil else { return Promotion() }
        throw StoreError(
            .corrupt,
            "The requests and decisions of the version \(version) (\(id)) cannot be read; an owner "
                + "of the project moves it with `overriding:`, which begins them anew.",
            entity: Self.entityName, field: Self.columns.promotion.name)
    }
}

// MARK: - Policies

extension SQLRepository where Record == Model {
    func setPromotionPolicy(
        _ policy: PromotionPolicy?, for stage: ModelStage, of id: Identifier<Model>
    ) throws -> Model {
        try policy?.validate()
        let (model, role) = try findWithRole(id, to: .write)
        try transaction.require(.project(.owner), to: .write, in: role, of: Record.entityName)
        var policies = model.promotionPolicies
        policies.set(policy, for: stage)
        return try set(
            "promotion_policy = \(policies.json)", of: model, as: "policy",
            policy.details(for: stage))
    }

    func promotionPolicy(
        for stage: ModelStage, of id: Identifier<Model>
    ) throws -> PromotionPolicy? {
        let model = try find(id)
        let own = try readable(stage, of: "model", model, field: Record.columns.promotionPolicies) {
            try model.promotionPolicies[stage]
        }
        if let own { return own }
        let project = try SQLRepository<Project>(transaction.unrestricted).find(model.projectID)
        return try readable(stage, of: "project", project, field: Project.columns.settings) {
            try project.promotionPolicies[stage]
        }
    }

    /// Whether a stage has gates; also where its policy cannot be read, and nothing passes.
    func hasGates(_ stage: ModelStage, of id: Identifier<Model>) throws -> Bool {
        do {
            return try promotionPolicy(for: stage, of: id) != nil
        } catch let error as StoreError where error.field != nil && error.code == .corrupt {
            // Versions begin in development: they have passed nothing to be there.
            return stage != .development
        }
    }

    /// Says which row has a policy that cannot be read, and what to do.
    private func readable<Row: Entity>(
        _ stage: ModelStage, of noun: String, _ row: Row, field: some NamedColumn,
        _ body: () throws -> PromotionPolicy?
    ) throws -> PromotionPolicy? {
        do {
            return try body()
        } catch let error as StoreError where error.code == .corrupt {
            throw StoreError(
                .corrupt,
                "The promotion policy for \(stage.rawValue) of the \(noun) \(row.id) cannot be "
                    + "read; an owner of the project sets it anew. \(error.message)",
                entity: Row.entityName, field: field.name)
        }
    }
}

extension SQLRepository where Record == Project {
    func setPromotionPolicy(
        _ policy: PromotionPolicy?, for stage: ModelStage, of id: Identifier<Project>
    ) throws -> Project {
        try policy?.validate()
        let project = try find(id, to: .write)
        var policies = project.promotionPolicies
        policies.set(policy, for: stage)
        let settings = project.settings.replacing(Project.promotionKey, with: policies.json)
        return try set(
            "settings = \(settings)", of: project, as: "policy", policy.details(for: stage))
    }
}

extension PromotionPolicy? {
    fileprivate func details(for stage: ModelStage) -> [String: JSONValue] {
        ["stage": .string(stage.rawValue), "policy": self?.json ?? .null]
    }
}

extension JSONValue {
    /// An object with another value for a member, or without the member.
    func replacing(_ key: String, with value: JSONValue?) -> JSONValue {
        var members = object ?? [:]
        members[key] = value
        return .object(members)
    }
}
