import Foundation
import Testing

@testable import MLOpsCore
@testable import MLOpsSampleData

@Suite struct SampleDataTests {
    private let day: TimeInterval = 86_400

    private func sample(seed: UInt64 = 1, start: Date? = nil) async throws -> SampleSummary {
        try await SampleData.insert(into: SQLiteStore.inMemory(), seed: seed, start: start)
    }

    private func version(_ name: String, of summary: SampleSummary) async throws -> ModelVersion {
        try await summary.workspace.read { tx in
            let project = try #require(try tx.projects.withSlug("fraud-detection"))
            let model = try #require(
                try tx.models.named("XGBoost Fraud Classifier", in: project.id))
            return try #require(try tx.modelVersions.version(name, of: model.id))
        }
    }

    private func service(_ summary: SampleSummary) async throws -> Deployment {
        try #require(try await summary.workspace.deployments.first { $0.name == "fraud-scoring" })
    }

    @Test func everyTableHasRows() async throws {
        let summary = try await sample()
        #expect(summary.counts.count == Schema.tables.count)
        #expect(summary.counts.filter { $0.value == 0 }.isEmpty)
        let counts = try await summary.workspace.store.withSystemAccess(reason: "test") {
            try await $0.read { tx in
                [
                    "users": try tx.users.count(), "run_metrics": try tx.metrics.count(),
                    "model_monitoring": try tx.monitoring.count(),
                    "audit_logs": try tx.auditLogs.count {
                        $0.organizationID == summary.organizationID
                    },
                ]
            }
        }
        for (table, count) in counts { #expect(summary.counts[table] == count, "\(table)") }
        #expect(summary.counts["organizations"] == 1)
        #expect(summary.counts["model_monitoring"] == 3 * 168)
    }

    @Test func aFileTakesItAndIsSound() async throws {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "\(Identifier<Organization>()).db")
        let store = try await SQLiteStore.open(file.path)
        let summary = try await SampleData.insert(into: store)
        #expect(try await store.verify().problems == [])
        try await store.close()
        let again = try await SQLiteStore.open(file.path)
        let present = try await SampleData.insert(into: again, whenPresent: .skip)
        #expect(present.counts == summary.counts)
        try await again.close()
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: file.path + suffix)
        }
    }

    @Test func theSameSeedGivesTheSameRows() async throws {
        let first = try await Snapshot(sample(seed: 7))
        let second = try await Snapshot(sample(seed: 7))
        #expect(first.tables.count == Schema.tables.count)
        for (table, rows) in first.tables { #expect(rows == second.tables[table], "\(table)") }
    }

    @Test func anotherSeedOrStartGivesOtherRows() async throws {
        let first = try await Snapshot(sample(seed: 1))
        let second = try await Snapshot(sample(seed: 2))
        for (table, rows) in first.tables { #expect(rows != second.tables[table], "\(table)") }
        let later = try await sample(start: SampleData.defaultStart + 7 * day)
        let service = try await service(later)
        #expect(service.deployedAt == SampleData.defaultStart + 7 * day + 840)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>) func theStoryHoldsForEverySeed(
        seed: UInt64
    ) async throws {
        let summary = try await sample(seed: seed)
        let service = try await service(summary)
        try await summary.workspace.read { tx in
            let anomalies = try tx.monitoring.count {
                $0.deploymentID == service.id && $0.isAnomaly == true
            }
            #expect(anomalies == 13)
            let drifted = try tx.driftReports.all { $0.isDriftDetected == true }
            #expect(drifted.map(\.periodStart) == [SampleData.defaultStart + 5 * 86_400])
            #expect(try tx.auditLogs.verifyChain().isIntact)
        }
    }

    @Test func aSecondCallIsRefusedOrSkipped() async throws {
        let store = try await SQLiteStore.inMemory()
        let first = try await SampleData.insert(into: store)
        let error = await #expect(throws: StoreError.self) {
            try await SampleData.insert(into: store, seed: 2)
        }
        #expect(error?.code == .alreadyExists)
        #expect(error?.field == "slug")
        let second = try await SampleData.insert(into: store, seed: 2, whenPresent: .skip)
        #expect(second.organizationID == first.organizationID)
        #expect(second.adminID == first.adminID)
        #expect(second.dataScientistID == first.dataScientistID)
        #expect(second.engineerID == first.engineerID)
        #expect(second.workspace.principal == first.workspace.principal)
        #expect(second.counts == first.counts)
    }

    @Test func anotherOrganizationOfThatSlugIsNotTakenForTheSample() async throws {
        let store = try await SQLiteStore.inMemory()
        try await store.withSystemAccess(reason: "test") {
            _ = try await $0.write { try $0.organizations.insert(Organization(name: "Acme ML")) }
        }
        let error = await #expect(throws: StoreError.self) {
            try await SampleData.insert(into: store, whenPresent: .skip)
        }
        #expect(error?.code == .alreadyExists)
    }

    @Test func theWorkspaceOpensForEveryPerson() async throws {
        let summary = try await sample()
        for user in [summary.adminID, summary.dataScientistID, summary.engineerID] {
            let workspace = try await summary.workspace.store.workspace(
                organization: summary.organizationID, as: .user(user))
            #expect(try await workspace.projects.count() == 2)
        }
        let makers = Set(try await summary.workspace.models.all().map(\.createdBy))
            .union(try await summary.workspace.projects.all().map(\.createdBy))
            .union(try await summary.workspace.deployments.all().map(\.createdBy))
        #expect(makers.count == 3)
    }

    @Test func theLiveVersionLeadsToItsRun() async throws {
        let summary = try await sample()
        let service = try await service(summary)
        let good = try await version("1.0.0", of: summary)
        let bad = try await version("1.1.0", of: summary)
        #expect(good.stage == .production)
        #expect(bad.stage == .archived)
        #expect(service.modelVersionID == good.id)
        #expect(good.artifactSHA256?.count == 64)
        let monday = SampleData.defaultStart
        try await summary.workspace.read { tx in
            func live(_ hours: Double) throws -> String? {
                try tx.deployments.liveVersion(of: service.id, at: monday + hours * 3600)?.version
            }
            #expect(try live(0) == nil)
            #expect(try live(61.5) == "1.0.0")
            #expect(try live(62) == "1.1.0")
            #expect(try live(65) == "1.1.0")
            #expect(try live(66) == "1.0.0")
            let history = try tx.deploymentHistory.of(deployment: service.id)
            #expect(history.map(\.action) == [.rollback, .update, .deploy])

            let lineage = try tx.modelVersions.lineage(of: good.id)
            #expect(lineage.project.name == "Fraud Detection")
            #expect(lineage.experiment?.name == "Fraud classifier tuning")
            let run = try #require(lineage.run)
            #expect(run.environment["git_commit"]?.string?.count == 40)
            #expect(run.parameters["eta"]?.double == 0.1)
            let figure = try #require(run.metrics["val_auc"]).last
            #expect(good.performanceMetrics["val_auc"] == .double(figure))
            let curve = try tx.metrics.history(of: run.id, metric: "val_auc")
            #expect(curve.map(\.step) == Array(1...20))
            #expect(curve.last?.value == figure)
        }
    }

    @Test func theTuningHasALeaderboard() async throws {
        let summary = try await sample()
        let good = try await version("1.0.0", of: summary)
        try await summary.workspace.read { tx in
            let tuning = try #require(
                try tx.experiments.first { $0.name == "Fraud classifier tuning" })
            #expect(tuning.status == .completed)
            let parent = try #require(try tx.runs.first { $0.runName == "grid search" })
            let children = try tx.runs.children(of: parent.id)
            #expect(children.count == 12)
            #expect(children.filter { $0.status == .failed }.count == 1)
            let ranked = try tx.runs.ranked(by: "val_auc", in: tuning.id)
            #expect(ranked.count == 12)
            #expect(ranked.first?.id == good.sourceRunID)
        }
    }

    @Test func theWeekCanBeQueried() async throws {
        let summary = try await sample()
        let service = try await service(summary)
        let monday = SampleData.defaultStart
        let week = monday...(monday + 7 * day)
        try await summary.workspace.read { tx in
            let anomalies = try tx.monitoring.anomalies(
                of: service.id, from: week.lowerBound, to: week.upperBound)
            let bad = try anomalies.filter {
                try tx.deployments.liveVersion(of: service.id, at: $0.recordedAt)?.version
                    == "1.1.0"
            }
            #expect(bad.count == 12)
            #expect(Set(bad.map(\.metricName)).count == 3)
            let reports = try tx.driftReports.of(deployment: service.id, overlapping: week)
            #expect(reports.count == 7)
            let drifted = try #require(reports.first { $0.isDriftDetected })
            let features = drifted.featureDrift.filter(\.value.isDrift).map(\.key)
            #expect(features == ["merchant_category"])
            #expect(drifted.featureDrift["merchant_category"]?.statistic == drifted.driftScore)

            #expect(try tx.alerts.open().map(\.alertType) == [.dataDrift])
            let acknowledged = try tx.alerts.all { $0.status == .acknowledged }
            #expect(acknowledged.map(\.alertType) == [.highLatency])
            let resolved = try tx.alerts.all { $0.status == .resolved }
            #expect(resolved.count == 3)
            for alert in resolved { #expect(alert.updatedAt == alert.resolvedAt) }
            #expect(resolved.first { $0.alertType == .errorRate }?.occurrences == 4)
        }
    }

    @Test func theAuditTrailIsIntactAndTellsTheStory() async throws {
        let summary = try await sample()
        try await summary.workspace.read { tx in
            let report = try tx.auditLogs.verifyChain()
            #expect(report.isIntact)
            #expect(report.count == summary.counts["audit_logs"])
            let entries = try tx.auditLogs.all(order: { [$0.sequence.ascending] })
            #expect(entries.map(\.createdAt) == entries.map(\.createdAt).sorted())
            #expect(Set(entries.compactMap(\.userID)).count == 3)
            let actions = Set(entries.map(\.action))
            #expect(
                actions.isSuperset(of: [
                    "organization.create", "experiment_run.update", "model_version.promote",
                    "deployment_history.create", "run_metric.create", "alert.acknowledge",
                    "alert.resolve", "api_key.revoke",
                ]))
            let byKey = try #require(entries.first { $0.apiKeyID != nil })
            #expect(byKey.resourceType == "deployment_history")
        }
    }

    @Test func noSecretIsStored() async throws {
        let summary = try await sample()
        let channels = try await summary.workspace.notificationChannels.all()
        #expect(channels.map(\.isActive) == [false, true])
        #expect(channels[0].config == [:] && channels[1].config["host"] != nil)
        let keys = try await summary.workspace.apiKeys.all()
        #expect(keys.count == 4)
        #expect(keys.filter { !$0.isUsable(at: SampleData.defaultStart) }.count == 1)
        for key in keys { #expect(key.keyHash.count == 64) }
    }
}

/// Every row of a store, by table, as JSON.
private struct Snapshot {
    let tables: [String: String]

    init(_ summary: SampleSummary) async throws {
        tables = try await summary.workspace.read { tx in
            var tables: [String: String] = [:]
            for type in Schema.records { tables["\(type)"] = try Self.rows(of: type, in: tx) }
            return tables
        }
    }

    private static func rows<Record: Entity>(
        of type: Record.Type, in tx: any Transaction
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(
            decoding: try encoder.encode(try tx.repository(of: type).all()), as: UTF8.self)
    }
}
