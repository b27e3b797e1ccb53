import ArgumentParser
import MLOpsCore

/// The command `mlops keys`.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Create, list, rotate and revoke API keys.",
        discussion: """
            Creating and rotating keys requires a pepper, from $MLOPS_PEPPERS or the file that \
            $MLOPS_PEPPERS_FILE names: lines of id=base64 of 32 bytes, the current one first.
            """,
        subcommands: [
            CreateKeyCommand.self, ListKeysCommand.self, RotateKeyCommand.self,
            RevokeKeyCommand.self,
        ])

    /// The live key with a prefix.
    ///
    /// The error does not repeat the argument, which may be a whole key pasted by mistake.
    static func key(_ prefix: String, in tx: any Transaction) throws -> APIKey {
        guard let key = try tx.apiKeys.withPrefix(prefix) else {
            throw Failure.nothing("no API key has this prefix; see `mlops keys list`")
        }
        return key
    }
}
