import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Random queries, compared with the same conditions in Swift.
    static let randomFilters: [Scenario] = [
        Scenario("Queries find what their conditions say, whatever the conditions") { context in
            let seed = randomSeed()
            var generator = SplitMix64(seed: seed)
            let tree = try await context.tree()
            let inserted = try await context.workspace.runs.insert(
                contentsOf: (0..<80).map { run($0, of: tree.experiment.id, using: &generator) })
            let runs = [tree.run] + inserted
            for number in 0..<200 {
                let probe = Probe.random(depth: 3, using: &generator)
                let order = Probe.order(using: &generator)
                let hint: Comment = "seed \(seed), query \(number): \(probe.text), \(order.text)"
                let query = Query<ExperimentRun>(
                    where: { $0.experimentID == tree.experiment.id && probe.filter },
                    order: { _ in [order.order] })
                let (found, count) = try await context.read { tx in
                    var pages: [ExperimentRun] = []
                    var page = query
                    page.limit = 7
                    repeat {
                        let next = try tx.runs.page(page)
                        pages += next
                        page.cursor = next.next
                    } while page.cursor != nil
                    return (pages, try tx.runs.count(query))
                }
                let wanted = runs.filter(probe.holds)
                #expect(Set(found.map(\.runName)) == Set(wanted.map(\.runName)), hint)
                #expect(found.count == wanted.count && count == wanted.count, hint)
                let isInOrder = zip(found, found.dropFirst()).allSatisfy { !order.isAfter($0, $1) }
                #expect(isInOrder, hint)
                guard found.count == wanted.count, isInOrder else { return }
            }
        }
    ]

    private static func run(
        _ number: Int, of experiment: Identifier<Experiment>, using generator: inout SplitMix64
    ) -> ExperimentRun {
        let parameter = Pool.parameters.randomElement(using: &generator) ?? nil
        return ExperimentRun(
            experiment: experiment, runName: "run \(number)",
            status: RunStatus.allCases.randomElement(using: &generator) ?? .queued,
            parameters: parameter.map { ["k": $0] } ?? [:],
            errorMessage: Pool.texts.randomElement(using: &generator) ?? nil,
            durationSeconds: Pool.numbers.randomElement(using: &generator) ?? nil)
    }
}

/// Few values, so that many are equal.
///
/// Some of them are treated differently by languages and databases.
private enum Pool {
    static let texts: [String?] = [nil, "", "a", "A", "ab", "é", "e\u{301}", "%", "a_b", "😀"]
    static let numbers: [Double?] = [nil, 0, -0.0, 0.1, 0.5, 1, 1e300]
    static let parameters: [JSONValue?] = [
        nil, .null, 0, 1, -1, 1.0, 0.5, 1e20, 9_007_199_254_740_993, "1", "a", "é", "",
        "\"a\\/", true, false, "NaN", "Infinity", "-Infinity",
    ]
}

/// A condition as a filter, and as a function in Swift.
private struct Probe: Sendable {
    let text: String
    let filter: Filter<ExperimentRun>
    let holds: @Sendable (ExperimentRun) -> Bool

    private static let columns = ExperimentRun.columns

    // MARK: Choosing

    static func random(depth: Int, using generator: inout SplitMix64) -> Probe {
        switch depth == 0 ? 9 : Int.random(in: 0..<10, using: &generator) {
        case 0, 1:
            let left = random(depth: depth - 1, using: &generator)
            let right = random(depth: depth - 1, using: &generator)
            return Probe(
                text: "(\(left.text) && \(right.text))", filter: left.filter && right.filter
            ) { left.holds($0) && right.holds($0) }
        case 2, 3:
            let left = random(depth: depth - 1, using: &generator)
            let right = random(depth: depth - 1, using: &generator)
            return Probe(
                text: "(\(left.text) || \(right.text))", filter: left.filter || right.filter
            ) { left.holds($0) || right.holds($0) }
        case 4, 5:
            let inner = random(depth: depth - 1, using: &generator)
            return Probe(text: "!\(inner.text)", filter: !inner.filter) { !inner.holds($0) }
        default: return leaf(using: &generator)
        }
    }

