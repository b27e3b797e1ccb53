import ArgumentParser
import Foundation

/// The figures that one side of a case printed.
struct Figures: Decodable {
    private(set) var numbers: [String: Double] = [:]
    private var texts: [String: String] = [:]

    init(_ numbers: [String: Double]) { self.numbers = numbers }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for key in container.allKeys {
            if let number = try? container.decode(Double.self, forKey: key) {
                numbers[key.stringValue] = number
            } else {
                texts[key.stringValue] = try container.decode(String.self, forKey: key)
            }
        }
    }

    func text(_ name: String) -> String { texts[name] ?? "" }

    func merging(_ other: Figures) -> Figures {
        Figures(numbers.merging(other.numbers) { $1 })
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

/// Runs programs that print figures, on files in its own directory.
struct Workbench {
    private let directory = FileManager.default.temporaryDirectory
        .appending(path: "mlops-bench-\(UUID().uuidString)")
    private let programs = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()

    init() throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }

    func file(_ name: String) -> String { directory.appending(path: name).path }

    /// A newly prepared database.
    struct Prepared {
        let path: String
        let ids: Figures
        subscript(name: String) -> String { ids.text(name) }

        /// Removes the database, to free the space of a large file.
        func remove() { Workbench.remove(path) }
    }

    /// Removes a database if it exists.
    static func remove(_ database: String) {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: database + suffix)
        }
    }

    func prepared() throws -> Prepared {
        let path = file("\(UUID().uuidString).db")
        return Prepared(path: path, ids: try measure("prepare", path))
    }

    /// Runs the library's side of a case.
    func measure(
        _ name: String, _ database: String, count: Int = 0, _ options: String...
    ) throws -> Figures {
        try figures(library(name, database, count, options))
    }

    func sqlitePeer(_ arguments: String...) throws -> Figures {
        try figures(Command(program: path("sqlite-peer"), arguments: arguments))
    }

    func postgresPeer(_ arguments: String...) throws -> Figures {
        try figures(Command(program: path("postgres-peer"), arguments: arguments))
    }

    func library(
        _ name: String, _ database: String, _ count: Int, _ options: [String] = []
    ) -> Command {
        let arguments = ["measure", name, database, "--count", "\(count)"] + options
        return Command(program: path("bench"), arguments: arguments)
    }

    func path(_ program: String) -> String { programs.appending(path: program).path }

    func figures(_ command: Command) throws -> Figures {
        try JSONDecoder().decode(Figures.self, from: command.output())
    }
}

/// A program with its arguments and environment.
struct Command: Sendable {
    let program: String
    var arguments: [String]
    var environment: [String: String] = [:]

    /// Runs the program, and returns its output.
    func output() throws -> Data {
        let pipe = Pipe()
        let process = try start(pipe)
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        try Self.wait(for: process, "\(program) \(arguments.first ?? "")")
        return output
    }

    /// Runs several commands at once; returns the seconds until the last one has ended.
    @discardableResult
    static func runTogether(_ commands: [Command]) throws -> Double {
        let start = ContinuousClock.now
        let processes = try commands.map { try $0.start(FileHandle.nullDevice) }
        for (process, command) in zip(processes, commands) {
            try wait(for: process, command.program)
        }
        return (ContinuousClock.now - start) / .seconds(1)
    }

    private func start(_ output: Any) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = output
        try process.run()
        return process
    }

    private static func wait(for process: Process, _ name: String) throws {
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw ValidationError("\(name) has failed") }
    }
}
