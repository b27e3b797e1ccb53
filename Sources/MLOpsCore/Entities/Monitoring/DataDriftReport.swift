public import Foundation

/// A comparison of the data of one period with a reference.
public struct DataDriftReport: TenantOwned {
    /// The key.
    public let id: Identifier<DataDriftReport>
    /// The organization; filled in on insert.
    public let organizationID: Identifier<Organization>
    /// The deployment whose data it is.
    public let deploymentID: Identifier<Deployment>
    /// The overall score; never NaN.
    public let driftScore: Double
    /// The score above which there is drift; never NaN.
    public let driftThreshold: Double
    /// Whether the score is above the threshold.
    public let isDriftDetected: Bool
    /// What was found for each feature, by name.
    public let featureDrift: [String: FeatureDrift]
    /// The rest of the report, as a JSON object.
    public let reportData: JSONValue
    /// The start of the period.
    public let periodStart: Date
    /// The end of the period; not before its start.
    public let periodEnd: Date
    /// When the row was made.
    public let createdAt: Date

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
        organizationID = .unassigned
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