    private static func leaf(using generator: inout SplitMix64) -> Probe {
        let sign = Sign.allCases.randomElement(using: &generator) ?? .equal
        let text = Pool.texts.randomElement(using: &generator) ?? nil
        let number = Pool.numbers.randomElement(using: &generator) ?? nil
        let parameter = (Pool.parameters.randomElement(using: &generator) ?? nil) ?? 1
        switch Int.random(in: 0..<10, using: &generator) {
        case 0, 1:
            return Probe(
                text: "message \(sign) \(text.debugDescription)",
                filter: sign.filter(columns.errorMessage, text)
            ) { sign.holds(bytes($0.errorMessage), bytes(text)) }
        case 2, 3:
            return Probe(
                text: "duration \(sign) \(number.debugDescription)",
                filter: sign.filter(columns.durationSeconds, number)
            ) { sign.holds($0.durationSeconds, number) }
        case 4, 5, 6:
            return Probe(
                text: "k \(sign) \(parameter)",
                filter: sign.filter(columns.parameters["k"], parameter)
            ) { sign.holds($0.parameters["k"], parameter) }
        case 7:
            return Probe(text: "k exists", filter: columns.parameters["k"].exists) {
                $0.parameters["k"] != nil
            }
        case 8:
            let prefix = text ?? "a"
            return Probe(
                text: "message has prefix \(prefix.debugDescription)",
                filter: columns.errorMessage.hasPrefix(prefix)
            ) { $0.errorMessage?.utf8.starts(with: prefix.utf8) ?? false }
        default:
            let statuses = RunStatus.allCases.filter { _ in Bool.random(using: &generator) }
            return Probe(text: "status in \(statuses)", filter: columns.status.isIn(statuses)) {
                statuses.contains($0.status)
            }
        }
    }

    /// The UTF-8 of a text, by which texts are compared and ordered.
    private static func bytes(_ text: String?) -> Bytes? {
        text.map { Bytes(bytes: Array($0.utf8)) }
    }

    struct Bytes: Comparable {
        let bytes: [UInt8]
        static func < (left: Bytes, right: Bytes) -> Bool {
            left.bytes.lexicographicallyPrecedes(right.bytes)
        }
    }

    /// An order, and the function that tells whether a row must come after another.
    struct Sorting: Sendable {
        let text: String
        let order: Order<ExperimentRun>
        let isAfter: @Sendable (ExperimentRun, ExperimentRun) -> Bool
    }

    /// Numbers come before NaN, and rows without a value last.
    private static func rank<Key: Comparable>(_ key: Key?) -> Int {
        key.map { $0 == $0 ? 0 : 1 } ?? 2
    }

    static func order(using generator: inout SplitMix64) -> Sorting {
        let descends = Bool.random(using: &generator)
        func sorting<Key: Comparable & SendableMetatype>(
            _ text: String, _ up: Order<ExperimentRun>, _ down: Order<ExperimentRun>,
            _ key: @escaping @Sendable (ExperimentRun) -> Key?
        ) -> Sorting {
            Sorting(text: "\(text) \(descends ? "down" : "up")", order: descends ? down : up) {
                let (left, right) = (key($0), key($1))
                guard rank(left) == rank(right) else { return rank(left) > rank(right) }
                guard let left, let right else { return false }
                return descends ? left < right : left > right
            }
        }
        switch Int.random(in: 0..<3, using: &generator) {
        case 0:
            let column = columns.errorMessage
            return sorting("message", column.ascending, column.descending) {
                bytes($0.errorMessage)
            }
        case 1:
            let column = columns.durationSeconds
            return sorting("duration", column.ascending, column.descending, \.durationSeconds)
        default:
            let path = columns.parameters["k"]
            return sorting("k", path.ascending, path.descending) {
                Double(json: $0.parameters["k"])
            }
        }
    }
}

/// A comparison operator.
private enum Sign: String, CaseIterable {
    case equal = "==", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">"
    case greaterOrEqual = ">="

    func filter<Value: OrderedColumnValue>(
        _ column: Column<ExperimentRun, Value>, _ value: Value
    ) -> Filter<ExperimentRun> {
        switch self {
        case .equal: column == value
        case .notEqual: column != value
        case .less: column < value
        case .lessOrEqual: column <= value
        case .greater: column > value
        case .greaterOrEqual: column >= value
        }
    }

    func filter(_ path: JSONPath<ExperimentRun>, _ value: JSONValue) -> Filter<ExperimentRun> {
        switch self {
        case .equal: path == value
        case .notEqual: path != value
        case .less: path < value
        case .lessOrEqual: path <= value
        case .greater: path > value
        case .greaterOrEqual: path >= value
        }
    }

    private func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        }
    }

    /// An absent value differs from every other value, and is neither less nor greater.
    func holds<Value: Comparable>(_ left: Value?, _ right: Value?) -> Bool {
        if let left, let right { return holds(left, right) }
        return switch self {
        case .equal: left == right
        case .notEqual: left != right
        default: false
        }
    }

    /// Values of different JSON types differ, and are neither less nor greater.
    func holds(_ left: JSONValue?, _ right: JSONValue) -> Bool {
        switch (left ?? .null, right) {
        case (.null, .null): return self == .equal
        case (_, .null): return self == .notEqual
        case (.int(let left), .int(let right)): return holds(left, right)
        case (.string(let left), .string(let right)):
            return holds(Probe.Bytes(bytes: Array(left.utf8)), .init(bytes: Array(right.utf8)))
        default: break
        }
        if let left = Double(json: left), let right = right.double { return holds(left, right) }
        return switch self {
        case .equal: left == right
        case .notEqual: left != right
        default: false
        }
    }
}
