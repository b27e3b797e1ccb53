public import Foundation

/// The state of one migration in a database.
public struct MigrationStatus: Sendable, Hashable, Codable {
    /// The number, from 1.
    public let version: Int
    /// The name, as in the file's.
    public let name: String
    /// When it was applied, or `nil` while it is pending.
    public let appliedAt: Date?
    /// The version of the library that applied it.
    public let libraryVersion: String?
}

/// What the `scrub` of a store left.
public struct ScrubReport: Sendable, Hashable, Codable {
    /// Whether the database's own tables, indexes and log hold nothing of what was erased.
    public let isClean: Bool
    /// Where it may still be, and what to do about it, a sentence each.
    public let remains: [String]

    /// - Parameters:
    ///   - obstacles: What kept the call from cleaning the database.
    ///   - elsewhere: What no call of the store can reach.
    package init(obstacles: [String], elsewhere: [String]) {
        isClean = obstacles.isEmpty
        remains = obstacles + elsewhere
    }
}

/// What the `verify` of a store found.
public struct VerificationReport: Sendable, Hashable, Codable {
    /// The database's schema version.
    public let schemaVersion: Int
    /// What is wrong, a sentence each; empty when the database is sound.
    public let problems: [String]
    /// Whether nothing is wrong.
    public var isSound: Bool { problems.isEmpty }

    package init(schemaVersion: Int, problems: [String]) {
        self.schemaVersion = schemaVersion
        self.problems = problems
    }
}
