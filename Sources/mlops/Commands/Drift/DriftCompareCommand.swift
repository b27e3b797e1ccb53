import ArgumentParser
import Foundation
import MLOpsCore
import MLOpsOperations

/// The command `mlops drift compare`.
struct DriftCompareCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare data with a reference; exit 1 when a column has drifted.",
        discussion: """
            The reference is a CSV file with a header, or a profile of `mlops drift profile`. \
            Every column of the reference is compared with that of the same name. Methods of \
            numbers pass over columns of categories. A column without values has no statistic and \
            has not drifted.

            There is drift when the p-value of a test (ks, chi2) is below the threshold, or a \
            distance above it:

              ks                  Kolmogorov-Smirnov test, exact to 10000 values  0.05
              wasserstein         in the column's unit  0.1 standard deviations
              wasserstein_normed  in standard deviations, at least 0.001  0.1
              psi                 population stability index  0.2
              js                  Jensen-Shannon distance, base 2  0.1
              kl                  Kullback-Leibler, reference from current, nats  0.1
              hellinger           Hellinger distance  0.1
              chi2                Pearson's test of the counts  0.05
              missing             change of the share of missing values  0.05
              unseen              share of new categories, or beyond the range  0.01

            Methods from psi to chi2 put numbers into bins between the deciles of the reference; \
            psi and kl take 0.0001 for an empty bin. The last column is the usual threshold.

            EXAMPLES:
              mlops drift compare train.csv today.csv
              mlops drift compare profile.json today.csv --method ks --method psi --json
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: ArgumentHelp("The reference data, or their profile.", valueName: "reference"))
    var reference: String

    @Argument(help: ArgumentHelp("The data to compare.", valueName: "current"))
    var current: String

    @Option(
        help: ArgumentHelp("A method; may be repeated (default: psi).", valueName: "method"))
    var method: [Choice<DriftMethod>] = []

    @Option(help: ArgumentHelp("The threshold of all methods.", valueName: "number"))
    var threshold: Double?

    @OptionGroup var selection: ColumnOptions

    func validate() throws {
        guard threshold?.isNaN != true else {
            throw ValidationError("--threshold takes a number.")
        }
    }

    func run() throws {
        let results = try compare()
        guard !results.isEmpty else {
            if options.json { Output.line("[]") }
            throw Failure(.usage, "the methods need numbers, and no column has any")
        }
        if options.json { try Output.json(results.map(\.report)) } else { write(results) }
        if results.contains(where: \.isDrift) { throw Failure(.negative) }
    }

    private func compare() throws -> [DriftResult] {
        let profile = try ReferenceFile.reference(reference, selection)
        let table = try CSVTable(try ReferenceFile.contents(current), path: current)
        for name in selection.column where profile[name] == nil {
            throw Failure(.badData, "\(reference): there is no column \(name)")
        }
        let methods = method.isEmpty ? [.standard] : method.map(\.value)
        return try profile.features.flatMap { feature -> [DriftResult] in
            guard selection.column.isEmpty || selection.column.contains(feature.name) else {
                return []
            }
            var checks = methods.map { DriftCheck($0, threshold: threshold) }
            if case .categorical = feature.content {
                checks.removeAll { $0.method.isNumeric }
            }
            return try feature.compare(try table.column(like: feature), by: checks)
        }
    }

    private func write(_ results: [DriftResult]) {
        var table = DriftTable()
        for result in results {
            table.add(
                result.feature, method: result.method.rawValue, statistic: result.statistic,
                pValue: result.pValue, threshold: result.threshold,
                counts: (result.referenceCount, result.currentCount), isDrift: result.isDrift)
        }
        table.write()
        var named: Set<String> = []
        for result in results {
            guard let reason = result.reason, named.insert(result.feature).inserted else {
                continue
            }
            Output.line("\(result.feature): \(reason)")
        }
        let drifted = results.count(where: \.isDrift)
        Output.line("\(drifted) of \(Format.count(results.count, "comparison")) drifted")
    }
}

extension DriftResult {
    /// The result with null for what it does not have; `reason` only where there is no statistic.
    fileprivate var report: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
        func count(_ value: Int) -> JSONValue { .int(Int64(value)) }
        var members: [String: JSONValue] = [
            "column": .string(feature), "method": .string(method.rawValue),
            "statistic": number(statistic), "p_value": number(pValue),
            "n_reference": count(referenceCount), "n_current": count(currentCount),
            "nulls_reference": count(referenceNulls), "nulls_current": count(currentNulls),
            "threshold": number(threshold), "drifted": .bool(isDrift),
        ]
        members["reason"] = reason.map { .string($0) }
        return .object(members)
    }
}
