extension SQLRepository: ExperimentRepository where Record == Experiment {
    func named(_ name: String, in project: Identifier<Project>) throws -> Experiment? {
        try first { $0.projectID == project && $0.name == name }
    }

    func findOrCreate(_ experiment: Experiment) throws -> Experiment {
        try transaction.findOrInsert {
            try named(experiment.name, in: experiment.projectID)
        } insert: {
            try insert(experiment)
        }.value
    }

    func of(project: Identifier<Project>) throws -> [Experiment] {
        _ = try transaction.projects.find(project)
        return try all(
            where: { $0.projectID == project },
            order: { [$0.createdAt.descending, $0.id.descending] })
    }
}

extension Experiment: StoredSoftDeletable {}
