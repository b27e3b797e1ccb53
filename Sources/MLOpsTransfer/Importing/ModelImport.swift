import Foundation
import MLOpsCore

/// Takes one registered model with its versions, in one transaction.
struct ModelImport: Sendable {
    let model: SourceModel
    let site: ImportTarget

    func perform(in tx: (any Transaction)?) throws -> ImportOutcome {
        var outcome = ImportOutcome()
        outcome.notes.leave("model", "not yet", model.name)
        return outcome
    }
}
