public import Foundation

/// A comparison of the data of one period with a reference.
public struct DataDriftReport: TenantOwned {
    /// The name of a row in messages.
    public static let entityName = "data drift report"

    /// The key.
    public package(set) var id: Identifier<DataDriftReport>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization> = .unassigned
    /// The deployment whose data it is.
    public package(set) var deploymentID: Identifier<Deployment>
    /// The overall score; never NaN.
    public package(set) var driftScore: Double
    /// The score above which there is drift; never NaN.
    public package(set) var driftThreshold: Double
    /// Whether the score is above the threshold.
    public package(set) var isDriftDetected: Bool
    /// The result for each feature, by name.
    public package(set) var featureDrift: [String: FeatureDrift]
    /// The rest of the report, as a JSON object.
    public package(set) var reportData: JSONValue
    /// The start of the period.
    public package(set) var periodStart: Date
    /// The end of the period; not before its start.
    public package(set) var periodEnd: Date
    /// When the row was made.
    public package(set) var createdAt: Date

    /// Makes a report that is not stored yet.
    public init(
        id: Identifier<DataDriftReport> = Identifier(),
        deployment: Identifier<Deployment>,
        driftScore: Double,
        driftThreshold: Double,
        featureDrift: [String: FeatureDrift] = [:],
        reportData: JSONValue = [:],
        periodStart: Date,
        periodEnd: Date,
        createdAt: Date = .now
    ) {
        self.id = id
        deploymentID = deployment
        self.driftScore = driftScore
        self.driftThreshold = driftThreshold
        isDriftDetected = driftScore > driftThreshold
        self.featureDrift = featureDrift
        self.reportData = reportData
        self.periodStart = periodStart.roundedToMicroseconds
        self.periodEnd = periodEnd.roundedToMicroseconds
        self.createdAt = createdAt.roundedToMicroseconds
    }
}
