import Foundation
import MLOpsCore

/// The figures of a window that has ended, until they are stored.
struct MonitorWindow: Sendable {
    /// A figure, or the report, that the store does not take.
    struct Refused: Sendable {
        let row: String
        let error: StoreError
    }

    /// The key of the first row; it tells whether an attempt without an answer has succeeded.
    let id = Identifier<ModelMonitoring>()
    let end: Date
    let figures: [(name: String, value: Double)]
    let report: DataDriftReport?
    var attempts = 0

    /// The number of figures, and of the report.
    var rowCount: Int { figures.count + (report == nil ? 0 : 1) }

    func store(for deployment: Identifier<Deployment>, in tx: any Transaction) throws {
        if attempts > 0, try isStored(in: tx) { return }
        let rows = figures.enumerated().map { index, figure in
            row(figure, isFirst: index == 0, deployment)
        }
        if !rows.isEmpty { try tx.monitoring.insert(contentsOf: rows) }
        if let report { try tx.driftReports.insert(report) }
    }

    /// Stores each row by itself.
    ///
    /// - Returns: The rows that the store has refused.
    /// - Throws: What is not the fault of a row.
    func storeApart(
        for deployment: Identifier<Deployment>, in tx: any Transaction
    ) throws -> [Refused] {
        if attempts > 0, try isStored(in: tx) { return [] }
        var refused: [Refused] = []
        func attempt(_ row: String, _ body: () throws -> Void) throws {
            do {
                try tx.savepoint(body)
            } catch let error as StoreError where error.isOfContent {
                refused.append(Refused(row: row, error: error))
            }
        }
        for (index, figure) in figures.enumerated() {
            // The key goes to the first row that is stored.
            let row = row(figure, isFirst: index == refused.count, deployment)
            try attempt(figure.name) { try tx.monitoring.insert(row) }
        }
        if let report {
            try attempt("drift report") { try tx.driftReports.insert(report) }
        }
        return refused
    }

    private func row(
        _ figure: (name: String, value: Double), isFirst: Bool,
        _ deployment: Identifier<Deployment>
    ) -> ModelMonitoring {
        ModelMonitoring(
            id: isFirst ? id : Identifier(), deployment: deployment, metricName: figure.name,
            value: figure.value, recordedAt: end)
    }

    /// Whether one of the rows is there; then all are, for they are stored in one transaction.
    private func isStored(in tx: any Transaction) throws -> Bool {
        if try tx.monitoring.findIfExists(id) != nil { return true }
        return try report.map { try tx.driftReports.findIfExists($0.id) != nil } ?? false
    }
}

extension StoreError {
    /// Whether the rows are at fault, so that they would be refused again.
    ///
    /// What the database has reported may be a fault of its own.
    var isOfContent: Bool { !isReported && [.invalidValue, .checkViolation].contains(code) }
}
