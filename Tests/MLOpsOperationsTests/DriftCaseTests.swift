import Testing

@testable import MLOpsOperations

/// Every case of `drift-cases.jsonl`; a failure names its number.
@Suite struct DriftCaseTests {
    @Test func samples() throws {
        let cases = try DriftCase.of("samples")
        #expect(cases.count > 1000)
        for test in cases {
            let (first, second) = (try #require(test.a), try #require(test.b))
            let (x, y) = (SortedSample(first.values), SortedSample(second.values))
            let asymptotic = try KolmogorovSmirnov(x, y, method: .asymptotic)
            check(test, "d", asymptotic.statistic, test.d)
            if test.asymptotic != nil {
                check(test, "asymptotic p", asymptotic.pValue, test.asymptotic)
            }
            if test.exact != nil {
                let exact = try KolmogorovSmirnov(x, y, method: .exact)
                check(test, "exact p", exact.pValue, test.exact)
            }
            let automatic = try KolmogorovSmirnov(x, y)
            check(test, "automatic p", automatic.pValue, test.automatic)
            // The size of a rounding error in the values' unit.
            let unit = 1e-15 * max(1, abs(x.values[x.count - 1] - x.values[0]))
            check(test, "w1", try Wasserstein.distance(x, y), test.w1, unit)
            let normed = try Wasserstein.normedDistance(reference: x, current: y)
            check(test, "normed", normed, test.normed, 1000 * unit)
            if test.weighted != nil {
                let weighted = try Wasserstein.distance(
                    first.values, weights: first.weights, second.values, weights: second.weights)
                check(test, "weighted", weighted, test.weighted, unit)
            }
            guard test.psi != nil else { continue }
            let bins = Bins(decilesOf: x)
            try checkDistances(
                test, bins.counts(of: x).map(Double.init), bins.counts(of: y).map(Double.init))
        }
    }

    @Test func shares() throws {
        let cases = try DriftCase.of("shares")
        #expect(cases.count > 200)
        for test in cases {
            try checkDistances(test, try #require(test.p), try #require(test.q))
        }
    }

    @Test func tables() throws {
        let cases = try DriftCase.of("table")
        #expect(cases.count > 200)
        for test in cases {
            let rows = try #require(test.rows)
            let plain = try ChiSquare.contingency(rows)
            check(test, "chi2", plain.statistic, test.chi2, 1e-13)
            check(test, "p", plain.pValue, test.p_value)
            #expect(plain.degreesOfFreedom == test.dof)
            let yates = try ChiSquare.contingency(rows, yatesCorrection: true)
            check(test, "yates", yates.statistic, test.yates, 1e-13)
            check(test, "yates p", yates.pValue, test.yates_p)
        }
    }

    @Test func fits() throws {
        let cases = try DriftCase.of("fit")
        #expect(cases.count > 100)
        for test in cases {
            let result = try ChiSquare.goodnessOfFit(
                try #require(test.observed), expected: try #require(test.expected))
            check(test, "chi2", result.statistic, test.chi2)
            check(test, "p", result.pValue, test.p_value)
        }
    }

    @Test func tails() throws {
        let cases = try DriftCase.of("tail")
        #expect(cases.count > 200)
        for test in cases {
            let (statistic, degrees) = (try #require(test.chi2), try #require(test.dof))
            let result = ChiSquare(statistic: statistic, degreesOfFreedom: degrees)
            check(test, "p", result.pValue, test.p_value)
        }
        #expect(cases.contains { ($0.p_value ?? 1) < 1e-250 })
    }

    @Test func kolmogorovDistribution() throws {
        let cases = try DriftCase.of("kolmogorov")
        #expect(cases.count > 300)
        for test in cases {
            let (x, n) = (try #require(test.d), try #require(test.n))
            check(test, "p", KolmogorovDistribution.survival(x, n: n), test.p_value)
        }
        #expect(cases.contains { ($0.p_value ?? 1) < 1e-290 })
    }

    private func checkDistances(_ test: DriftCase, _ p: [Double], _ q: [Double]) throws {
        // SciPy's divergence has a rounding error, of which the distance is the root.
        let rounding = min(1e-15 / max(test.js2 ?? 0, 1e-300), 3e-8)
        let js2 = try Divergence.jensenShannonDistance(p, q)
        check(test, "js2", js2, test.js2, rounding)
        let jse = try Divergence.jensenShannonDistance(p, q, base: .e)
        check(test, "jse", jse, test.jse, rounding)
        let kl = try Divergence.kullbackLeibler(p, q)
        check(test, "kl", kl.isFinite ? kl : nil, test.kl, 1e-15)
        check(test, "hellinger", try Divergence.hellinger(p, q), test.hellinger, 1e-15)
        check(test, "psi", try Divergence.populationStability(p, q), test.psi, 1e-15)
    }

    private func check(
        _ test: DriftCase, _ name: String, _ value: Double?, _ expected: Double?,
        _ rounding: Double = 0
    ) {
        let agrees = agree(value, expected, rounding: rounding)
        let (value, expected) = ("\(value ?? .nan)", "\(expected ?? .nan)")
        #expect(agrees, "case \(test.number) (\(test.test)): \(name) \(value), SciPy \(expected)")
    }
}

extension Double {
    fileprivate static let e = 2.718281828459045
}
