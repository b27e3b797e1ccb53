import Foundation
import MLOpsCore
import MLOpsTesting
import Testing

@testable import MLOpsOperations

@Suite struct StoredProfileTests {
    private static func profile(_ shift: Double = 0) throws -> ReferenceProfile {
        try ReferenceProfile(of: [
            ("age", .numeric((0..<500).map { Double($0 % 50) + shift })),
            ("country", .categorical((0..<500).map { $0 % 3 == 0 ? "SE" : nil })),
        ])
    }

    /// A version of a run, and a deployment that serves it.
    private struct Site {
        let workspace: Workspace
        let run: Identifier<ExperimentRun>
        let version: ModelVersion
        let deployment: Deployment

        init(_ log: (RunLogger) async throws -> Void) async throws {
            let workspace = try await Workspace.inMemory()
            let run = try await workspace.withRun(
                project: "Digits", experiment: "sweep", name: "first"
            ) { run in
                try await log(run)
                return run.id
            }
            let (version, deployment) = try await workspace.write { tx in
                let project = try tx.experiments.find(tx.runs.find(run).experimentID).projectID
                let model = try tx.models.insert(Model(project: project, name: "digits"))
                let version = try tx.modelVersions.insert(
                    ModelVersion(model: model.id, version: "1", sourceRun: run))
                let deployment = try tx.deployments.deploy(
                    Deployment(
                        project: project, modelVersion: version.id, name: "api",
                        environment: .development))
                return (version, deployment)
            }
            self.workspace = workspace
            self.run = run
            self.version = version
            self.deployment = deployment
        }

        func expect(_ code: StoreError.Code, _ words: String) async {
            await #expect {
                try await workspace.referenceProfile(ofVersion: version.id)
            } throws: { error in
                let error = error as? StoreError
                return error?.code == code && error?.message.contains(words) == true
            }
        }
    }

    @Test func aProfileIsFoundByItsVersion() async throws {
        let profile = try Self.profile()
        let site = try await Site { run in
            try await run.logReferenceProfile(Self.profile(1))
            let artifact = try await run.logReferenceProfile(profile)
            #expect(artifact.kind == .file)
        }
        #expect(try await site.workspace.referenceProfile(ofVersion: site.version.id) == profile)
        let live = try await site.workspace.referenceProfile(
            ofLiveVersionOn: site.deployment.id)
        #expect(live == profile)
        let run = try await site.workspace.runs.find(site.run)
        #expect(Array(run.artifacts.keys) == [ReferenceProfile.artifactName])
        try await site.workspace.write { _ = try $0.deployments.terminate(site.deployment.id) }
        await #expect(throws: StoreError.self) {
            try await site.workspace.referenceProfile(ofLiveVersionOn: site.deployment.id)
        }
    }

    @Test func whatIsMissingIsSaid() async throws {
        let site = try await Site { _ in }
        await site.expect(
            .notFound, "The source run first of the version 1 has no artifact reference-profile")
        let other = try await site.workspace.modelVersions.insert(
            ModelVersion(model: site.version.modelID, version: "2"))
        await #expect {
            try await site.workspace.referenceProfile(ofVersion: other.id)
        } throws: { ($0 as? StoreError)?.message.hasPrefix("The version 2 has no source") == true }
        await #expect {
            try await site.workspace.referenceProfile(ofVersion: Identifier())
        } throws: { ($0 as? StoreError)?.code == .notFound }
    }

    @Test func whatIsNoProfileIsRefused() async throws {
        let site = try await Site { run in
            let file = FileManager.default.temporaryDirectory
                .appending(path: "\(run.id).json")
            defer { try? FileManager.default.removeItem(at: file) }
            try Data("{}".utf8).write(to: file)
            try await run.logArtifact(file, named: ReferenceProfile.artifactName)
        }
        await site.expect(.invalidValue, "This is no reference profile: version is missing")
    }

    @Test func changedBytesAreRefused() async throws {
        let site = try await Site { try await $0.logReferenceProfile(Self.profile()) }
        let file = try await site.workspace.artifact(
            named: ReferenceProfile.artifactName, of: site.run)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        let handle = try FileHandle(forWritingTo: file)
        try handle.write(contentsOf: Data("[".utf8))
        try handle.close()
        await site.expect(.corrupt, "have changed")
    }

    @Test func namesThatNoStoreTakesAreRefused() {
        for name in ["a\0b", String(repeating: "x", count: 1025)] {
            #expect(throws: StoreError.self) { try ReferenceProfile(of: [(name, .numeric([1]))]) }
        }
    }
}
