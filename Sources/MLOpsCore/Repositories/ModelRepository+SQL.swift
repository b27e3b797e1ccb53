extension SQLRepository: ModelRepository where Record == Model {
    func named(_ name: String, in project: Identifier<Project>) throws -> Model? {
        try first { $0.projectID == project && $0.name == name }
    }

    func findOrCreate(_ model: Model) throws -> Model {
        try transaction.findOrInsert {
            try named(model.name, in: model.projectID)
        } insert: {
            try insert(model)
        }.value
    }
}

extension Model: StoredSoftDeletable {}
