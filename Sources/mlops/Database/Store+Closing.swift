import MLOpsCore

extension Store {
    /// Runs a body with the store, and closes the store even if the body throws.
    func closing<Value>(after body: (Self) async throws -> Value) async throws -> Value {
        try await Interrupt.holding { try await closed(after: body) }
    }

    private func closed<Value>(after body: (Self) async throws -> Value) async throws -> Value {
        let value: Value
        do {
            value = try await body(self)
        } catch {
            // The body's error is the one to report.
            try? await close()
            throw error
        }
        try await close()
        return value
    }
}

extension SQLiteStore {
    /// Opens a file that exists, to be read only if it cannot be written.
    ///
    /// A configuration that migrates means to write.
    static func openAsAllowed(
        _ path: String, configuration: SQLiteConfiguration
    ) async throws -> SQLiteStore {
        do {
            return try await open(path, configuration: configuration)
        } catch let error as StoreError
            where [.readOnly, .cannotOpen].contains(error.code) && !configuration.migratesOnOpen
        {
            var reading = configuration
            reading.mode = .readOnly
            return try await open(path, configuration: reading)
        }
    }
}
