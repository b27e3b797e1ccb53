import MLOpsCore
import MLOpsTesting
import Promotion
import Testing

/// The trait gives each test of the suite an empty store in memory, as `Workspace.current`; the
/// tests run in parallel and never see each other's rows.
@Suite(.freshWorkspace) struct AccuracyGateTests {
    @Test func theFirstVersionIsPromoted() async throws {
        let workspace = try Workspace.current
        let version = try await workspace.insertVersion(1, accuracy: 0.90)

        #expect(try await AccuracyGate().promote(version.id, in: workspace) == .promoted)
        #expect(try await workspace.modelVersions.find(version.id).stage == .production)
    }

    @Test func aBetterVersionReplacesTheOneInProduction() async throws {
        let workspace = try Workspace.current
        let old = try await workspace.insertVersion(1, accuracy: 0.90, stage: .production)
        let new = try await workspace.insertVersion(2, accuracy: 0.95)

        #expect(try await AccuracyGate().promote(new.id, in: workspace) == .promoted)
        #expect(try await workspace.modelVersions.find(new.id).stage == .production)
        #expect(try await workspace.modelVersions.find(old.id).stage == .archived)
    }

    @Test(arguments: [0.85, 0.90, 0.905]) func nothingElseDoes(accuracy: Double) async throws {
        let workspace = try Workspace.current
        let old = try await workspace.insertVersion(1, accuracy: 0.90, stage: .production)
        let new = try await workspace.insertVersion(2, accuracy: accuracy)

        let decision = try await AccuracyGate(minimumGain: 0.01).promote(new.id, in: workspace)
        #expect(decision == .refused(inProduction: 0.90))
        #expect(try await workspace.modelVersions.find(new.id).stage == .development)
        #expect(try await workspace.modelVersions.find(old.id).stage == .production)
    }

    @Test func aVersionWithoutAnAccuracyIsAnError() async throws {
        let workspace = try Workspace.current
        let version = try await workspace.insertVersion(1, accuracy: nil)

        let error = await #expect(throws: AccuracyGate.NotEvaluated.self) {
            try await AccuracyGate().promote(version.id, in: workspace)
        }
        #expect(error?.version == version.version)
    }
}

/// Without the trait a test makes its workspace in one line.
@Test func anUnknownVersionIsNotFound() async throws {
    let workspace = try await Workspace.inMemory()

    let error = await #expect(throws: StoreError.self) {
        try await AccuracyGate().promote(Identifier(), in: workspace)
    }
    #expect(error?.code == .notFound)
}

extension Workspace {
    /// Stores a version of one model; project and model are made with the first.
    fileprivate func insertVersion(
        _ number: Int, accuracy: Double?, stage: ModelStage = .development
    ) async throws -> ModelVersion {
        try await write { tx in
            let project = try tx.projects.first() ?? tx.projects.insert(Fixtures.project())
            let model = try tx.models.first() ?? tx.models.insert(Fixtures.model(in: project.id))
            var version = Fixtures.modelVersion(number, of: model.id)
            version.performanceMetrics = accuracy.map { ["accuracy": .double($0)] } ?? [:]
            let stored = try tx.modelVersions.insert(version)
            return try tx.modelVersions.promote(stored.id, to: stage)
        }
    }
}
