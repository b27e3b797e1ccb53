public import Foundation

extension Synchronous where Base == RunLogger {
    /// See ``RunLogger/logArtifact(_:named:)-(Data,_)``.
    @discardableResult
    @available(*, noasync)
    public func logArtifact(_ data: Data, named name: String) throws -> Artifact {
        try waiting(in: base.workspace.store) { try await $0.logArtifact(data, named: name) }
    }

    /// See ``RunLogger/logArtifact(encoding:named:)``.
    @discardableResult
    @available(*, noasync)
    public func logArtifact(
        encoding value: some Encodable & Sendable, named name: String
    ) throws -> Artifact {
        try waiting(in: base.workspace.store) {
            try await $0.logArtifact(encoding: value, named: name)
        }
    }
}

extension Synchronous where Base == Workspace {
    /// See ``Workspace/recordedItems(named:of:)``.
    @available(*, noasync)
    public func recordedItems(
        named name: String, of run: Identifier<ExperimentRun>
    ) throws -> [RecordedItem] {
        try waiting(in: base.store) { try await $0.recordedItems(named: name, of: run) }
    }

    /// See ``Workspace/data(of:named:of:)``.
    @available(*, noasync)
    public func data(
        of item: RecordedItem, named name: String, of run: Identifier<ExperimentRun>
    ) throws -> Data {
        try waiting(in: base.store) { try await $0.data(of: item, named: name, of: run) }
    }
}
