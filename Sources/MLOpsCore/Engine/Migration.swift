import Crypto
import Foundation

/// One migration of the schema, up and down.
package struct Migration: Sendable {
    package let version: Int
    package let name: String
    package let up: String
    package let down: String

    package init(version: Int, name: String, up: String, down: String) {
        self.version = version
        self.name = name
        self.up = up
        self.down = down
    }

    /// The SHA-256 of `up`, in lower-case hexadecimal digits.
    package var checksum: String { SHA256.hash(data: Data(up.utf8)).hexadecimal }
}

extension Migration {
    /// The tables that the migration creates.
    package var tables: [String] { up.matches(of: /CREATE TABLE (\w+)/).map { String($0.1) } }
}

extension [Migration] {
    /// The error for a value that violates a CHECK, with the condition as the schema writes it.
    package func checkViolation(of rule: String) -> StoreError {
        let condition = lazy.compactMap { $0.condition(of: rule) }.first
        return StoreError(
            .checkViolation,
            "A value breaks the rule `\(rule)` of the schema\(condition.map { ": \($0)" } ?? "").",
            field: rule)
    }
}

extension Migration {
    /// The condition of the CHECK with this name, on one line.
    fileprivate func condition(of rule: String) -> String? {
        let words = try? Regex("CONSTRAINT \(rule)\\s+CHECK \\(")
        guard let words, let start = up.firstMatch(of: words)?.range.upperBound else { return nil }
        var depth = 1
        let end = up[start...].firstIndex { character in
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            return depth == 0
        }
        guard let end else { return nil }
        return up[start..<end].split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

/// The definitions in a database, by names such as `index idx_run_metrics_run_name`.
package struct Catalogue: Sendable, Equatable {
    package let definitions: [String: String]

    package init(_ definitions: [String: String]) { self.definitions = definitions }

    /// The differences from the expected definitions, each a sentence without a full stop.
    package func differences(from expected: Catalogue) -> [String] {
        var problems: [String] = []
        for name in Set(definitions.keys).union(expected.definitions.keys).sorted() {
            switch (definitions[name], expected.definitions[name]) {
            case (nil, _): problems.append("\(name) is missing")
            case (_, nil): problems.append("\(name) is not of this library")
            case (let live?, let wanted?) where live != wanted:
                problems.append("\(name) differs from the migrations")
            default: continue
            }
        }
        return problems
    }
}

/// The version of the library, as the database records it.
public let libraryVersion = "0.1.0"
