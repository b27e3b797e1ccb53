import Foundation
import MLOpsCore

/// Where a call of an MLflow client works: one transaction, in one project.
struct MLflowSite {
    let tx: any Transaction
    private let visitor: Visitor

    init(_ visitor: Visitor, _ tx: any Transaction) {
        self.tx = tx
        self.visitor = visitor
    }

    private static let defaultProject = "Default"
    private static let defaultExperiment = "Default"

    /// The project that the path names, else the only one that a key reaches, else the default one.
    ///
    /// - Returns: `nil` if the default one has not been made yet.
    private func existingProject() throws -> Project? {
        if let slug = visitor.project {
            guard let project = try tx.projects.withSlug(slug) else {
                throw MLflowError.absent("There is no project \(slug).")
            }
            return project
        }
        if case .apiKey = visitor.workspace.principal {
            let reached = try tx.projects.page(Query<Project>(limit: 2))
            if reached.count == 1 { return reached[0] }
        }
        return try tx.projects.named(Self.defaultProject)
    }

    /// The project, for what is to be found in it.
    func project() throws -> Identifier<Project> { try existingProject()?.id ?? .unassigned }

    /// The project, for what is to be made in it.
    func projectToWrite() throws -> Identifier<Project> {
        try existingProject()?.id ?? tx.projects.findOrCreate(named: Self.defaultProject).id
    }

    // MARK: Ids

    /// A UUID as clients see it: 32 hexadecimal digits.
    static func wire<Record>(_ id: Identifier<Record>) -> String {
        id.description.replacing("-", with: "")
    }

    /// The id that a text of a client is, with or without dashes.
    static func id<Record>(_ text: String, of type: Record.Type) -> Identifier<Record>? {
        Identifier(text) ?? Identifier(hexadecimal: text)
    }

    // MARK: Experiments

    /// The experiment of an id; `0` is the default one.
    ///
    /// - Parameter makesDefault: Whether the default one is made where it is not there.
    func experiment(
        _ text: String, makesDefault: Bool = false, deleted: DeletedRows = .included
    ) throws -> Experiment {
        if text == "0" {
            let found =
                makesDefault
                ? try tx.experiments.findOrCreate(
                    Experiment(project: try projectToWrite(), name: Self.defaultExperiment))
                : try tx.experiments.named(Self.defaultExperiment, in: try project())
            if let found { return found }
        }
        if let id = Self.id(text, of: Experiment.self),
            let found = try tx.experiments.page(
                Query<Experiment>(where: { $0.id == id }, limit: 1, deleted: deleted)
            ).first
        {
            return found
        }
        throw MLflowError.absent("No Experiment with id=\(text) exists")
    }
}

extension Date {
    /// Milliseconds since 1970, as MLflow counts; the store's microseconds are cut.
    var milliseconds: Int64 {
        // By whole microseconds: a fraction of a second is seldom a double.
        let micros = Int64((timeIntervalSince1970 * 1_000_000).rounded())
        return (micros - (micros % 1000 + 1000) % 1000) / 1000
    }

    init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }
}
