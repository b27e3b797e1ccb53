public import Foundation

extension Records where Record == ModelMonitoring {
    /// See ``ModelMonitoringRepository/series(of:metric:from:to:)``.
    public func series(
        of deployment: Identifier<Deployment>, metric: String, from: Date, to: Date
    ) async throws -> [ModelMonitoring] {
        try await workspace.read {
            try $0.monitoring.series(of: deployment, metric: metric, from: from, to: to)
        }
    }

    /// See ``ModelMonitoringRepository/anomalies(of:from:to:)``.
    public func anomalies(
        of deployment: Identifier<Deployment>, from: Date, to: Date
    ) async throws -> [ModelMonitoring] {
        try await workspace.read { try $0.monitoring.anomalies(of: deployment, from: from, to: to) }
    }
}

extension Records where Record == DataDriftReport {
    /// See ``DataDriftReportRepository/of(deployment:overlapping:)``.
    public func of(
        deployment: Identifier<Deployment>, overlapping period: ClosedRange<Date>
    ) async throws -> [DataDriftReport] {
        try await workspace.read {
            try $0.driftReports.of(deployment: deployment, overlapping: period)
        }
    }

    /// See ``DataDriftReportRepository/latest(of:)``.
    public func latest(of deployment: Identifier<Deployment>) async throws -> DataDriftReport? {
        try await workspace.read { try $0.driftReports.latest(of: deployment) }
    }
}

extension Records where Record == Alert {
    /// See ``AlertRepository/open()``.
    public func open() async throws -> [Alert] {
        try await workspace.read { try $0.alerts.open() }
    }

    /// See ``AlertRepository/unresolved()``.
    public func unresolved() async throws -> [Alert] {
        try await workspace.read { try $0.alerts.unresolved() }
    }

    /// See ``AlertRepository/of(deployment:)``.
    public func of(deployment: Identifier<Deployment>) async throws -> [Alert] {
        try await workspace.read { try $0.alerts.of(deployment: deployment) }
    }

    /// See ``AlertRepository/raise(_:)``.
    @discardableResult
    public func raise(_ alert: Alert) async throws -> Alert {
        try await workspace.write { try $0.alerts.raise(alert) }
    }

    /// See ``AlertRepository/acknowledge(_:)``.
    @discardableResult
    public func acknowledge(_ id: Identifier<Alert>) async throws -> Alert {
        try await workspace.write { try $0.alerts.acknowledge(id) }
    }

    /// See ``AlertRepository/resolve(_:)``.
    @discardableResult
    public func resolve(_ id: Identifier<Alert>) async throws -> Alert {
        try await workspace.write { try $0.alerts.resolve(id) }
    }

    /// See ``AlertRepository/snooze(_:until:)``.
    @discardableResult
    public func snooze(_ id: Identifier<Alert>, until time: Date?) async throws -> Alert {
        try await workspace.write { try $0.alerts.snooze(id, until: time) }
    }

    /// See ``AlertRepository/comment(_:_:)``.
    @discardableResult
    public func comment(_ id: Identifier<Alert>, _ text: String) async throws -> Alert {
        try await workspace.write { try $0.alerts.comment(id, text) }
    }

    /// See ``AlertRepository/resolveAutomatic(_:in:)``.
    @discardableResult
    public func resolveAutomatic(
        _ fingerprint: String, in project: Identifier<Project>?
    ) async throws -> Alert? {
        try await workspace.write { try $0.alerts.resolveAutomatic(fingerprint, in: project) }
    }

    /// See ``AlertRepository/deliveries(of:)``.
    public func deliveries(of id: Identifier<Alert>) async throws -> [AlertDelivery] {
        try await workspace.read { try $0.alerts.deliveries(of: id) }
    }
}
