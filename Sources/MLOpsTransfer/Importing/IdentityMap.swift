import Crypto
import Foundation
import MLOpsCore

/// Which ids the rows of an import get.
///
/// An id that is a UUID stays, unless one of the import exists elsewhere in the store: then all are
/// mapped. Other ids are always mapped. A mapped id follows from the project and the original
/// alone, so that a second import finds what the first one made.
struct IdentityMap: Sendable {
    let program: String
    let project: Identifier<Project>
    /// Whether ids that are UUIDs are mapped too.
    var isMapped = false

    /// - Parameter scope: See ``SourceRunReference/scope``.
    func run(_ id: String, in scope: String? = nil) -> Identifier<ExperimentRun> {
        if !isMapped, let kept = Self.kept(id) { return kept }
        return mapped(["run"] + (scope.map { [$0] } ?? []) + [id])
    }

    func run(_ reference: SourceRunReference) -> Identifier<ExperimentRun> {
        run(reference.id, in: reference.scope)
    }

    /// The id of an experiment: other stores may use the same small number for another name.
    func experiment(_ experiment: SourceExperiment) -> Identifier<Experiment> {
        mapped(["experiment", experiment.id, experiment.name])
    }

    func model(_ name: String) -> Identifier<Model> { mapped(["model", name]) }

    func version(_ version: String, of model: String) -> Identifier<ModelVersion> {
        mapped(["version", model, version])
    }

    /// The deletion of a row that was deleted there, and of what went with it.
    func deletion<Record>(of id: Identifier<Record>) -> Identifier<Deletion> {
        mapped(["deletion", id.description])
    }

    /// The id that a text is: 32 hexadecimal digits, or the form with dashes.
    ///
    /// The id of a logged model of MLflow has `m-` before it.
    static func kept(_ id: String) -> Identifier<ExperimentRun>? {
        if let id = Identifier<ExperimentRun>(id) { return id }
        return Identifier(hexadecimal: id.hasPrefix("m-") ? String(id.dropFirst(2)) : id)
    }

    /// A UUID of version 8 (RFC 9562, section 5.8) from a hash.
    func mapped<Record>(_ parts: [String]) -> Identifier<Record> {
        var hash = SHA256()
        for part in [program, project.description] + parts {
            // With its length, so that no two lists are hashed alike.
            hash.update(data: Data("\(part.utf8.count):\(part)".utf8))
        }
        var bytes = Array(hash.finalize().prefix(16))
        bytes[6] = 0x80 | bytes[6] & 0x0F
        bytes[8] = 0x80 | bytes[8] & 0x3F
        let uuid = bytes.withUnsafeBytes { UUID(uuid: $0.load(as: uuid_t.self)) }
        return Identifier(uuid)
    }
}
