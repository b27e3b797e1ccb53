/// Relations of measurements, drift reports and alerts.
///
/// A parent that the transaction cannot see, such as a deleted one, throws `.notFound`; an optional
/// relation returns `nil`. To find children, filter on the foreign key, such as
/// `{ $0.projectID == project.id }`.
extension Transaction {
    /// The deployment that was measured.
    public func deployment(of measurement: ModelMonitoring) throws -> Deployment {
        try deployments.find(measurement.deploymentID)
    }

    /// The deployment that a drift report is about.
    public func deployment(of report: DataDriftReport) throws -> Deployment {
        try deployments.find(report.deploymentID)
    }

    /// The project that an alert belongs to, or `nil`.
    public func project(of alert: Alert) throws -> Project? {
        try alert.projectID.flatMap { try projects.findIfExists($0) }
    }

    /// The deployment that an alert is about, or `nil`.
    public func deployment(of alert: Alert) throws -> Deployment? {
        try alert.deploymentID.flatMap { try deployments.findIfExists($0) }
    }

    /// Who raised an alert first, or `nil`.
    public func raiser(of alert: Alert) throws -> User? {
        try alert.raisedBy.flatMap { try users.findIfExists($0) }
    }

    /// Who took an alert on, or `nil`.
    public func acknowledger(of alert: Alert) throws -> User? {
        try alert.acknowledgedBy.flatMap { try users.findIfExists($0) }
    }

    /// Who resolved an alert, or `nil`.
    public func resolver(of alert: Alert) throws -> User? {
        try alert.resolvedBy.flatMap { try users.findIfExists($0) }
    }
}
