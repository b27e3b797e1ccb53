extension SQLRepository where Record == Model {
    func setAlias(
        _ alias: String, to version: Identifier<ModelVersion>, of id: Identifier<Model>
    ) throws -> Model {
        let model = try findToName(id)
        let alias = try ModelAlias.checked(alias)
        let versions = SQLRepository<ModelVersion>(transaction)
        // So that nobody deletes the version before the transaction ends.
        try versions.lock(version, .shared)
        guard try versions.find(version).modelID == id else {
            throw StoreError(
                .invalidValue, "An alias of a model names a version of that model.",
                entity: Record.entityName, field: "aliases")
        }
        return try name(version, alias, in: model)
    }

    func removeAlias(_ alias: String, of id: Identifier<Model>) throws -> Model {
        try name(nil, alias.asName, in: findToName(id))
    }

    func aliases(of id: Identifier<Model>) throws -> [String: ModelVersion] {
        let model = try find(id)
        let named = Set(model.aliases.versions.values)
        guard !named.isEmpty else { return [:] }
        let versions = try transaction.modelVersions.all {
            $0.modelID == id && $0.id.isIn(named)
        }
        let byID = Dictionary(uniqueKeysWithValues: versions.map { ($0.id, $0) })
        return model.aliases.versions.compactMapValues { byID[$0] }
    }

    /// The model, locked, if the principal may name its versions.
    private func findToName(_ id: Identifier<Model>) throws -> Model {
        try transaction.checkWritable()
        let (model, role) = try findWithRole(id, to: .write)
        try transaction.require(
            .project(.maintainer), to: .write, in: role, of: Record.entityName)
        return model
    }

    private func name(
        _ version: Identifier<ModelVersion>?, _ alias: String, in model: Model
    ) throws -> Model {
        var aliases = model.aliases
        aliases[alias] = version
        guard aliases != model.aliases else { return model }
        return try set(
            "aliases = \(aliases.json)", of: model, as: "alias",
            Self.details(alias, from: model.aliases[alias], to: version))
    }

    private static func details(
        _ alias: String, from: Identifier<ModelVersion>?, to: Identifier<ModelVersion>?
    ) -> [String: JSONValue] {
        ["alias": .string(alias), "from": from?.json ?? .null, "to": to?.json ?? .null]
    }

    /// Removes the aliases of a version that is purged, also from a deleted model.
    func removeAliases(of version: ModelVersion) throws {
        try lock(version.modelID)
        let model = try anyRecord(version.modelID)
        let names = model.aliases(of: version.id)
        guard !names.isEmpty else { return }
        var aliases = model.aliases
        for name in names { aliases[name] = nil }
        try transaction.execute(
            """
            UPDATE models SET aliases = \(aliases.json), updated_at = \(transaction.now), \
            revision = revision + 1 WHERE \(row(model.id))
            """)
        for name in names {
            try note("alias", model, Self.details(name, from: version.id, to: nil))
        }
    }
}

extension SQLRepository where Record == ModelVersion {
    func version(alias: String, of id: Identifier<Model>) throws -> ModelVersion? {
        switch ModelAlias.reserved(alias.asName) {
        case .latest: return try latest(of: id)
        case .number(let number):
            _ = try transaction.models.find(id)
            return try number.flatMap { number in
                try first { $0.modelID == id && $0.number == number }
            }
        case nil:
            let model = try transaction.models.find(id)
            let found = try model.aliases[alias.asName].flatMap { try findIfExists($0) }
            return found?.modelID == id ? found : nil
        }
    }
}
