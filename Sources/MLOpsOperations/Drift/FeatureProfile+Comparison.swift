import MLOpsCore

extension FeatureProfile {
    /// Compares a window's values with the reference, once by each check.
    ///
    /// The Kolmogorov-Smirnov test and the distances of Wasserstein take the profile's sample for
    /// the reference; all other methods take its exact counts. The window is sorted once. Without
    /// values to compare, a result has no statistic and a reason.
    ///
    /// - Throws: `StoreError` with `.invalidValue` for numbers where the reference has categories,
    ///   or the reverse, and for categories by a method that needs numbers.
    public func compare(_ column: DriftColumn, by checks: [DriftCheck]) throws -> [DriftResult] {
        let window = try DriftWindow(column, like: self)
        return try checks.map { check in
            try requireFit(check)
            let measured = try measure(window, check.method)
            let hasBins = [
                .populationStability, .jensenShannon, .kullbackLeibler, .hellinger, .chiSquare,
            ].contains(check.method)
            return DriftResult(
                feature: name, method: check.method, statistic: measured.statistic,
                pValue: measured.pValue,
                threshold: check.threshold ?? usualThreshold(of: check.method),
                referenceCount: count, currentCount: window.count, referenceNulls: nulls,
                currentNulls: window.nulls,
                bins: hasBins && measured.statistic != nil
                    ? window.shares(ofReference: count) : nil,
                reason: measured.reason)
        }
    }

    /// - Throws: `StoreError` with `.invalidValue` for a method that needs numbers, or a threshold
    ///   that is NaN.
    func requireFit(_ check: DriftCheck) throws {
        if check.method.isNumeric, case .categorical = content {
            throw StoreError(
                .invalidValue,
                "The method \(check.method.rawValue) needs numbers; the feature \(name) has "
                    + "categories.", field: name)
        }
        if check.threshold?.isNaN == true {
            throw StoreError(.invalidValue, "The threshold of \(name) is NaN.", field: name)
        }
    }

    private func usualThreshold(of method: DriftMethod) -> Double {
        guard method == .wasserstein, case .numeric(let profile) = content else {
            return method.usualThreshold
        }
        return method.usualThreshold * Wasserstein.norm(profile.standardDeviation)
    }

    private struct Measured {
        var statistic: Double?
        var pValue: Double?
        var reason: String?
    }

    private func measure(_ window: DriftWindow, _ method: DriftMethod) throws -> Measured {
        if method == .missing {
            guard count > 0 || nulls > 0 else { return Measured(reason: "the reference is empty") }
            guard window.count > 0 || window.nulls > 0 else {
                return Measured(reason: "the window is empty")
            }
            let share = Self.fraction(window.nulls, of: window.count)
            return Measured(statistic: abs(share - nullFraction))
        }
        guard count > 0 else { return Measured(reason: "the reference has no values") }
        guard window.count > 0 else {
            return Measured(reason: "the window has no values, only missing ones")
        }
        if method == .unseen {
            return Measured(statistic: Double(window.unseen) / Double(window.count))
        }
        if case .numeric(let profile, let sample) = window.content, method.isNumeric {
            return try measure(sample, profile, method)
        }
        return try measure(
            window.bins.map { Double($0.reference) }, window.bins.map { Double($0.current) },
            method)
    }

    private func measure(
        _ current: SortedSample, _ profile: NumericProfile, _ method: DriftMethod
    ) throws -> Measured {
        if method == .kolmogorovSmirnov {
            let test = try KolmogorovSmirnov(profile.sample, current)
            return Measured(statistic: test.statistic, pValue: test.pValue)
        }
        let distance = try Wasserstein.distance(profile.sample, current)
        guard method == .wassersteinNormed else { return Measured(statistic: distance) }
        return Measured(statistic: distance / Wasserstein.norm(profile.standardDeviation))
    }

    private func measure(
        _ reference: [Double], _ current: [Double], _ method: DriftMethod
    ) throws -> Measured {
        switch method {
        case .jensenShannon:
            return Measured(statistic: try Divergence.jensenShannonDistance(reference, current))
        case .kullbackLeibler:
            return Measured(
                statistic: try Divergence.kullbackLeibler(
                    reference, current, emptyShare: Divergence.emptyShare))
        case .hellinger:
            return Measured(statistic: try Divergence.hellinger(reference, current))
        case .chiSquare:
            let filled = zip(reference, current).filter { $0 + $1 > 0 }
            guard filled.count > 1 else { return Measured(reason: "all values are in one bin") }
            let test = try ChiSquare.contingency([filled.map(\.0), filled.map(\.1)])
            return Measured(statistic: test.statistic, pValue: test.pValue)
        default:
            return Measured(statistic: try Divergence.populationStability(reference, current))
        }
    }
}
