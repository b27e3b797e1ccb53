import Crypto
import Foundation

/// What a run logger adds to the artifacts of a run.
package struct RecordChange: Sendable {
    /// What is added.
    package enum Content: Sendable {
        /// A file, directory or dataset, in place of an earlier one of the name.
        case artifact(Artifact)
        /// A list of items of a record.
        ///
        /// `merging` are the lists at the record's end whose items it has as well, `added` is the
        /// number of the others.
        case segment(Artifact.Kind, Artifact.Segment, merging: [Artifact.Segment], added: Int)
        /// The lists of a record in place of those of before, without some of their items.
        case lists([Artifact.Segment], instead: [Artifact.Segment])
    }

    /// The name in the run.
    package let name: String
    package let content: Content

    package init(name: String, content: Content) {
        self.name = name
        self.content = content
    }

    /// The kind of what is added; `nil` where nothing is.
    var kind: Artifact.Kind? {
        switch content {
        case .artifact(let artifact): artifact.kind
        case .segment(let kind, _, _, _): kind
        case .lists: nil
        }
    }
}

/// What became of changes to the artifacts of a run.
package struct RecordOutcome: Sendable {
    /// The changed names, as the run has them now.
    package var artifacts: [String: Artifact] = [:]
    /// Names of another kind, which were left alone.
    package var conflicts: Set<String> = []
    /// The names in ``conflicts``, each with the kind that was refused.
    package var refused: Set<Refused> = []

    /// A name, and the kind that it cannot have.
    package struct Refused: Hashable, Sendable {
        let name: String
        let kind: Artifact.Kind
    }
    /// Records whose lists are not those of before any more; they were left alone.
    package var stale: Set<String> = []
    /// The lists of the names in ``stale``.
    package var lists: [String: [Artifact.Segment]] = [:]

    package init() {}
}

extension Dataset {
    /// Its JSON, as an export writes it.
    func recordedBytes() throws -> Data { Data(try json.canonicalText().utf8) }

    /// Its entry in a run.
    ///
    /// - Throws: `.invalidValue` for a schema that is no JSON of a store.
    package func artifact() throws -> Artifact {
        let bytes = try recordedBytes()
        return Artifact(
            SHA256.hash(data: bytes).hexadecimal, Int64(bytes.count), .dataset, "json", [], self)
    }
}
