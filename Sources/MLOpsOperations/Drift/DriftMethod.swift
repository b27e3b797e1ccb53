/// A way to compare a feature's values with a reference.
public enum DriftMethod: String, Sendable, Hashable, CaseIterable, Codable {
    /// The two-sample Kolmogorov-Smirnov test; of numbers.
    case kolmogorovSmirnov = "ks"
    /// The Wasserstein-1 distance in the feature's own unit; of numbers.
    case wasserstein
    /// The same over the reference's standard deviation, at least 0.001.
    case wassersteinNormed = "wasserstein_normed"
    /// The population stability index; 0.0001 stands for an empty bin.
    case populationStability = "psi"
    /// The Jensen-Shannon distance in base 2.
    case jensenShannon = "js"
    /// The divergence of the reference from the window in nats; 0.0001 stands for an empty bin.
    case kullbackLeibler = "kl"
    /// The Hellinger distance.
    case hellinger
    /// Pearson's test of the two distributions' counts, without Yates's correction.
    case chiSquare = "chi2"
    /// How far the share of missing values has moved, up or down.
    case missing
    /// The share of values outside the reference: new categories, or numbers beyond its range.
    ///
    /// 0 for categories when the reference had more than its profile names.
    case unseen

    /// The method for a feature without one of its own, of numbers and of categories.
    ///
    /// The index uses the exact counts that every profile keeps, sees new categories, and does not
    /// grow with the size of a window, as the verdict of a test does.
    public static let standard = DriftMethod.populationStability

    /// Whether it yields a p-value, which is small when there is drift.
    public var isTest: Bool { self == .kolmogorovSmirnov || self == .chiSquare }

    /// Whether it needs numbers.
    public var isNumeric: Bool {
        switch self {
        case .kolmogorovSmirnov, .wasserstein, .wassersteinNormed: true
        default: false
        }
    }

    /// The usual threshold of the p-value or distance.
    ///
    /// For ``wasserstein`` in standard deviations of the reference.
    public var usualThreshold: Double {
        switch self {
        case .kolmogorovSmirnov, .chiSquare, .missing: 0.05
        case .populationStability: 0.2
        case .unseen: 0.01
        default: 0.1
        }
    }
}

/// A method with its threshold.
public struct DriftCheck: Sendable, Hashable {
    /// The method.
    public let method: DriftMethod
    /// There is drift below it for a test's p-value, above it for a distance.
    ///
    /// `nil` for the method's usual threshold.
    public let threshold: Double?

    /// Combines a method and a threshold.
    public init(_ method: DriftMethod = .standard, threshold: Double? = nil) {
        self.method = method
        self.threshold = threshold
    }
}
