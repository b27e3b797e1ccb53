import MLOpsCore

/// A record that a command finds by its name, or by its id or a part of it.
protocol NamedRecord: Entity {
    /// The noun for one record in messages.
    static var noun: String { get }

    /// Its name, which need not be unique.
    var shownName: String { get }

    /// The condition for the rows with a name.
    static func isNamed(_ name: String) -> Filter<Self>
}

extension NamedRecord {
    /// The live row with a name, an id, or four or more characters at either end of its id.
    ///
    /// - Throws: `Failure` when there is none, or several have the name or the part.
    static func find(
        _ text: String, in tx: any Transaction, where scope: Filter<Self>? = nil
    ) throws -> Self {
        let isWanted = scope.map { $0 && isNamed(text) } ?? isNamed(text)
        let named = try tx.repository(of: Self.self).page(
            where: { _ in isWanted }, limit: Failure.namesShown)
        guard named.count < 2 else {
            let list = named.map(\.id.description).joined(separator: ", ")
            throw Failure(.usage, "several \(noun)s have the name \(text); take an id: \(list)")
        }
        if let found = named.first { return found }
        let found = try ShortID.find(text, of: Self.self, in: tx, called: noun, where: scope)
        guard let found else { throw try absent(text, in: tx, where: scope) }
        return found
    }

    /// The error that no row has a name; it lists existing names, as one was probably meant.
    private static func absent(
        _ name: String, in tx: any Transaction, where scope: Filter<Self>? = nil
    ) throws -> Failure {
        let query = Query<Self>(
            where: scope.map { scope in { _ in scope } }, limit: Failure.namesShown + 1)
        let names = try tx.repository(of: Self.self).page(query).map(\.shownName)
        return .absent(noun, name, among: names)
    }
}

extension Failure {
    /// The most names that an error lists.
    static let namesShown = 10

    /// The error that nothing has a name; it lists existing names.
    static func absent(_ noun: String, _ name: String, among names: [String]) -> Failure {
        Failure(.negative, "there is no \(noun) \(name)" + hint(names))
    }

    /// The end of a message, which lists the existing names or the first of them.
    static func hint(_ names: [String]) -> String {
        let names = Set(names).sorted()
        guard !names.isEmpty else { return "" }
        let list = names.prefix(namesShown).joined(separator: ", ")
        return "; there are: \(list)" + (names.count > namesShown ? ", ..." : "")
    }
}

extension Project: NamedRecord {
    static let noun = "project"
    var shownName: String { slug }
    static func isNamed(_ name: String) -> Filter<Project> {
        columns.slug == Slug.normalized(name)
    }
}

extension Experiment: NamedRecord {
    static let noun = "experiment"
    var shownName: String { name }
    static func isNamed(_ name: String) -> Filter<Experiment> { columns.name == name }
}

extension ExperimentRun: NamedRecord {
    static let noun = "run"
    var shownName: String { runName }
    static func isNamed(_ name: String) -> Filter<ExperimentRun> { columns.runName == name }
}

extension Model: NamedRecord {
    static let noun = "model"
    var shownName: String { name }
    static func isNamed(_ name: String) -> Filter<Model> { columns.name == name }
}

extension Deployment: NamedRecord {
    static let noun = "deployment"
    var shownName: String { name }
    static func isNamed(_ name: String) -> Filter<Deployment> { columns.name == name }
}
