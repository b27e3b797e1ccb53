import Foundation

/// What the fields of a filter's text are for runs.
struct RunVocabulary {
    typealias Runs = Filter<ExperimentRun>

    /// The time that spans such as `-7d` count from.
    let now: Date
    private let columns = ExperimentRun.columns

    init(now: Date) { self.now = now }

    /// The filter that a text says.
    ///
    /// - Throws: `.invalidValue` for a field that there is not, and for a test or a value that does
    ///   not suit the field, with the place.
    func filter(_ syntax: FilterSyntax) throws -> Runs {
        switch syntax {
        case .all(let parts): Runs(condition: .all(try parts.map { try filter($0).condition }))
        case .any(let parts): Runs(condition: .any(try parts.map { try filter($0).condition }))
        case .not(let inner): !(try filter(inner))
        case .test(let field, let test): try filter(field, test)
        }
    }

    private func filter(_ field: FilterField, _ test: FilterTest) throws -> Runs {
        switch field.root {
        case "metrics", "metric": return try number(metric(field), field, test)
        case "params", "parameters", "param", "parameter":
            return try value(in: columns.parameters, field, test)
        case "environment", "env": return try value(in: columns.environment, field, test)
        case "tags", "tag": return try tag(columns.tags[try name(field)], field, test)
        case "artifacts", "artifact":
            let artifact = columns.artifacts[try name(field)]
            guard case .isNull = test else { throw field.refuses(test, "is null") }
            return !artifact.exists
        default: return try attribute(field, test)
        }
    }

    // MARK: Documents

    private func metric(_ field: FilterField) throws -> JSONPath<ExperimentRun> {
        var names = field.names
        guard !names.isEmpty else { throw field.lacksName }
        if names.count > 1, field.parts.last?.isQuoted == false,
            let figure = MetricFigure(rawValue: names[names.count - 1].lowercased())
        {
            names.removeLast()
            return columns.metrics[names.joined(separator: "."), figure]
        }
        return columns.metrics[names.joined(separator: ".")]
    }

    /// The name of a field whose column has no structure.
    private func name(_ field: FilterField) throws -> String {
        guard !field.names.isEmpty else { throw field.lacksName }
        return field.names.joined(separator: ".")
    }

    private func number(
        _ path: JSONPath<ExperimentRun>, _ field: FilterField, _ test: FilterTest
    ) throws -> Runs {
        func number(_ literal: FilterLiteral) throws -> JSONValue {
            guard let number = literal.number else { throw literal.isNot("a number", field) }
            return number
        }
        switch test {
        case .compare(let comparison, let value):
            return path.holds(comparison, try number(value))
        case .among(let values): return path.isIn(try values.map(number))
        case .isNull: return !path.exists
        case .like, .contains: throw field.refuses(test, "numbers")
        }
    }

    /// A test of a value inside a document, or under a key that spells its whole path.
    private func value(
        in column: JSONColumn<ExperimentRun>, _ field: FilterField, _ test: FilterTest
    ) throws -> Runs {
        let names = field.names
        guard let first = names.first else { throw field.lacksName }
        let nested = names.dropFirst().reduce(column[key: first]) { path, name in
            path[name]
        }
        let paths = names.count == 1 ? [nested] : [nested, column[key: try name(field)]]
        switch test {
        case .isNull:
            return Runs(condition: .all(paths.map { ($0 == JSONValue?.none).condition }))
        case .compare(.notEqual, let value):
            return !(try self.value(in: column, field, .compare(.equal, value)))
        default:
            return Runs(condition: .any(try paths.map { try value($0, test).condition }))
        }
    }

    private func value(
        _ path: JSONPath<ExperimentRun>, _ test: FilterTest
    ) throws -> Runs {
        switch test {
        case .compare(.equal, let value): return path.isIn(value.spellings)
        case .compare(let comparison, let value):
            return path.holds(comparison, value.meant)
        case .among(let values): return path.isIn(values.flatMap(\.spellings))
        case .like(let pattern): return path.like(pattern.text)
        case .contains(let value):
            let elements = value.spellings.map { path.contains($0).condition }
            return Runs(condition: .any([path.contains(value.text).condition] + elements))
        case .isNull: return path == JSONValue?.none
        }
    }

