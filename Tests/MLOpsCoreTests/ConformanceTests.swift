import Foundation
import MLOpsCore
import MLOpsTesting
import Testing

/// The specification of a store, on both kinds of SQLite store.
@Suite struct ConformanceTests {
    static let memory = StoreTarget(name: "SQLite memory") {
        try await SQLiteStore.inMemory(configuration: configuration)
    }

    static let file = StoreTarget(name: "SQLite file") {
        try await SQLiteStore.open(
            directory.appending(path: "\(UUID()).db").path, configuration: configuration)
    }

    private static var configuration: SQLiteConfiguration {
        var configuration = SQLiteConfiguration()
        configuration.keys = Fixtures.keys
        return configuration
    }

    /// One directory for all files of this process; the system clears it away.
    static let directory: URL = {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "mlops-conformance-\(UUID())")
        try? FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true)
        return directory
    }()

    @Test(arguments: Conformance.cases(for: [memory, file]))
    func conforms(_ conformanceCase: ConformanceCase) async throws {
        try await conformanceCase.run()
    }

    @Test func scenariosHaveNamesOfTheirOwn() {
        let names = Conformance.scenarios.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(Conformance.unknownExclusions(of: Self.memory).isEmpty)
    }
}
