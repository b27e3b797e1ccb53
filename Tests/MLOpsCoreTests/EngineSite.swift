import CSQLite
import Foundation

@testable import MLOpsCore
@testable import MLOpsTesting

/// The rows that calls use, in a file, and a connection of the engine to it.
struct EngineSite {
    let site: CallSite
    let connection: SQLiteConnection
    private let access: Access

    var organizationID: Identifier<Organization>? { access.organizationID }

    init(in scratch: Scratch) async throws {
        (site, access) = try await scratch.opened { store, workspace in
            (try await CallSite.stored(try await ConformanceContext(store)), workspace.access)
        }
        connection = try SQLiteConnection(
            path: scratch.path("mlops.db"), flags: SQLITE_OPEN_READWRITE,
            configuration: SQLiteConfiguration(), interruption: Interruption())
        try connection.configure(SQLiteConfiguration())
    }

    /// Begins a write transaction of the owner, on the connection or a wrapper of it.
    func begin(on connection: any SQLConnection) throws -> SQLTransaction {
        try connection.begin(.write, in: nil)
        let transaction = SQLTransaction(
            connection, access: access, kind: .write, now: .now, keys: StoreKeys())
        try transaction.authorize()
        return transaction
    }
}
