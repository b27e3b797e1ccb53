import ArgumentParser
import Crypto
import Foundation

/// The command `mlops audit generate-key`.
struct GenerateAuditKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate-key",
        abstract: "Make a key that seals audit trails, and print the public key that checks seals.",
        discussion: """
            The private key goes into a new file that its owner alone may read. Keep it where \
            whoever can write to the database cannot read it, and the public key where they \
            cannot change it.

            EXAMPLE:
              mlops audit generate-key --out audit.key > audit.pub
            """)

    @Option(help: ArgumentHelp("The new file of the private key.", valueName: "file"))
    var out: String

    func run() throws {
        let key = Curve25519.Signing.PrivateKey()
        try AuditFiles.create(
            out, mode: 0o600, key.rawRepresentation.base64EncodedString() + "\n")
        Output.line(key.publicKey.rawRepresentation.base64EncodedString())
    }
}
