import Foundation
import Testing

@testable import MLOpsOperations

/// SciPy 1.17.1's answers for fixed data.
@Suite struct GoldenValueTests {
    private let reference = (0..<200).map { Double(($0 * 37) % 101) / 101 }
    private let current = (0..<150).map { index -> Double in
        let step = Double((index * 53 + 11) % 97)
        return step / 97 * 1.2 - 0.05
    }
    private var samples: (SortedSample, SortedSample) {
        (SortedSample(reference), SortedSample(current))
    }

    @Test func kolmogorovSmirnov() throws {
        let (x, y) = samples
        let exact = try KolmogorovSmirnov(x, y)
        #expect(exact.method == .exact)
        #expect(agree(exact.statistic, 0.13666666666666666))
        #expect(agree(exact.pValue, 0.07501890735982118))
        let asymptotic = try KolmogorovSmirnov(x, y, method: .asymptotic)
        #expect(asymptotic.method == .asymptotic)
        #expect(agree(asymptotic.pValue, 0.07308908828327759))
        let small = try KolmogorovSmirnov(
            SortedSample(Array(reference.prefix(8))), SortedSample(Array(current.prefix(7))))
        #expect(agree(small.statistic, 0.30357142857142855))
        #expect(agree(small.pValue, 0.7986013986013987))
        let ties = try KolmogorovSmirnov(SortedSample([1, 2, 2, 3]), SortedSample([2, 3, 4, 4]))
        #expect(agree(ties.statistic, 0.5) && agree(ties.pValue, 0.7714285714285716))
    }

    @Test func wasserstein() throws {
        let (x, y) = samples
        #expect(agree(try Wasserstein.distance(x, y), 0.06357211391242214))
        let normed = try Wasserstein.normedDistance(reference: x, current: y)
        #expect(agree(normed, 0.21960247613121744))
        let whole = try Wasserstein.distance(SortedSample([0, 1, 3]), SortedSample([5, 6, 8]))
        #expect(whole == 5)
        #expect(
            try Wasserstein.distance([0, 1], weights: [3, 1], [0, 1], weights: [2, 2]) == 0.25)
    }

    @Test func divergences() throws {
        let (p, q) = ([0.1, 0.4, 0.5], [0.3, 0.3, 0.4])
        #expect(agree(try Divergence.jensenShannonDistance(p, q), 0.21663402449519667))
        let natural = try Divergence.jensenShannonDistance(p, q, base: exp(1))
        #expect(agree(natural, 0.18035965602712561))
        #expect(agree(natural * natural, 0.032529605522223067))
        #expect(agree(try Divergence.kullbackLeibler(p, q), 0.11678337577100631))
        #expect(agree(try Divergence.populationStability(p, q), 0.270805020110221))
        #expect(agree(try Divergence.hellinger(p, q), 0.1821295204775406))
    }

    @Test func chiSquare() throws {
        let table = try ChiSquare.contingency([[10, 20, 30], [20, 20, 20]])
        #expect(agree(table.statistic, 5.333333333333334) && table.degreesOfFreedom == 2)
        #expect(agree(table.pValue, 0.0694834512228015))
        let square: [[Double]] = [[10, 20], [20, 20]]
        let yates = try ChiSquare.contingency(square, yatesCorrection: true)
        #expect(agree(yates.statistic, 1.3234375) && agree(yates.pValue, 0.24997605752048507))
        let plain = try ChiSquare.contingency(square)
        #expect(agree(plain.statistic, 1.9444444444444455))
        #expect(agree(plain.pValue, 0.16318677476266583))
        let fit = try ChiSquare.goodnessOfFit(
            [16, 18, 16, 14, 12, 12], expected: [16, 16, 16, 16, 16, 8])
        #expect(agree(fit.statistic, 3.5) && agree(fit.pValue, 0.6233876277495822))
    }

    @Test func stabilityOfDeciles() throws {
        let (x, y) = samples
        let bins = Bins(decilesOf: x)
        #expect(bins.count == 10)
        let index = try Divergence.populationStability(
            bins.counts(of: x).map(Double.init), bins.counts(of: y).map(Double.init))
        #expect(agree(index, 0.10248775149589427))
    }

    /// The categories a 50, b 30, c 20 beside a 30, b 40, d 10, by Evidently's conventions.
    @Test func categories() throws {
        let (p, q) = ([50.0, 30, 20, 0], [30.0, 40, 0, 10])
        #expect(agree(try Divergence.populationStability(p, q), 2.548195049376147))
        let distance = try Divergence.jensenShannonDistance(p, q, base: exp(1))
        #expect(agree(distance, 0.36020770326340346))
        let divergence = try Divergence.kullbackLeibler(p, q, emptyShare: 1e-4)
        #expect(agree(divergence, 1.5099097601454656))
        #expect(agree(try Divergence.hellinger(p, q), 0.4238973501769491))
    }
}
