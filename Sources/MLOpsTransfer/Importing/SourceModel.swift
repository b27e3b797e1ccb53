public import Foundation
public import MLOpsCore

/// A registered model of another store, with its versions.
public struct SourceModel: Sendable {
    /// Its name.
    public var name: String
    /// Its purpose.
    public var description: String?
    /// When it was made.
    public var createdAt: Date?
    /// When it last changed.
    public var updatedAt: Date?
    /// Labels with values.
    public var tags: [String: String] = [:]
    /// Names of versions: the version's name by alias.
    public var aliases: [String: String] = [:]
    /// Its versions, oldest first.
    public var versions: [SourceModelVersion] = []

    /// Makes a model without versions.
    public init(name: String) { self.name = name }
}

/// A version of a registered model of another store.
public struct SourceModelVersion: Sendable {
    /// The version, such as `3`.
    public var version: String
    /// Its number, if it has one.
    public var number: Int?
    /// Its stage.
    public var stage = ModelStage.development
    /// The id of the run that produced it.
    public var run: String?
    /// Where the artifact is.
    public var artifactURI: String?
    /// Free text.
    public var description: String?
    /// When it was made.
    public var createdAt: Date?
    /// When it last changed.
    public var updatedAt: Date?
    /// When it was deleted there.
    public var deletedAt: Date?
    /// Labels with values.
    public var tags: [String: String] = [:]

    /// Makes a version.
    public init(version: String) { self.version = version }
}
