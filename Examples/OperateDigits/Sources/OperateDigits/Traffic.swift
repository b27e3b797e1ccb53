import Digits
import MLOpsCore
import MLOpsOperations

/// Plays windows of production traffic, and reads back what the monitor has stored.
struct Traffic {
    let workspace: Workspace
    let monitor: DeploymentMonitor
    let deployment: Identifier<Deployment>
    let images: DigitImages
    private(set) var windows = 0

    /// A window has every third image, so that three have all.
    private static let parts = 3

    init(
        to deployment: Identifier<Deployment>, in workspace: Workspace, images: DigitImages,
        reference: ReferenceProfile
    ) throws {
        self.workspace = workspace
        self.deployment = deployment
        self.images = images
        // Windows end here when their images are played, and not with time.
        monitor = DeploymentMonitor(
            of: deployment, in: workspace, detector: try DriftDetector(profile: reference))
    }

    /// Sends a third of the images, and ends the window.
    mutating func play(_ model: any Classifier, through scanner: Scanner) async throws -> Figures {
        var service = DigitService(
            model: model, scanner: scanner, monitor: monitor, seed: windows)
        for index in stride(from: windows % Self.parts, to: images.count, by: Self.parts) {
            service.serve(images.images[index], label: images.labels[index])
        }
        windows += 1
        guard await monitor.flush() else { throw StoryError(expected: "the window is stored") }
        return try await figures()
    }

    /// What the store has of the last window.
    struct Figures {
        let window: Int
        let requests: Int
        let accuracy: Double
        let latency: Double
        let report: DataDriftReport?

        /// The features by how far they are from the reference, the furthest first.
        private var features: [(name: String, drift: FeatureDrift)] {
            (report?.featureDrift ?? [:]).map { (name: $0.key, drift: $0.value) }
                .sorted { $0.drift.statistic > $1.drift.statistic }
        }

        /// One line.
        var text: String {
            let drifted = features.count(where: \.drift.isDrift)
            return "window \(window): \(requests) requests, accuracy "
                + "\(accuracy.formatted(digits: 3)), p95 \(latency.formatted(digits: 0)) ms, "
                + "\(drifted) of \(features.count) drift"
        }

        /// How far each feature is, by the population stability index.
        var drift: String {
            features.map { "\($0.name) \($0.drift.statistic.formatted(digits: 2))" }
                .joined(separator: ", ")
        }
    }

    private func figures() async throws -> Figures {
        try await workspace.read { [deployment, windows] tx in
            func last(_ metric: String) throws -> Double {
                try tx.monitoring.series(
                    of: deployment, metric: metric, from: .distantPast, to: .distantFuture
                ).last?.value ?? .nan
            }
            return Figures(
                window: windows, requests: Int(try last("requests.count")),
                accuracy: try last("accuracy.mean"),
                latency: try last("latency_ms.p95"),
                report: try tx.driftReports.latest(of: deployment))
        }
    }
}