    private func tag(
        _ path: JSONPath<ExperimentRun>, _ field: FilterField, _ test: FilterTest
    ) throws -> Runs {
        switch test {
        case .compare(let comparison, let value):
            path.holds(comparison, .string(value.text))
        case .among(let values): path.isIn(values.map(\.text))
        case .like(let pattern): path.like(pattern.text)
        case .contains(let text): path.contains(text.text)
        case .isNull: !path.exists
        }
    }

    // MARK: Columns

    private func attribute(_ written: FilterField, _ test: FilterTest) throws -> Runs {
        let field = written.withoutPrefix
        guard field.parts.count == 1 else { throw written.isUnknown }
        switch field.root {
        case "id", "run_id": return try id(columns.id, field, test)
        case "name", "run_name": return try text(columns.runName, field, test)
        case "status": return try status(field, test)
        case "experiment", "experiment_name":
            return try text(columns.experiment.name, field, test)
        case "experiment_id": return try id(columns.experimentID, field, test)
        case "project": return try project(field, test)
        case "parent", "parent_id": return try id(columns.parentRunID, field, test)
        case "started", "start_time": return try time(columns.startedAt, field, test)
        case "ended", "end_time": return try time(columns.completedAt, field, test)
        case "heartbeat": return try time(columns.heartbeatAt, field, test)
        case "created": return try time(columns.createdAt, field, test)
        case "updated": return try time(columns.updatedAt, field, test)
        case "duration": return try duration(field, test)
        case "created_by": return try creator(field, test)
        case "error": return try text(columns.errorMessage, field, test)
        case "note": return try tag(columns.tags[RunMark.note], field, test)
        case "group": return try tag(columns.tags[RunMark.group], field, test)
        case "early_stopped": return try earlyStopped(field, test)
        default: throw written.isUnknown
        }
    }

    private func text<Column: FilterColumn>(
        _ column: Column, _ field: FilterField, _ test: FilterTest
    ) throws -> Runs
    where Column.Record == ExperimentRun, Column.Value: TextColumnValue & OrderedColumnValue {
        func value(_ literal: FilterLiteral) throws -> Column.Value {
            guard let value = Column.Value(.text(literal.text)) else {
                throw literal.isNot("a text", field)
            }
            return value
        }
        switch test {
        case .compare(let comparison, let literal):
            return column.holds(comparison, try value(literal))
        case .among(let values): return column.isIn(try values.map(value))
        case .like(let pattern): return column.like(pattern.text)
        case .contains(let text): return column.contains(text.text)
        case .isNull: return column.isNull
        }
    }

    private func id<Value: OrderedColumnValue>(
        _ column: Column<ExperimentRun, Value>, _ field: FilterField, _ test: FilterTest
    ) throws -> Runs {
        func value(_ literal: FilterLiteral) throws -> Value {
            guard let id = UUID(uuidString: literal.text), let value = Value(.uuid(id)) else {
                throw literal.isNot("an id, such as 0199a3b0-0000-7000-8000-000000000000", field)
            }
            return value
        }
        switch test {
        case .compare(let comparison, let literal)
        where comparison == .equal || comparison == .notEqual:
            return column.holds(comparison, try value(literal))
        case .among(let values): return column.isIn(try values.map(value))
        case .isNull: return column.isNull
        default: throw field.refuses(test, "= != in `is null`")
        }
    }

    private func status(_ field: FilterField, _ test: FilterTest) throws -> Runs {
        func value(_ literal: FilterLiteral) throws -> RunStatus {
            guard let status = RunStatus(rawValue: literal.text.lowercased()) else {
                let names = RunStatus.allCases.map(\.rawValue).joined(separator: ", ")
                throw literal.isNot("one of \(names)", field)
            }
            return status
        }
        switch test {
        case .compare(.equal, let literal): return columns.status == (try value(literal))
        case .compare(.notEqual, let literal): return columns.status != (try value(literal))
        case .among(let values): return columns.status.isIn(try values.map(value))
        default: throw field.refuses(test, "= != in")
        }
    }

