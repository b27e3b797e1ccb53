import Digits
import Foundation
import MLOpsOperations

/// Reads digits, and measures how it fares.
struct DigitService {
    private let model: any Classifier
    private let scanner: Scanner
    private let monitor: DeploymentMonitor
    private var generator: SeededGenerator

    /// An answer that is less certain is worth another scan.
    private static let certainty = 0.5
    private static let maximumScans = 3

    init(model: any Classifier, scanner: Scanner, monitor: DeploymentMonitor, seed: Int) {
        self.model = model
        self.scanner = scanner
        self.monitor = monitor
        generator = SeededGenerator(seed: seed)
    }

    /// Answers a request, whose right answer is known here at once.
    mutating func serve(_ image: [Float], label: Int) {
        var scans = 0
        var scanned: [Float] = []
        var answer = (digit: 0, certainty: 0.0)
        repeat {
            scanned = scanner.scan(image, using: &generator)
            answer = read(scanned)
            scans += 1
        } while answer.certainty < Self.certainty && scans < Self.maximumScans
        monitor.count("requests")
        monitor.record("latency_ms", Double(scans) * Scanner.milliseconds)
        monitor.record("accuracy", answer.digit == label ? 1 : 0)
        monitor.observe(Features(scanned).numbers, categories: ["digit": "\(answer.digit)"])
    }

    /// The likeliest digit, and how likely the model finds it.
    private func read(_ image: [Float]) -> (digit: Int, certainty: Double) {
        let scores = model.scores(for: image)
        let highest = scores.max() ?? 0
        let sum = scores.reduce(0) { $0 + exp($1 - highest) }
        return (scores.firstIndex(of: highest) ?? 0, 1 / Double(sum))
    }
}
