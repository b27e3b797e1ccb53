import ArgumentParser
import MLOpsCore

/// The command `mlops secrets rotate`.
struct RotateSecretsCommand: AsyncParsableCommand {
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
        let result = try await database.open(for: .use) { store -> Result in
            defer { progress.finish() }
            return try await store.withSystemAccess(reason: "mlops secrets rotate") { access in
                let key = try access.encryptionKeyID
                let count = try await access.rotateSecrets { progress.update($0, of: $1) }
                return Result(key: key, channels: count)
            }
        }
        if options.json { return try Output.json(result) }
        Output.line(
            result.channels == 0
                ? "every secret is under the key \(result.key)"
                : "\(Format.count(result.channels, "channel")) sealed with the key \(result.key)")
    }
}
