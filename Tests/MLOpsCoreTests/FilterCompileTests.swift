import Foundation
import MLOpsTesting
import Testing

/// What the compiler makes of filters: how long it takes, and what it says of a mistake.
@Suite(.serialized) struct FilterCompileTests {
    /// Comparisons as programs write them, with literals, variables and expressions.
    private static let terms = [
        "$0.status == .completed", "$0.metrics[\"accuracy\"] > threshold",
        "$0.metrics[\"loss\", .min] <= 0.25", "$0.parameters[\"optimizer\", \"name\"] == name",
        "$0.metrics[\"accuracy\"] > 1 - margin", "$0.parameters[\"layers\"] >= count",
        "$0.tags[\"team\"] == \"vision\"", "$0.runName.hasPrefix(\"mlp\")",
        "$0.durationSeconds < 3600", "$0.startedAt > day", "$0.parameters[\"dropout\"].exists",
        "!$0.runName.contains(name)", "$0.status.isIn([.completed, .failed])",
        "$0.parameters[\"bias\"] == flag", "$0.experiment.name == \"sweep\"",
        "$0.project.slug == name", "$0.parameters[\"layers\"] < small",
        "$0.metrics[\"loss\"] < maybe", "$0.parameters[\"rate\"] == nil",
        "$0.metrics[\"a\"] >= 1 - threshold / 2", "$0.parameters[\"name\"].isIn([name, \"x\"])",
    ]

    private static func file(filters: Int, terms count: Int) -> String {
        let filters = (0..<filters).map { filter in
            let terms = (0..<count).map { Self.terms[(filter * count + $0) % Self.terms.count] }
            let joined = terms.enumerated().map { index, term in
                index == 0 ? term : ((filter + index).isMultiple(of: 4) ? "|| " : "&& ") + term
            }
            return "_ = Query<ExperimentRun>(where: { \(joined.joined(separator: " ")) })"
        }
        return """
            import Foundation
            import MLOpsCore
            func filters(
                _ threshold: Double, _ margin: Float, _ name: String, _ count: Int, _ flag: Bool,
                _ day: Date, _ maybe: Double?, _ small: UInt16
            ) {
            \(filters.joined(separator: "\n"))
            }
            """
    }

    @Test func thirtyFiltersOfTenTermsCompileInTwoSeconds() async throws {
        let compiler = try Compiler()
        // The first compilation of all fills the cache of modules.
        #expect(try await compiler.compile(Self.file(filters: 1, terms: 1)).errors == [])
        var least = Double.infinity
        // Other tests run meanwhile; they make a compilation slower, and never faster.
        for _ in 0..<3 where least >= 2 {
            let result = try await compiler.compile(Self.file(filters: 30, terms: 10))
            #expect(result.errors == [])
            least = min(least, result.seconds)
        }
        #expect(least < 2, "\(least) s of CPU")
    }

    @Test(arguments: [
        ("$0.status == .compelted", "type 'RunStatus' has no member 'compelted'"),
        (
            "$0.metrics[\"accuracy\"] > threshold && $0.status == .compelted && $0.runName == name",
            "type 'RunStatus' has no member 'compelted'"
        ),
        (
            "$0.experiment.status == .runing && $0.metrics[\"accuracy\"] > 0.9",
            "type 'ExperimentStatus' has no member 'runing'"
        ),
        (
            "$0.metrics[\"accuracy\"] > 1 - threshold && $0.nme == name",
            "value of type 'ExperimentRun.Columns' has no member 'nme'"
        ),
        (
            "$0.tags[\"team\"] == name && $0.runName == 5",
            "cannot convert value of type 'Int' to expected argument type 'String'"
        ),
    ])
    func aMistakeIsAnErrorAboutItself(condition: String, message: String) async throws {
        let result = try await Compiler().compile(
            """
            import MLOpsCore
            func filter(_ threshold: Double, _ name: String) {
                _ = Query<ExperimentRun>(where: { \(condition) })
            }
            """)
        #expect(result.errors == [message])
        #expect(result.seconds < 2)
    }
}

/// Compiles one file beside the modules of this build.
private struct Compiler {
    private let scratch: Scratch
    private let arguments: [String]

    init() throws {
        scratch = try Scratch()
        // The test program lies beside the folder of modules.
        let products = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent()
        let package = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        arguments = [
            "-swift-version", "6", "-Onone", "-I", products.appending(path: "Modules").path,
            "-I", package.appending(path: "Sources/CSQLite").path,
            "-module-cache-path", products.appending(path: "ModuleCache").path,
        ]
    }

    /// Compiles a file; returns the errors and the seconds of CPU.
    func compile(_ source: String) async throws -> (errors: [String], seconds: Double) {
        let file = scratch.directory.appending(path: "main.swift")
        try Data(source.utf8).write(to: file)
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.currentDirectoryURL = scratch.directory
        process.arguments =
            ["-c", "TIMEFORMAT='cpu %U %S'; time swiftc -parse-as-library \"$@\"", "bash"]
            + arguments + ["-c", file.path, "-o", scratch.directory.appending(path: "main.o").path]
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = pipe
        let output: String = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        try process.run()
                        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
                        process.waitUntilExit()
                        return String(decoding: data, as: UTF8.self)
                    })
            }
        }
        let lines = output.split(separator: "\n")
        let errors = lines.compactMap { line in
            line.firstMatch(of: /main\.swift:\d+:\d+: error: (.*)/).map { String($0.1) }
        }
        let times = lines.last { $0.hasPrefix("cpu ") }?.split(separator: " ").dropFirst()
        let seconds = try #require(times).compactMap { Double($0) }.reduce(0, +)
        return (errors, seconds)
    }
}
