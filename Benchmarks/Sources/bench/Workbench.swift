import ArgumentParser
import Foundation

/// The figures that one side of a case has printed.
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

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

/// Runs programs that print figures, on files of its own.
struct Workbench {
    private let directory = FileManager.default.temporaryDirectory
        .appending(path: "mlops-bench-\(UUID().uuidString)")
    private let programs = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()

    init() throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }

    func file(_ name: String) -> String { directory.appending(path: name).path }

    /// A prepared database of its own.
    struct Prepared {
        let path: String
        let ids: Figures
        subscript(name: String) -> String { ids.text(name) }
    }

    func prepared() throws -> Prepared {
        let path = file("\(UUID().uuidString).db")
        return Prepared(path: path, ids: try measure("prepare", path, points: 0))
    }

    func measure(
        _ name: String, _ database: String, points: Int, _ options: String...
    ) throws -> Figures {
        try figures("bench", ["measure", name, database, "--points", "\(points)"] + options)
    }

    func sqlitePeer(_ arguments: String...) throws -> Figures {
        try figures("sqlite-peer", arguments)
    }

    func program(_ name: String, _ arguments: String...) throws -> Figures {
        try figures(name, arguments)
    }

    func psql(_ url: String) throws -> Psql { Psql(url: url) }

    private func figures(_ program: String, _ arguments: [String]) throws -> Figures {
        let output = try Self.output(programs.appending(path: program).path, arguments)
        return try JSONDecoder().decode(Figures.self, from: output)
    }

    /// What a program prints.
    static func output(_ program: String, _ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ValidationError("\(program) \(arguments[0]) has failed")
        }
        return output
    }
}

/// The peer of bulk ingest: PostgreSQL's own client.
struct Psql {
    let url: String

    func run(_ command: String) throws {
        _ = try Workbench.output("/usr/bin/env", ["psql", "-q", url, "-c", command])
    }

    func makeDatabase() throws -> String {
        let name = "bench_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        try run("CREATE DATABASE \(name)")
        return name
    }

    /// Copies the rows of a table out, empties it, and copies them in again, which is timed.
    func copyAgain(_ table: String, through file: String) throws -> Figures {
        try run("\\copy \(table) to '\(file)'")
        try run("TRUNCATE \(table)")
        try run("CHECKPOINT")
        let start = ContinuousClock.now
        try run("\\copy \(table) from '\(file)'")
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let rows = try Workbench.output(
            "/usr/bin/env", ["psql", "-At", url, "-c", "SELECT count(*) FROM \(table)"])
        let count = Double(String(decoding: rows, as: UTF8.self).split(separator: "\n")[0])
        return Figures(["ingest": seconds, "rows": count ?? 0])
    }
}