    private func time<Value: OrderedColumnValue>(
        _ column: Column<ExperimentRun, Value>, _ field: FilterField, _ test: FilterTest
    ) throws -> Runs {
        switch test {
        case .compare(let comparison, let literal):
            guard let date = Date(filter: literal.text, now: now), let time = date.microseconds,
                let value = Value(.time(time))
            else { throw literal.isNot("a time, such as \"2026-01-05T08:00\" or -7d", field) }
            return column.holds(comparison, value)
        case .isNull: return column.isNull
        default: throw field.refuses(test, "= != < <= > >= `is null`")
        }
    }

    private func duration(_ field: FilterField, _ test: FilterTest) throws -> Runs {
        switch test {
        case .compare(let comparison, let literal):
            guard let seconds = literal.number?.double ?? Double(filterSpan: literal.text) else {
                throw literal.isNot("a time in seconds, or one such as 15m or 2h", field)
            }
            return columns.durationSeconds.holds(comparison, seconds)
        case .isNull: return columns.durationSeconds.isNull
        default: throw field.refuses(test, "= != < <= > >= `is null`")
        }
    }

    /// A project is named by its name or its slug.
    private func project(_ field: FilterField, _ test: FilterTest) throws -> Runs {
        if case .compare(.notEqual, let value) = test {
            return !(try project(field, .compare(.equal, value)))
        }
        let name = try text(columns.project.name, field, test)
        switch test {
        case .compare(.equal, _), .among: return try name || text(columns.project.slug, field, test)
        default: return name
        }
    }

    /// A person is named by id or e-mail address.
    private func creator(_ field: FilterField, _ test: FilterTest) throws -> Runs {
        switch test {
        case .compare(_, let value) where UUID(uuidString: value.text) != nil:
            return try id(columns.createdBy, field, test)
        case .among(let values):
            let ids = values.filter { UUID(uuidString: $0.text) != nil }
            let addresses = values.filter { UUID(uuidString: $0.text) == nil }
            if addresses.isEmpty { return try id(columns.createdBy, field, test) }
            let byAddress = try text(columns.creator.email, field, .among(addresses))
            guard !ids.isEmpty else { return byAddress }
            return try id(columns.createdBy, field, .among(ids)) || byAddress
        default: break
        }
        return try text(columns.creator.email, field, test)
    }

    private func earlyStopped(_ field: FilterField, _ test: FilterTest) throws -> Runs {
        let mark = columns.tags[RunMark.earlyStopped].exists
        switch test {
        case .isNull: return !mark
        case .compare(let comparison, let literal)
        where comparison == .equal || comparison == .notEqual:
            guard let value = literal.bool else { throw literal.isNot("true or false", field) }
            return value == (comparison == .equal) ? mark : !mark
        default: throw field.refuses(test, "= != `is null`")
        }
    }

    // MARK: Orders

    /// The key of an order that a field names.
    ///
    /// - Throws: `.invalidValue` for a field that no order has, with the place.
    func order(_ written: FilterField, descends: Bool) throws -> Order<ExperimentRun> {
        func by(_ path: JSONPath<ExperimentRun>) -> Order<ExperimentRun> {
            descends ? path.descending : path.ascending
        }
        func by<Value>(_ column: Column<ExperimentRun, Value>) -> Order<ExperimentRun> {
            descends ? column.descending : column.ascending
        }
        switch written.root {
        case "metrics", "metric": return by(try metric(written))
        case "params", "parameters", "param", "parameter":
            guard let first = written.names.first else { throw written.lacksName }
            return by(written.names.dropFirst().reduce(columns.parameters[key: first]) { $0[$1] })
        default: break
        }
        let field = written.withoutPrefix
        switch (field.root, field.parts.count) {
        case ("id", 1), ("run_id", 1): return by(columns.id)
        case ("name", 1), ("run_name", 1): return by(columns.runName)
        case ("status", 1): return by(columns.status)
        case ("started", 1), ("start_time", 1): return by(columns.startedAt)
        case ("ended", 1), ("end_time", 1): return by(columns.completedAt)
        case ("created", 1): return by(columns.createdAt)
        case ("updated", 1): return by(columns.updatedAt)
        case ("duration", 1): return by(columns.durationSeconds)
        default:
            throw StoreError.filter(
                at: written.position,
                "runs are not ordered by \(written.text); they are by metrics.NAME, params.NAME, "
                    + "name, status, started, ended, created, updated, duration and id.")
        }
    }
}
