public import Foundation

/// The reports on the drift of deployments' data.
public protocol DataDriftReportRepository: Repository where Record == DataDriftReport {
    /// The reports of a deployment whose period has a moment in common with `period`, by the start
    /// of their period.
    ///
    /// - Throws: `.notFound` for a deployment that is absent or deleted.
    func of(
        deployment: Identifier<Deployment>, overlapping period: ClosedRange<Date>
    ) throws -> [DataDriftReport]

    /// The report of a deployment whose period ends last, or `nil`.
    ///
    /// - Throws: `.notFound` for a deployment that is absent or deleted.
    func latest(of deployment: Identifier<Deployment>) throws -> DataDriftReport?
}
