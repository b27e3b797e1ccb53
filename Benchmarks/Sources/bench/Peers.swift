import Foundation

/// The Python peers, and their environment.
struct PythonPeers {
    /// The directory of a virtual environment.
    let environment: String?
    /// The directory of the programs.
    let programs: String

    /// Whether a peer is installed in the environment.
    func has(_ side: Side) -> Bool { version(of: side) != nil }

    /// The version of a peer, or `nil` when it is not installed.
    func version(of side: Side) -> String? {
        let code = "import importlib.metadata as m; print(m.version('\(side.rawValue)'))"
        let output = try? python(["-c", code])?.output()
        return output.map { String(decoding: $0, as: UTF8.self).filter { !$0.isNewline } }
    }

    /// The figures of a peer's case, in an empty directory.
    func measure(
        _ side: Side, _ name: String, in directory: String, _ numbers: [Int]
    ) throws -> Figures? {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let program = "\(programs)/\(side.rawValue.lowercased())_peer.py"
        let arguments = [program, name, directory] + numbers.map(String.init)
        guard let command = python(arguments) else { return nil }
        return try JSONDecoder().decode(Figures.self, from: command.output())
    }

    private func python(_ arguments: [String]) -> Command? {
        environment.map { environment in
            Command(
                program: "\(environment)/bin/python", arguments: arguments,
                environment: ["PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore"])
        }
    }
}

/// PostgreSQL's own client.
struct Psql {
    let url: String

    func run(_ command: String) throws {
        _ = try Command(program: "/usr/bin/env", arguments: ["psql", "-q", url, "-c", command])
            .output()
    }

    func makeDatabase() throws -> String {
        let name = "bench_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        try run("CREATE DATABASE \(name)")
        return name
    }

    /// Copies a table out, empties it, and copies the rows back in; times the last step.
    func copyAgain(_ table: String, through file: String) throws -> Figures {
        try run("\\copy \(table) to '\(file)'")
        try run("TRUNCATE \(table)")
        try run("CHECKPOINT")
        let start = ContinuousClock.now
        try run("\\copy \(table) from '\(file)'")
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let rows = try Command(
            program: "/usr/bin/env",
            arguments: ["psql", "-At", url, "-c", "SELECT count(*) FROM \(table)"]
        ).output()
        let count = Double(String(decoding: rows, as: UTF8.self).filter(\.isNumber)) ?? 0
        return Figures(["ingest": count / seconds, "rows": count])
    }
}
