import ArgumentParser
import MLOpsCore

/// The command `mlops secrets rotate`.
struct RotateSecretsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Seal the secrets of every organization with the current key.",
        discussion: """
            The first key of MLOPS_ENCRYPTION_KEYS (or of the file that \
            MLOPS_ENCRYPTION_KEYS_FILE names) is the current one; keep the older ones until this \
            command has succeeded. Other programs may use the database meanwhile. An interrupted \
            rotation continues when it is started again.

            EXAMPLE:
              mlops secrets rotate --database mlops.db
            """)

    @OptionGroup var options: GlobalOptions

    private struct Result: Encodable {
        let key: String
        let channels: Int
    }

    func run() async throws {
        let database = try Database(options)
        let progress = Progress("rotate")
        try await database.open(for: .use) { store in
            defer { progress.finish() }
            let result = try await store.withSystemAccess(reason: "mlops secrets rotate") {
                let key = try $0.encryptionKeyID
                let count = try await $0.rotateSecrets { progress.update($0, of: $1) }
                return Result(key: key, channels: count)
            }
            progress.finish()
            try write(result)
            if result.channels > 0 {
                Output.remains(try await store.scrub().remains, json: options.json)
            }
        }
    }

    private func write(_ result: Result) throws {
        if options.json { return try Output.json(result) }
        Output.line(
            result.channels == 0
                ? "every secret is under the key \(result.key)"
                : "\(Format.count(result.channels, "channel")) sealed with the key \(result.key)")
    }
}
