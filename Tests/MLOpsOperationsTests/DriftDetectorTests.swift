import Foundation
import MLOpsCore
import MLOpsTesting
import Testing

@testable import MLOpsOperations

@Suite struct DriftDetectorTests {
    private let deployment = Identifier<Deployment>()
    private let start = Date(timeIntervalSince1970: 0)
    private let end = Date(timeIntervalSince1970: 60)

    private func numbers(_ count: Int, from least: Double = 0) -> DriftColumn {
        .numeric((0..<count).map { least + Double(($0 * 37) % 101) / 101 })
    }

    private func categories(_ counts: KeyValuePairs<String, Int>) -> DriftColumn {
        .categorical(counts.flatMap { Array(repeating: $0, count: $1) })
    }

    private func detector(_ columns: [(name: String, values: DriftColumn)]) throws -> DriftDetector
    {
        try DriftDetector(profile: ReferenceProfile(of: columns))
    }

    @Test func aWindowYieldsAReport() throws {
        let countries = categories(["SE": 50, "DE": 30, "FR": 20])
        let detector = try detector([
            ("age", numbers(500)), ("income", numbers(500)), ("country", countries),
            ("gone", numbers(10)), ("void", .numeric([.nan])),
        ])
        let found = try detector.report(
            [
                "age": numbers(200), "income": numbers(200, from: 0.5), "country": countries,
                "void": numbers(200), "new": numbers(200),
            ], deployment: deployment, from: start, to: end)
        let report = try #require(found)
        #expect(report.driftScore == 1.0 / 3 && report.isDriftDetected)
        #expect(Set(report.featureDrift.keys) == ["age", "income", "country"])
        let income = try #require(report.featureDrift["income"])
        #expect(income.isDrift && income.method == "psi" && income.threshold == 0.2)
        #expect(income.referenceCount == 500 && income.currentCount == 200)
        #expect(income.bins?.count == 10)
        let shares = income.bins?.map(\.current).reduce(0, +) ?? 0
        #expect(abs(shares - 1) < 1e-12)
        #expect(report.featureDrift["country"]?.bins?.map(\.label) == ["SE", "DE", "FR"])
        #expect(
            Set((report.reportData["not_compared"]?.object ?? [:]).keys) == ["gone", "void", "new"])
        #expect(report.reportData["edges"]?["income"]?.array?.count == 9)
        #expect(report.reportData["nulls"]?["void"]?["reference"] == 1)
    }

    @Test func aSmallWindowYieldsNoReport() throws {
        let detector = try detector([("x", numbers(500))])
        func report(_ rows: Int) throws -> DataDriftReport? {
            try detector.report(
                ["x": numbers(rows)], deployment: deployment, from: start, to: end)
        }
        #expect(try report(99) == nil)
        #expect(try report(100) != nil)
    }

    @Test func aReportIsStored() async throws {
        let workspace = try await Workspace.inMemory()
        let tree = try await Fixtures.insertTree(into: workspace)
        let profile = try ReferenceProfile(of: [("x", numbers(500))])
        let detector = try DriftDetector(
            profile: profile, standardCheck: DriftCheck(.wasserstein))
        // An infinite distance, too.
        let report = try #require(
            try detector.report(
                ["x": .numeric([Double](repeating: .infinity, count: 100))],
                deployment: tree.deployment.id, from: start, to: end))
        #expect(report.driftScore == 1)
        let stored = try await workspace.driftReports.insert(report)
        let read = try await workspace.driftReports.find(stored.id)
        #expect(read.featureDrift["x"]?.statistic == .infinity)
        #expect(read.reportData["reference_samples"] == ["x": 500])
        #expect(read.featureDrift == report.featureDrift && read.reportData == report.reportData)
    }

    @Test func kindsHaveToAgree() throws {
        let detector = try detector([("x", numbers(10))])
        let error = #expect(throws: StoreError.self) {
            try detector.compare(["x": .categorical(["a"])])
        }
        #expect(error?.code == .invalidValue && error?.field == "x")
    }

    @Test func checksHaveToFit() throws {
        let profile = try ReferenceProfile(of: [
            ("x", numbers(10)), ("c", .categorical(["a"])),
        ])
        for checks in [
            ["y": DriftCheck()], ["c": DriftCheck(.kolmogorovSmirnov)],
            ["x": DriftCheck(threshold: .nan)],
        ] {
            #expect(throws: StoreError.self) { try DriftDetector(profile: profile, checks: checks) }
        }
        #expect(throws: StoreError.self) {
            try DriftDetector(profile: profile, standardCheck: DriftCheck(.wasserstein))
        }
        let detector = try DriftDetector(
            profile: profile, checks: ["x": DriftCheck(.kolmogorovSmirnov, threshold: 0.01)])
        let results = try detector.compare(["x": numbers(10, from: 5), "c": .categorical(["b"])])
        #expect(results.map(\.method) == [.kolmogorovSmirnov, .populationStability])
        #expect(results.allSatisfy { $0.isDrift })
    }

    @Test(arguments: DriftMethod.allCases)
    func aShiftIsDriftAndItselfIsNot(method: DriftMethod) throws {
        let reference = numbers(2000)
        let feature = try #require(try ReferenceProfile(of: [("x", reference)])["x"])
        let same = try feature.compare(reference, by: [DriftCheck(method)])
        #expect(same.first.map { !$0.isDrift && $0.statistic != nil } == true)
        let values = (0..<1000).map { $0 % 10 == 0 ? .nan : 2 + Double($0 % 7) }
        let shifted = try feature.compare(.numeric(values), by: [DriftCheck(method)])
        #expect(shifted.first?.isDrift == true, "\(shifted)")
    }

    @Test(arguments: DriftMethod.allCases)
    func missingValuesAloneAreNoDrift(method: DriftMethod) throws {
        let feature = try #require(try ReferenceProfile(of: [("x", numbers(20))])["x"])
        for empty in [DriftColumn.numeric([]), .numeric([.nan, .nan])] {
            let result = try #require(try feature.compare(empty, by: [DriftCheck(method)]).first)
            if method == .missing, empty.count > 0 {
                #expect(result.statistic == 1 && result.isDrift)
            } else {
                #expect(result.statistic == nil && !result.isDrift && result.reason != nil)
                #expect(result.featureDrift == nil)
            }
        }
    }

    @Test func aConstantMayChange() throws {
        let constant = DriftColumn.numeric(Array(repeating: 3, count: 200))
        let feature = try #require(try ReferenceProfile(of: [("x", constant)])["x"])
        for value in [2.0, 3, 3.5] {
            let checks = [
                DriftCheck(), DriftCheck(.wassersteinNormed), DriftCheck(.kolmogorovSmirnov),
                DriftCheck(.unseen),
            ]
            let window = DriftColumn.numeric(Array(repeating: value, count: 200))
            let results = try feature.compare(window, by: checks)
            #expect(results.allSatisfy { $0.isDrift == (value != 3) }, "\(results)")
        }
        let square = try feature.compare(constant, by: [DriftCheck(.chiSquare)])
        #expect(square.first?.statistic == nil && square.first?.reason != nil)
    }

    @Test func newCategoriesAreSeen() throws {
        let reference = categories(["a": 50, "b": 30, "c": 20])
        let window = categories(["a": 30, "b": 40, "d": 10])
        let feature = try #require(try ReferenceProfile(of: [("x", reference)])["x"])
        let checks = [DriftMethod.populationStability, .kullbackLeibler, .hellinger, .unseen]
            .map { DriftCheck($0) }
        let results = try feature.compare(window, by: checks)
        let expected = [2.548195049376147, 1.5099097601454656, 0.4238973501769491, 0.125]
        for (result, expected) in zip(results, expected) {
            #expect(agree(result.statistic, expected), "\(result)")
        }
        #expect(results[0].bins?.map(\.label) == ["a", "b", "c", "d"])
    }

    @Test func aFloodOfNewCategoriesStaysSmall() throws {
        let feature = try #require(
            try ReferenceProfile(of: [("x", .categorical(["a"]))])["x"])
        let window = DriftColumn.categorical((0..<5000).map { "id\($0)" })
        let result = try #require(try feature.compare(window, by: [DriftCheck()]).first)
        #expect(result.isDrift && result.bins?.map(\.label) == ["a", "(unseen)"])
        #expect(result.bins?.last?.current == 1)
    }

    @Test func restsOfCategoriesAreNotNew() throws {
        let profile = try ReferenceProfile(
            of: [("x", categories(["a": 90, "b": 6, "c": 4]))],
            limits: ReferenceProfile.Limits(sample: 1, categories: 1))
        let feature = try #require(profile["x"])
        let window = categories(["a": 90, "z": 10])
        let checks = [DriftCheck(), DriftCheck(.unseen)]
        let results = try feature.compare(window, by: checks)
        #expect(results.map(\.statistic) == [0, 0])
    }
}
