import ArgumentParser
import MLOpsCore

/// The command `mlops keys`.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make, list, rotate and revoke API keys.",
        discussion: """
            Making and rotating keys takes a pepper, from $MLOPS_PEPPERS or the file that \
            $MLOPS_PEPPERS_FILE names: lines of id=base64 of 32 bytes, the current one first.
            """,
        subcommands: [
            CreateKeyCommand.self, ListKeysCommand.self, RotateKeyCommand.self,
            RevokeKeyCommand.self,
        ])

    /// The live key of a prefix.
    ///
    /// The text is not repeated in the error: somebody may have pasted the whole key.
    static func key(_ prefix: String, in tx: any Transaction) throws -> APIKey {
        guard let key = try tx.apiKeys.withPrefix(prefix) else {
            throw Failure(.negative, "no API key has this prefix; see `mlops keys list`")
        }
        return key
    }
}
