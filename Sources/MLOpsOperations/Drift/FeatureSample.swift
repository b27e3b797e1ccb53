import MLOpsCore
import Synchronization

/// The features observed in a drift window: all rows, or an evenly drawn sample of them.
///
/// The sample is that of algorithm R (Vitter, 1985), of whole rows.
final class FeatureSample: Sendable {
    let detector: DriftDetector
    let refusals = Refusals()
    private let features: [(name: String, isNumeric: Bool)]
    private let limit: Int
    private let state: Mutex<State>

    private struct State {
        var columns: [DriftColumn]
        /// The number of rows that are kept.
        var kept = 0
        /// The number of all rows.
        var observed = 0
        var generator = SeededGenerator(seed: 0)
    }

    init(_ detector: DriftDetector, limit: Int) {
        self.detector = detector
        self.limit = max(limit, detector.minimumRows, 1)
        features = detector.profile.features.map { feature in
            if case .numeric = feature.content {
                (feature.name, true)
            } else {
                (feature.name, false)
            }
        }
        state = Mutex(State(columns: Self.empty(features)))
    }

    /// Whether no row was observed since the window began.
    var isEmpty: Bool { state.withLock { $0.observed == 0 } }

    func observe(_ numbers: [String: Double], categories: [String: String]) {
        let found = state.withLock { state -> Int? in
            state.observed += 1
            guard state.kept >= limit else {
                defer { state.kept += 1 }
                return add(numbers, categories, at: nil, to: &state)
            }
            let index = state.generator.index(below: state.observed)
            return index < limit ? add(numbers, categories, at: index, to: &state) : nil
        }
        guard let found, found < numbers.count + categories.count else { return }
        refusals.add(unknown(numbers, categories))
    }

    /// The columns of the window that ends now, and how many rows they were drawn from.
    ///
    /// - Returns: `nil` while there are too few rows; the window goes on.
    func take() -> (columns: [String: DriftColumn], observed: Int)? {
        state.withLock { state in
            guard state.kept >= max(detector.minimumRows, 1) else { return nil }
            let columns = Dictionary(
                uniqueKeysWithValues: zip(features.map(\.name), state.columns))
            defer {
                state.columns = Self.empty(features)
                (state.kept, state.observed) = (0, 0)
            }
            return (columns, state.observed)
        }
    }

    /// - Returns: How many of the given values the reference knows.
    private func add(
        _ numbers: [String: Double], _ categories: [String: String], at index: Int?,
        to state: inout State
    ) -> Int {
        var found = 0
        for (column, feature) in features.enumerated() {
            if feature.isNumeric {
                let number = numbers[feature.name]
                if number != nil { found += 1 }
                state.columns[column].put(number ?? .nan, at: index)
            } else {
                let category = categories[feature.name]
                if category != nil { found += 1 }
                state.columns[column].put(category.map(CategoricalProfile.bounded), at: index)
            }
        }
        return found
    }

    private func unknown(_ numbers: [String: Double], _ categories: [String: String]) -> String {
        func isUnknown(_ name: String, isNumeric: Bool) -> Bool {
            !features.contains { $0.name == name && $0.isNumeric == isNumeric }
        }
        let name =
            numbers.keys.first { isUnknown($0, isNumeric: true) }
            ?? categories.keys.first { isUnknown($0, isNumeric: false) }
        return "\((name ?? "").prefix(100)): not in the reference, or of the other kind"
    }

    private static func empty(_ features: [(name: String, isNumeric: Bool)]) -> [DriftColumn] {
        features.map { $0.isNumeric ? .numeric([]) : .categorical([]) }
    }
}

extension DriftColumn {
    /// Appends a number, or replaces one.
    fileprivate mutating func put(_ number: Double, at index: Int?) {
        guard case .numeric(var values) = self else { return }
        self = .numeric([])
        if let index { values[index] = number } else { values.append(number) }
        self = .numeric(values)
    }

    /// Appends a category, or replaces one.
    fileprivate mutating func put(_ category: String?, at index: Int?) {
        guard case .categorical(var values) = self else { return }
        self = .categorical([])
        if let index { values[index] = category } else { values.append(category) }
        self = .categorical(values)
    }
}
