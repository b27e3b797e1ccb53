import Foundation
import MLOpsCore

/// The figures of a window that has ended, until they are stored.
struct MonitorWindow: Sendable {
    /// The key of the first row; it tells whether an attempt without an answer has succeeded.
    let id = Identifier<ModelMonitoring>()
    let end: Date
    let figures: [(name: String, value: Double)]
    let report: DataDriftReport?
    var attempts = 0

    func store(for deployment: Identifier<Deployment>, in tx: any Transaction) throws {
        if attempts > 0, try isStored(in: tx) { return }
        let rows = figures.enumerated().map { index, figure in
            ModelMonitoring(
                id: index == 0 ? id : Identifier(), deployment: deployment,
                metricName: figure.name, value: figure.value, recordedAt: end)
        }
        if !rows.isEmpty { try tx.monitoring.insert(contentsOf: rows) }
        if let report { try tx.driftReports.insert(report) }
    }

    private func isStored(in tx: any Transaction) throws -> Bool {
        if !figures.isEmpty { return try tx.monitoring.findIfExists(id) != nil }
        return try report.map { try tx.driftReports.findIfExists($0.id) != nil } ?? true
    }
}
