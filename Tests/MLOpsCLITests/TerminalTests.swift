import Foundation
import MLOpsCore
import Synchronization
import Testing

@testable import mlops

/// The tool in a terminal of 80 columns and 24 lines.
@Suite struct TerminalTests {
    private struct Session: Decodable {
        let output: String
        let status: Int32
        let restored: Bool

        var hasEscape: Bool { output.contains("\u{1B}") }
        /// Whether it has colours: ECMA-48's SGR with more than a reset.
        var hasColour: Bool { output.contains(/\u{1B}\[[0-9;]*[1-9][0-9;]*m/) }
        var hasCurve: Bool {
            output.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) }
        }
    }

    private final class Flag: Sendable {
        let isSet = Atomic(false)
    }

    private static func run(
        _ tool: Tool, _ arguments: String..., until: String = "",
        environment: [String: String] = [:], then isOver: Flag = Flag()
    ) async throws -> Session {
        defer { isOver.isSet.store(true, ordering: .releasing) }
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Servers/terminal.py").path
        let result = try await tool(
            [script, until, Tool.executable.path] + arguments,
            program: URL(filePath: "/usr/bin/python3"),
            environment: ["TERM": "xterm-256color"].merging(environment) { $1 })
        #expect(result.status == 0, "\(result.errors)")
        return try JSONDecoder().decode(Session.self, from: Data(result.output.utf8))
    }

    @Test func aPlotHasColoursUnlessTheyAreNotWanted() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let plot = ["runs", "plot", "first", "second", "--metric", "loss"]
        let colours = try await Self.run(tool, plot[0], plot[1], plot[2], plot[3], plot[4], plot[5])
        #expect(colours.status == 0 && colours.hasCurve && colours.hasColour && colours.restored)
        let lines = colours.output.split(whereSeparator: \.isNewline)
        #expect(lines.count <= 24)
        for environment in [["NO_COLOR": "1"], ["TERM": "dumb"]] {
            let plain = try await Self.run(
                tool, plot[0], plot[1], plot[2], plot[3], plot[4], plot[5],
                environment: environment)
            #expect(plain.status == 0 && plain.hasCurve && !plain.hasEscape, "\(environment)")
        }
        let pipe = try await tool(plot)
        #expect(pipe.status == 0 && !pipe.output.contains("\u{1B}"))
    }

    /// Watches a run that logs until Ctrl-C is pressed.
    private func watch(
        _ tool: Tool, until: String, environment: [String: String] = [:]
    ) async throws -> Session {
        try await tool.store { store in
            let workspace = try await store.localWorkspace()
            return try await workspace.withRun(
                project: "Digits", experiment: "live", name: "watched run"
            ) { logger in
                logger.log("loss", 1, step: 0)
                try await logger.flush()
                let isOver = Flag()
                async let session = Self.run(
                    tool, "runs", "watch", "--interval", "0.1", until: until,
                    environment: environment, then: isOver)
                for step in 1... {
                    if isOver.isSet.load(ordering: .acquiring) { break }
                    logger.log("loss", 1 / Double(step + 1), step: step)
                    try await logger.flush()
                    try await Task.sleep(for: .milliseconds(100))
                }
                return try await session
            }
        }
    }

    @Test func aWatchIsDrawnAnewAndEndsWithControlC() async throws {
        let tool = try Tool()
        // Each drawing but the first one begins with clearing the one before.
        let session = try await watch(tool, until: "\u{1B}[J")
        #expect(session.status == 130 && session.restored, "\(session.output)")
        #expect(session.hasCurve && session.hasColour && session.output.contains("watched run"))
        let drawings = session.output.components(separatedBy: "\u{1B}[J")
        #expect(drawings.count >= 2)
        for drawing in drawings {
            #expect(drawing.split(whereSeparator: \.isNewline).count <= 24)
        }
    }

    @Test func aWatchWithoutColoursHasNone() async throws {
        let tool = try Tool()
        let plain = try await watch(tool, until: "\u{1B}[J", environment: ["NO_COLOR": "1"])
        #expect(plain.status == 130 && !plain.hasColour && plain.hasCurve)
        let dumb = try await watch(tool, until: "step 3", environment: ["TERM": "dumb"])
        #expect(dumb.status == 130 && !dumb.hasEscape && dumb.output.contains("watched run"))
    }

    @Test func twelveRunsOfAGridAreToldApartAtEightyColumns() async throws {
        let tool = try Tool()
        try await tool.store { store in
            try await store.localWorkspace().write { tx in
                let project = try tx.projects.insert(Project(name: "Digits"))
                let experiment = try tx.experiments.insert(
                    Experiment(project: project.id, name: "a sweep with a rather long name"))
                for number in 0..<12 {
                    let run = try tx.runs.insert(
                        ExperimentRun(
                            experiment: experiment.id,
                            runName: "convolutional-network-with-dropout-\(number)",
                            status: .completed,
                            parameters: [
                                "rate": .double([0.1, 0.01, 0.001][number % 3]),
                                "depth": .int(Int64(number / 3)), "optimizer": "adam",
                                "width": 128,
                            ], startedAt: .now, completedAt: .now, durationSeconds: 1))
                    var batch = MetricBatch()
                    for metric in ["loss", "accuracy", "val_loss"] {
                        batch.add(metric, 0.5, step: 1, at: .now)
                    }
                    try tx.runs.append(batch, to: run.id)
                }
            }
        }
        let session = try await Self.run(tool, "runs", "list", environment: ["NO_COLOR": "1"])
        let lines = session.output.split(whereSeparator: \.isNewline).map(String.init)
        #expect(session.status == 0 && lines.count == 13, "\(session.output)")
        #expect(lines.allSatisfy { $0.displayWidth <= 80 })
        // Without the ids, which say nothing to a person.
        let rows = lines.dropFirst().map { $0.drop { $0 != " " } }
        #expect(Set(rows).count == 12, "\(session.output)")
        #expect(lines[0].contains("rate") && lines[0].contains("depth"))
    }

    @Test func theVersionsOfAModelHaveTheirAliases() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        for alias in ["champion", "stable"] {
            _ = try await tool.store { store in
                try await store.localWorkspace().models.setAlias(
                    alias, to: fixture.version.id, of: fixture.model.id)
            }
        }
        let shown = try await tool("models", "show", "digits-mlp")
        #expect(shown.lines.contains { $0.contains("VERSION") && $0.contains("ALIASES") })
        #expect(
            shown.lines.contains { $0.contains("1.0.0") && $0.contains("champion, stable") },
            "\(shown.output)")
    }
}
