/// The values of one feature, in a reference or in a window.
public enum DriftColumn: Sendable, Hashable {
    /// Numbers; NaN is a missing value.
    case numeric([Double])
    /// Names of categories; `nil` is a missing value.
    case categorical([String?])

    /// The number of values, missing ones included.
    public var count: Int {
        switch self {
        case .numeric(let values): values.count
        case .categorical(let values): values.count
        }
    }
}
