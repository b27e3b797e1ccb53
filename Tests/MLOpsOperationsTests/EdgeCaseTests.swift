import MLOpsCore
import Testing

@testable import MLOpsOperations

@Suite struct EdgeCaseTests {
    private func expectInvalid(_ body: () throws -> Void) {
        let error = #expect(throws: StoreError.self) { try body() }
        #expect(error?.code == .invalidValue)
    }

    @Test func emptySamplesAreRefused() {
        let (none, some) = (SortedSample([.nan]), SortedSample([1]))
        #expect(none.nulls == 1 && none.values.isEmpty && none.moments == nil)
        expectInvalid { _ = try KolmogorovSmirnov(none, some) }
        expectInvalid { _ = try KolmogorovSmirnov(some, none) }
        expectInvalid { _ = try Wasserstein.distance(none, some) }
        expectInvalid { _ = try Wasserstein.normedDistance(reference: some, current: none) }
        expectInvalid { _ = try Wasserstein.distance([], weights: [], [1], weights: [1]) }
    }

    @Test func weightsAreChecked() {
        for weights: [Double] in [[1], [-1, 2], [0, 0], [.nan, 1], [.infinity, 1]] {
            expectInvalid {
                _ = try Wasserstein.distance([1, 2], weights: weights, [1], weights: [1])
            }
            expectInvalid { _ = try Divergence.hellinger(weights, [1, 1]) }
        }
        expectInvalid { _ = try Divergence.populationStability([], []) }
    }

    @Test func tablesAreChecked() {
        for rows: [[Double]] in [
            [], [[]], [[1, 2], [3]], [[1, 0], [2, 0]], [[0, 0], [1, 2]], [[-1, 2], [3, 4]],
            [[.nan, 1], [1, 1]], [[.infinity, 1], [1, 1]],
        ] {
            expectInvalid { _ = try ChiSquare.contingency(rows) }
        }
        expectInvalid { _ = try ChiSquare.goodnessOfFit([1, 2], expected: [3]) }
        expectInvalid { _ = try ChiSquare.goodnessOfFit([1, 2], expected: [3, 0]) }
        expectInvalid { _ = try ChiSquare.goodnessOfFit([1, 2], expected: [1, 1]) }
    }

    @Test func aTableOfOneColumnHasNoDifference() throws {
        let result = try ChiSquare.contingency([[3], [7]])
        #expect(result.statistic == 0 && result.degreesOfFreedom == 0 && result.pValue == 1)
    }

    @Test func singleValues() throws {
        let (one, other) = (SortedSample([1]), SortedSample([2]))
        for method in [KolmogorovSmirnov.Method.automatic, .exact, .asymptotic] {
            let result = try KolmogorovSmirnov(one, other, method: method)
            #expect(result.statistic == 1 && result.pValue == 1)
            #expect(try KolmogorovSmirnov(one, one, method: method).pValue == 1)
        }
        #expect(try Wasserstein.normedDistance(reference: one, current: other) == 1000)
    }

    @Test func infinitiesAreValues() throws {
        let x = SortedSample([-.infinity, 1, 2, .infinity])
        let y = SortedSample([-.infinity, 1, 3, .infinity])
        #expect(x.values.first == -.infinity && x.values.last == .infinity)
        #expect(x.moments?.mean == 1.5)
        #expect(try KolmogorovSmirnov(x, y).statistic == 0.25)
        #expect(try Wasserstein.distance(x, y) == 0.25)
        #expect(try Wasserstein.distance(x, SortedSample([1, 2])) == .infinity)
        let bins = Bins(decilesOf: x)
        #expect(bins.counts(of: x).reduce(0, +) == 4)
        #expect(bins.edges == bins.edges.sorted() && !bins.edges.contains { $0.isNaN })
    }

    @Test func hugeValuesDoNotOverflow() throws {
        let x = SortedSample([-1e308, 1e308, 1e308, -1e308])
        #expect(agree(x.moments?.standardDeviation, 1e308) && x.moments?.mean == 0)
        #expect(x.quantile(0) == -1e308 && x.quantile(1) == 1e308)
        let y = SortedSample([Double](repeating: 1e308, count: 1000))
        #expect(agree(try Wasserstein.distance(x, y), 1e308))
        #expect(agree(try Wasserstein.normedDistance(reference: x, current: y), 1))
    }

    @Test(arguments: [0, 5, -.infinity, .infinity] as [Double])
    func aConstantShowsAChangeInAnyDirection(constant: Double) {
        let bins = Bins(decilesOf: SortedSample(Array(repeating: constant, count: 50)))
        #expect(bins.counts(of: SortedSample([constant, constant])).filter { $0 > 0 } == [2])
        let counts = bins.counts(of: SortedSample([-.infinity, constant, .infinity]))
        #expect(counts.filter { $0 > 0 }.count == (constant.isFinite ? 3 : 2))
    }

    @Test func emptyBins() throws {
        #expect(try Divergence.kullbackLeibler([1, 1], [1, 0]) == .infinity)
        #expect(try Divergence.kullbackLeibler([1, 0], [1, 1]).isFinite)
        #expect(try Divergence.jensenShannonDistance([1, 0], [0, 1]) == 1)
        #expect(try Divergence.hellinger([1, 0], [0, 1]) == 1)
        #expect(try Divergence.populationStability([3, 0], [6, 0]) == 0)
    }

    @Test(arguments: [10, 511, 512, 5000])
    func sortingAgreesWithTheStandardLibrary(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        let values = (0..<count).map { index -> Double in
            let bits = Double(bitPattern: generator.next())
            return index % 3 == 0 ? Double(generator.index(below: 9)) - 4 : bits
        }.filter { !$0.isNaN }
        #expect(SortedSample(values).values == values.sorted())
    }

    @Test func theSumKeepsSmallTerms() {
        #expect([1, 1e100, 1, -1e100].compensatedSum == 2)
        #expect([Double.infinity, 1].compensatedSum == .infinity)
    }
}
