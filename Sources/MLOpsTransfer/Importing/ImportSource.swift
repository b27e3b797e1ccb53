public import Foundation
public import MLOpsCore

/// A store of another program, opened for reading.
///
/// An ``Importer`` asks for the outline first, then for one run after another, and for the points
/// of each. A source may be asked for the same points again, because a transaction may run again.
/// Whatever a source leaves out, or hands over otherwise than it stands there, it notes.
public protocol ImportSource: Sendable {
    /// The program whose store it is, as `environment.imported.source` names it.
    var program: String { get }

    /// The experiments, and which runs they have.
    ///
    /// - Throws: ``ImportSourceError`` when nothing can be read.
    func outline(_ notes: inout ImportNotes) throws -> [SourceExperiment]

    /// A run without its points.
    ///
    /// - Throws: ``ImportSourceError`` when this run cannot be read.
    func run(_ reference: SourceRunReference, _ notes: inout ImportNotes) throws -> SourceRun

    /// Hands the points of a run to a body, in the order in which they were logged.
    ///
    /// - Throws: ``ImportSourceError`` when no more can be read; what was handed over is taken.
    func readPoints(
        of reference: SourceRunReference, _ notes: inout ImportNotes,
        _ body: (SourcePoint) throws -> Void
    ) throws

    /// Hands to a body what a run has logged over its steps beside points; nothing by default.
    ///
    /// - Throws: ``ImportSourceError`` when no more can be read, and what was handed over is taken;
    ///   what the body throws.
    func readRecords(
        of reference: SourceRunReference, _ notes: inout ImportNotes,
        _ body: (SourceRecord) throws -> Void
    ) throws

    /// The registered models; none by default.
    func models(_ notes: inout ImportNotes) throws -> [SourceModel]
}

extension ImportSource {
    /// No records.
    public func readRecords(
        of reference: SourceRunReference, _ notes: inout ImportNotes,
        _ body: (SourceRecord) throws -> Void
    ) throws {}

    /// No models.
    public func models(_ notes: inout ImportNotes) throws -> [SourceModel] { [] }
}

/// An experiment of another store.
public struct SourceExperiment: Sendable {
    /// Its id there; any text.
    public var id: String
    /// Its name.
    public var name: String
    /// Its purpose.
    public var description: String?
    /// When it was made.
    public var createdAt: Date?
    /// When it last changed.
    public var updatedAt: Date?
    /// When it was deleted there.
    public var deletedAt: Date?
    /// Labels with values.
    public var tags: [String: String] = [:]
    /// What else is known of it, kept in `config.imported`.
    public var origin: [String: JSONValue] = [:]
    /// Its runs, in any order.
    public var runs: [SourceRunReference] = []

    /// Makes an experiment without runs.
    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}

/// Which run it is, and where it is found.
public struct SourceRunReference: Sendable, Hashable {
    /// Its id there; an id of 32 hexadecimal digits, or of 36 characters, stays as it is.
    public var id: String
    /// What its id is unique in, such as a project, where it is not in the whole source.
    public var scope: String?
    /// The id of its parent, if it says that it has one.
    public var parent: String?
    /// Whether it is a run or a model that a run has logged.
    public var kind: RunKind
    /// Where the source finds it.
    public var position: Int64

    /// Makes a reference.
    public init(
        id: String, scope: String? = nil, parent: String? = nil, kind: RunKind = .run,
        position: Int64 = 0
    ) {
        self.id = id
        self.scope = scope
        self.parent = parent
        self.kind = kind
        self.position = position
    }
}

/// A run of another store, without its points.
public struct SourceRun: Sendable {
    /// Its name for people.
    public var name: String?
    /// Its state.
    public var status: RunStatus
    /// The inputs of the run.
    public var parameters: [String: JSONValue] = [:]
    /// Labels with values.
    public var tags: [String: String] = [:]
    /// When it started.
    public var startedAt: Date?
    /// When it ended.
    public var completedAt: Date?
    /// When it was deleted there.
    public var deletedAt: Date?
    /// Why it failed.
    public var errorMessage: String?
    /// What else is known of it, kept in `environment.imported`.
    public var origin: [String: JSONValue] = [:]
    /// The files it produced, by name.
    public var artifacts: [String: SourceArtifact] = [:]

    /// Makes a run.
    public init(name: String? = nil, status: RunStatus) {
        self.name = name
        self.status = status
    }
}

/// A file of a run of another store.
public enum SourceArtifact: Sendable {
    /// A file or a directory of this machine.
    case file(URL)
    /// Bytes, and the extension that a file of them has.
    case bytes(Data, fileExtension: String)
    /// A file that is fetched when it is wanted: the closure writes it to a place that it gets, and
    /// throws ``ImportSourceError`` when it cannot be fetched.
    case remote(fileExtension: String, fetch: @Sendable (URL) throws -> Void)
}

/// A table, image, text or histogram of a run of another store.
public struct SourceRecord: Sendable {
    /// What it is.
    public enum Content: Sendable {
        /// An item of a record.
        case item(RecordedValue)
        /// A file of another kind, such as a sound.
        case file(SourceArtifact)
    }

    /// The name in the run; items of one kind and name are one record.
    public var name: String
    /// What it is.
    public var content: Content
    /// The step.
    public var step: Int64
    /// When it was logged.
    public var time: Date

    /// Makes a record.
    public init(_ name: String, _ content: Content, step: Int64, at time: Date) {
        self.name = name
        self.content = content
        self.step = step
        self.time = time
    }
}

/// A point of a metric of another store.
public struct SourcePoint: Sendable {
    /// The metric.
    public var metric: String
    /// The value; any double.
    public var value: Double
    /// The step.
    public var step: Int64
    /// When it was measured; `nil` where the source does not say.
    public var time: Date?

    /// Makes a point.
    public init(_ metric: String, _ value: Double, step: Int64, at time: Date?) {
        self.metric = metric
        self.value = value
        self.step = step
        self.time = time
    }
}

/// Why a store of another program cannot be read, or no further.
public struct ImportSourceError: Error, Hashable, CustomStringConvertible {
    /// What is wrong.
    public enum Kind: Sendable, Hashable {
        /// There is nothing under the name.
        case missing
        /// It cannot be opened or read.
        case unreadable
        /// It is of another kind, or of a version that is not known.
        case anotherKind
        /// Its bytes are damaged, or end too early.
        case damaged
    }

    /// What is wrong.
    public let kind: Kind
    /// What happened, and what to do.
    public let message: String

    /// Makes an error.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
