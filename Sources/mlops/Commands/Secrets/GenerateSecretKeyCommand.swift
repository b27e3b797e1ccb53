import ArgumentParser
import MLOpsCore

/// The command `mlops secrets generate-key`.
struct GenerateSecretKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate-key",
        abstract: "Print a new random key as a line of MLOPS_ENCRYPTION_KEYS or MLOPS_PEPPERS.",
        discussion: """
            Put the line before the older ones, in a file that only its owner may read.

            EXAMPLE:
              (umask 077 && mlops secrets generate-key --id k1 > encryption.keys)
              export MLOPS_ENCRYPTION_KEYS_FILE=$PWD/encryption.keys
            """)

    @Option(
        help: ArgumentHelp(
            "The name of the key, 1 to 32 characters of a-z, 0-9, _ and -.", valueName: "id"))
    var id = "k1"

    func validate() throws {
        guard KeyRing.isID(id) else {
            throw ValidationError("--id takes 1 to 32 characters of a-z, 0-9, _ and -.")
        }
    }

    func run() {
        Output.line(String(KeyRing.generate(id: id).text.reveal().dropLast()))
    }
}
