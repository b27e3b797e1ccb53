import Foundation
import MLOpsCore

/// A window's values of one feature, prepared once for all methods.
struct DriftWindow {
    enum Content {
        case numeric(NumericProfile, SortedSample)
        case categorical(CategoricalProfile, [String: Int])
    }

    let count: Int
    let nulls: Int
    let content: Content
    /// The bins or categories with their counts of the reference and of the window.
    let bins: [(label: String, reference: Int, current: Int)]
    /// How many values lie outside the reference.
    let unseen: Int

    /// - Throws: `StoreError` with `.invalidValue` for numbers where the reference has categories,
    ///   or the reverse.
    init(_ column: DriftColumn, like profile: FeatureProfile) throws {
        switch (profile.content, profile.count == 0 ? column.inKind(of: profile) : column) {
        case (.numeric(let numeric), .numeric(let values)):
            let sample = SortedSample(values)
            content = .numeric(numeric, sample)
            (count, nulls) = (sample.count, sample.nulls)
            let counts = zip(numeric.counts, numeric.bins.counts(of: sample))
            bins = zip(numeric.bins.labels, counts).map { ($0, $1.0, $1.1) }
            let (least, greatest) = (numeric.minimum ?? 0, numeric.maximum ?? 0)
            unseen = Shares.count(sample, outside: least...greatest)
        case (.categorical(let categorical), .categorical(let values)):
            let counts = CategoricalProfile.counts(values)
            content = .categorical(categorical, counts)
            count = counts.values.reduce(0, +)
            nulls = values.count - count
            (bins, unseen) = categorical.bins(beside: counts)
        default:
            throw StoreError(
                .invalidValue,
                "The feature \(profile.name) has numbers in the reference and categories in the "
                    + "window, or the reverse.", field: profile.name)
        }
    }

    /// At most this many new categories are listed by name in a report.
    private static let listed = 20

    /// The shares of the bins under labels that a store takes; many new categories are one bin.
    func shares(ofReference total: Int) -> [DriftBin] {
        func bin(_ label: String, _ reference: Int, _ current: Int) -> DriftBin {
            DriftBin(
                label: label.asLabel, reference: Double(reference) / Double(max(total, 1)),
                current: Double(current) / Double(max(count, 1)))
        }
        guard case .categorical(let profile, _) = content,
            bins.count > profile.categories.count + Self.listed
        else { return bins.map { bin($0.label, $0.reference, $0.current) } }
        return bins.prefix(profile.categories.count).map { bin($0.label, $0.reference, $0.current) }
            + [bin("(unseen)", 0, unseen)]
    }
}

extension CategoricalProfile {
    /// The union of the categories with both counts, and how many values are in new ones.
    ///
    /// When the reference had more categories than its profile names, every other category counts
    /// as one of the rest, and none as new.
    fileprivate func bins(
        beside counts: [String: Int]
    ) -> ([(label: String, reference: Int, current: Int)], unseen: Int) {
        let known = Set(categories.map(\.name))
        var bins = categories.map { ($0.name, $0.count, counts[$0.name] ?? 0) }
        let added = counts.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }
        let unseen = added.reduce(0) { $0 + $1.value }
        guard other == 0 else { return (bins + [("(other)", other, unseen)], 0) }
        bins += added.map { ($0.key, 0, $0.value) }
        return (bins, unseen)
    }
}

extension DriftColumn {
    /// A column of the profile's kind with the same missing values, where the values do not matter.
    fileprivate func inKind(of profile: FeatureProfile) -> DriftColumn {
        switch (profile.content, self) {
        case (.numeric, .categorical(let values)): .numeric(values.map { $0 == nil ? .nan : 0 })
        case (.categorical, .numeric(let values)): .categorical(values.map { $0.isNaN ? nil : "" })
        default: self
        }
    }
}

extension String {
    /// A category as the label of a bin: at most 128 bytes, and no NUL, which no store takes.
    fileprivate var asLabel: String {
        let text = utf8.contains(0) ? replacingOccurrences(of: "\0", with: "\u{FFFD}") : self
        guard text.utf8.count > 128 else { return text }
        // A character that is cut becomes one of three bytes.
        return String(decoding: text.utf8.prefix(122), as: UTF8.self) + "..."
    }
}
