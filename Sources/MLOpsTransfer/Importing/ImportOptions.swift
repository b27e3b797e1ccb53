/// How a store of another program is taken.
public struct ImportOptions: Sendable {
    /// The name or slug of the project; it is made if it does not exist.
    public var project = "imported"
    /// Whether nothing is written: the report says what would be.
    public var isDryRun = false
    /// Whether files of runs are copied; otherwise their places alone are kept.
    public var copiesArtifacts = true
    /// The most points in memory at once.
    public var batch = 1 << 16

    /// The default: everything, into the project `imported`.
    public init() {}
}

/// How far an import is.
public struct ImportProgress: Sendable, Hashable {
    /// Runs that are done.
    public internal(set) var runs = 0
    /// Runs of the source.
    public internal(set) var totalRuns = 0
    /// Points that were read.
    public internal(set) var points = 0
}

/// An error that ended an import before its end.
///
/// What the report says is in the store; the next import goes on.
public struct ImportInterruption: Error, CustomStringConvertible {
    /// What was taken until then.
    public let report: ImportReport
    /// The error.
    public let cause: any Error

    /// The error's description.
    public var description: String { "\(cause)" }
}
