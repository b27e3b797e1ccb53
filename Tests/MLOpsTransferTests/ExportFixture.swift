import Foundation
import MLOpsCore
import MLOpsTransfer
import Testing

/// A store with names, texts and numbers that are easily spoilt on their way.
struct ExportFixture: Sendable {
    static let values: [Double] = [
        1 / 3, 0.1 + 0.2, .nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude,
        .greatestFiniteMagnitude, 1e22,
        0x1p53, -42,
    ]
    static let names = [
        "loss", "odd, \"name\"", "two\nlines", "crlf\r\nname", "👩‍🔬 accuracy", "דיוק\u{202E}",
        " padded ",
        "=1+1", "NA",
    ]
    static let start = Date(timeIntervalSince1970: 1_767_600_000.123456)
    static let png = Data(
        base64Encoded:
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
            + "AABJRU5ErkJggg==")

    let transfer: TransferFixture
    let workspace: Workspace
    let project: Project
    let experiment: Experiment
    let run: ExperimentRun
    let other: ExperimentRun

    init() async throws {
        transfer = try await TransferFixture()
        workspace = try await transfer.store.localWorkspace()
        (project, experiment, run, other) = try await workspace.write { tx in
            let project = try tx.projects.insert(Project(name: "Digits", visibility: .organization))
            let experiment = try tx.experiments.insert(
                Experiment(project: project.id, name: "sweep, \"wide\""))
            let run = try tx.runs.insert(
                ExperimentRun(
                    experiment: experiment.id, runName: "-2+3, \"baseline\"", status: .completed,
                    parameters: [
                        "optimizer": ["name": "adam", "betas": [0.9, 0.999]], "rate": 0.1,
                        "layers": 3, "shuffle": true, "big": 9_007_199_254_740_993, "none": .null,
                    ],
                    tags: ["team": "=cmd|' /C calc'!A0", "host": "a\nb"],
                    startedAt: Self.start, completedAt: Self.start + 90.5, createdAt: Self.start))
            var batch = MetricBatch()
            for (index, name) in Self.names.enumerated() {
                for (step, value) in Self.values.enumerated() {
                    let time = Self.start + Double(step) + 0.000_001 * Double(index)
                    batch.add(name, value, step: Int64(step) * 3 - 5, at: time)
                }
            }
            try tx.runs.append(batch, to: run.id)
            let other = try tx.runs.insert(
                ExperimentRun(
                    experiment: experiment.id, runName: "other", status: .failed,
                    createdAt: Self.start + 1))
            var marked = try tx.runs.find(other.id)
            marked.note = "@note"
            marked.group = "g1"
            return (project, experiment, try tx.runs.find(run.id), try tx.runs.update(marked))
        }
    }

    var tables: TableExport { TableExport(workspace) }

    func path(_ name: String) -> URL { transfer.directory.appending(path: name) }

    func text(_ name: String) throws -> String {
        try String(contentsOf: path(name), encoding: .utf8)
    }

    /// A point, comparable to the last bit.
    struct Point: Hashable {
        let metric: String
        let step: Int64
        let microseconds: Int64
        let bits: UInt64

        init(_ metric: String, _ point: MetricPoint) {
            self.metric = metric
            step = point.step
            microseconds = Int64((point.timestamp.timeIntervalSince1970 * 1_000_000).rounded())
            bits = point.value.isNaN ? 1 : point.value.bitPattern
        }
    }

    static func points(_ run: TransferFixture.Run) -> [Point] {
        run.points.sorted { $0.key < $1.key }.flatMap { name, points in
            points.map { Point(name, $0) }
        }
    }

    /// A member of the organization who sees only projects of its visibility, and another project
    /// that hides a run, a point and a model from them.
    func workspaceOfOneWhoSeesLess() async throws -> Workspace {
        let store = transfer.store
        let user = try await store.withSystemAccess(reason: "test") {
            try await $0.write { try $0.users.insert(User(email: "viewer@example.com")) }
        }
        try await workspace.write { tx in
            try tx.memberships.insert(
                OrganizationMembership(user: user.id, role: .viewer, joinedAt: .now))
            let hidden = try tx.projects.insert(Project(name: "Hidden", visibility: .private))
            let experiment = try tx.experiments.insert(
                Experiment(project: hidden.id, name: "secret"))
            let run = try tx.runs.insert(
                ExperimentRun(experiment: experiment.id, runName: "secret run"))
            var batch = MetricBatch()
            batch.add("secret metric", 1, step: 1, at: .now)
            try tx.runs.append(batch, to: run.id)
            let model = try tx.models.insert(Model(project: hidden.id, name: "secret model"))
            try tx.modelVersions.insert(ModelVersion(model: model.id, version: "1"))
        }
        return try await store.workspace(
            organization: workspace.organizationID, as: .user(user.id))
    }
}
