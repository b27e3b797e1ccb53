public import Foundation

/// The measurements of an organization's deployments.
///
/// Both methods throw `.notFound` for a deployment that is absent or deleted; both ends of their
/// times are included.
public protocol ModelMonitoringRepository: Repository where Record == ModelMonitoring {
    /// The measurements of one metric of a deployment, by the time they were recorded.
    func series(
        of deployment: Identifier<Deployment>, metric: String, from: Date, to: Date
    ) throws -> [ModelMonitoring]

    /// The anomalies of all metrics of a deployment, by the time they were recorded.
    func anomalies(
        of deployment: Identifier<Deployment>, from: Date, to: Date
    ) throws -> [ModelMonitoring]
}
