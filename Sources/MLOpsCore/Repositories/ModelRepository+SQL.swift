extension SQLRepository: ModelRepository where Record == Model {
    func named(_ name: String, in project: Identifier<Project>) throws -> Model? {
        try first { $0.projectID == project && $0.name == name }
    }
}

extension Model: StoredSoftDeletable {}
