import MLOpsCore
import MLOpsTransfer

/// A record that a command finds by its name, or by its id or a part of it.
protocol NamedRecord: Entity {
    /// The noun for one record in messages.
    static var noun: String { get }

    /// Its name, which need not be unique.
    var shownName: String { get }

    /// The condition for the rows with a name.
    static func isNamed(_ name: String) -> Filter<Self>

    /// What tells the row apart from others of its name.
    func distinction(in tx: any Transaction) throws -> String
}

extension NamedRecord {
    /// The row with a name, an id, or four or more characters at either end of its id.
    ///
    /// - Parameter deleted: Whether deleted rows are meant; live ones are by default.
    /// - Throws: `Failure` when there is none, or several have the name or the part.
    static func find(
        _ text: String, in tx: any Transaction, where scope: Filter<Self>? = nil,
        deleted: DeletedRows = .excluded
    ) throws -> Self {
        let isWanted = scope.map { $0 && isNamed(text) } ?? isNamed(text)
        let all = Query<Self>(where: scope.map { scope in { _ in scope } }, deleted: deleted)
        var query = all
        (query.filter, query.limit) = (isWanted, Failure.namesShown + 1)
        let named = try tx.repository(of: Self.self).page(query)
        guard named.count < 2 else {
            throw try Failure.ambiguous("several \(noun)s have the name \(text)", named.records, tx)
        }
        if let found = named.first { return found }
        if let found = try ShortID.find(text, of: Self.self, in: tx, all) { return found }
        let names = try Failure.hint(of: all, in: tx) { [$0.shownName] }
        let kind = deleted == .only ? "deleted \(noun)" : noun
        throw Failure.nothing("there is no \(kind) \(text)" + names)
    }
}

extension Failure {
    /// The most names that an error lists.
    static let namesShown = 10

    /// The most rows that are read for the names of an error.
    private static let rowsRead = 10_000

    /// The end of a message, which lists the names that exist; "..." stands for further ones.
    static func hint(_ names: some Sequence<String>, isWhole: Bool = true) -> String {
        let names = Set(names).sorted()
        guard !names.isEmpty else { return "" }
        let isCut = !isWhole || names.count > namesShown
        return "; there are: " + list(names.prefix(namesShown), isCut: isCut)
    }

    /// The end of a message, which lists names in the rows of a query.
    static func hint<Record: Entity>(
        of query: Query<Record>, in tx: any Transaction, names: (Record) -> some Sequence<String>
    ) throws -> String {
        var found: Set<String> = []
        var rows = 0
        try tx.repository(of: Record.self).forEach(query) {
            found.formUnion(names($0))
            rows += 1
            return found.count <= namesShown && rows < rowsRead
        }
        return hint(found, isWhole: rows < rowsRead)
    }

    /// The error that several rows are meant; it shows the id of each and what tells it apart.
    static func ambiguous<Record: NamedRecord>(
        _ problem: String, _ rows: [Record], _ tx: any Transaction
    ) throws -> Failure {
        let shown = try rows.prefix(namesShown).map { "\($0.id) (\(try $0.distinction(in: tx)))" }
        return Failure(
            .usage, "\(problem); take an id: \(list(shown, isCut: rows.count > namesShown))")
    }

    static func list(_ names: some Sequence<String>, isCut: Bool) -> String {
        names.joined(separator: ", ") + (isCut ? ", ..." : "")
    }
}

extension Project: NamedRecord {
    static let noun = "project"
    var shownName: String { slug }
    static func isNamed(_ name: String) -> Filter<Project> {
        columns.slug == Slug.normalized(name)
    }
    func distinction(in tx: any Transaction) throws -> String { slug }
}

extension Experiment: NamedRecord {
    static let noun = "experiment"
    var shownName: String { name }
    static func isNamed(_ name: String) -> Filter<Experiment> { columns.name == name }
    func distinction(in tx: any Transaction) throws -> String {
        "\(name), project \(try tx.project(of: self).slug)"
    }
}

extension ExperimentRun: NamedRecord {
    static let noun = "run"
    var shownName: String { runName }
    static func isNamed(_ name: String) -> Filter<ExperimentRun> { columns.runName == name }
    func distinction(in tx: any Transaction) throws -> String {
        var places = RunPlaces(in: tx)
        let place = try places.place(of: self)
        return "\(runName), experiment \(place.experiment), project \(place.project), "
            + "\(status.rawValue), \(Format.time(startedAt ?? createdAt))"
    }
}

extension Model: NamedRecord {
    static let noun = "model"
    var shownName: String { name }
    static func isNamed(_ name: String) -> Filter<Model> { columns.name == name }
    func distinction(in tx: any Transaction) throws -> String {
        "\(name), project \(try tx.project(of: self).slug)"
    }
}

extension Deployment: NamedRecord {
    static let noun = "deployment"
    var shownName: String { name }
    static func isNamed(_ name: String) -> Filter<Deployment> { columns.name == name }
    func distinction(in tx: any Transaction) throws -> String {
        "\(name), \(environment.rawValue), project \(try tx.project(of: self).slug)"
    }
}
