/// Relations of measurements, drift reports and alerts.
///
/// Upwards, a parent that the transaction cannot see, such as a deleted one, is `.notFound`, or
/// `nil` where the relation is optional. Downwards, a query may narrow, order and page.
extension Transaction {
    /// The deployment that was measured.
    public func deployment(of measurement: ModelMonitoring) throws -> Deployment {
        try deployments.find(measurement.deploymentID)
    }

    /// The measurements of a deployment.
    public func monitoring(
        of deployment: Deployment, _ query: Query<ModelMonitoring> = Query()
    ) throws -> Page<ModelMonitoring> {
        try monitoring.page(query.filtered { $0.deploymentID == deployment.id })
    }

    /// The deployment that a drift report is about.
    public func deployment(of report: DataDriftReport) throws -> Deployment {
        try deployments.find(report.deploymentID)
    }

    /// The drift reports of a deployment.
    public func driftReports(
        of deployment: Deployment, _ query: Query<DataDriftReport> = Query()
    ) throws -> Page<DataDriftReport> {
        try driftReports.page(query.filtered { $0.deploymentID == deployment.id })
    }

    /// The deployment that an alert is about, or `nil`.
    public func deployment(of alert: Alert) throws -> Deployment? {
        try alert.deploymentID.flatMap { try deployments.findIfExists($0) }
    }

    /// The alerts of a deployment.
    public func alerts(
        of deployment: Deployment, _ query: Query<Alert> = Query()
    ) throws -> Page<Alert> {
        try alerts.page(query.filtered { $0.deploymentID == deployment.id })
    }

    /// Who took an alert on, or `nil`.
    public func acknowledger(of alert: Alert) throws -> User? {
        try alert.acknowledgedBy.flatMap { try users.findIfExists($0) }
    }

    /// The alerts that a user has taken on.
    public func alerts(
        acknowledgedBy user: User, _ query: Query<Alert> = Query()
    ) throws -> Page<Alert> {
        try alerts.page(query.filtered { $0.acknowledgedBy == user.id })
    }

    /// Who resolved an alert, or `nil`.
    public func resolver(of alert: Alert) throws -> User? {
        try alert.resolvedBy.flatMap { try users.findIfExists($0) }
    }

    /// The alerts that a user has resolved.
    public func alerts(
        resolvedBy user: User, _ query: Query<Alert> = Query()
    ) throws -> Page<Alert> {
        try alerts.page(query.filtered { $0.resolvedBy == user.id })
    }
}
