import ArgumentParser
import Crypto
import Foundation

/// The command `mlops audit generate-key`.
struct GenerateAuditKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate-key",
        abstract: "Generate a key that seals audit trails, and print its public key.",
        discussion: """
            The private key is written to a new file that only its owner may read. Keep it where \
            users who can write to the database cannot read it, and the public key where they \
            cannot change it.

            EXAMPLE:
              mlops audit generate-key --out audit.key > audit.pub
            """)

    @Option(help: ArgumentHelp("The new file for the private key.", valueName: "file"))
    var out: String

    func run() throws {
        let key = Curve25519.Signing.PrivateKey()
        try AuditFiles.create(
            out, mode: 0o600, key.rawRepresentation.base64EncodedString() + "\n")
        Output.line(key.publicKey.rawRepresentation.base64EncodedString())
    }
}
