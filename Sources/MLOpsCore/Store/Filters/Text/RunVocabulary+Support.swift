extension FilterField {
    /// The field without a first part that only says that it is an attribute of a run.
    var withoutPrefix: FilterField {
        guard parts.count > 1, ["attributes", "attribute", "attr", "run"].contains(root) else {
            return self
        }
        return FilterField(parts: Array(parts.dropFirst()), position: position)
    }

    var isUnknown: StoreError {
        .filter(
            at: position,
            "a run has no field \(text); it has metrics.NAME, params.NAME, tags.NAME, "
                + "environment.NAME, artifacts.NAME, id, name, status, experiment, project, "
                + "parent, started, ended, created, updated, heartbeat, duration, created_by, "
                + "error, note, group and early_stopped.")
    }

    var lacksName: StoreError {
        .filter(at: position, "\(text) needs a name after a dot, such as \(text).NAME.")
    }

    func refuses(_ test: FilterTest, _ taken: String) -> StoreError {
        .filter(at: position, "\(text) cannot be asked with `\(test.name)`; it takes \(taken).")
    }
}

extension FilterLiteral {
    func isNot(_ expected: String, _ field: FilterField) -> StoreError {
        .filter(
            at: position,
            "\(field.text) is compared with \(expected), and not with \"\(text.prefix(40))\".")
    }

    /// The value that an order compares with.
    var meant: JSONValue { isQuoted ? .string(text) : number ?? .string(text) }

    /// The values that equal it: trackers whose parameters are texts hold numbers as texts.
    var spellings: [JSONValue] {
        [.string(text)] + [number, bool.map(JSONValue.bool)].compactMap { $0 }
    }
}

extension JSONPath {
    func holds(_ comparison: Comparison, _ value: JSONValue) -> Filter<Record> {
        switch comparison {
        case .equal: self == value
        case .notEqual: self != value
        case .less: self < value
        case .lessOrEqual: self <= value
        case .greater: self > value
        case .greaterOrEqual: self >= value
        }
    }
}

extension FilterColumn where Value: OrderedColumnValue {
    func holds(_ comparison: Comparison, _ value: Value) -> Filter<Record> {
        switch comparison {
        case .equal: self == value
        case .notEqual: self != value
        case .less: self < value
        case .lessOrEqual: self <= value
        case .greater: self > value
        case .greaterOrEqual: self >= value
        }
    }
}
