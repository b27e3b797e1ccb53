import Crypto
import Foundation
import MLOpsCore
import MLOpsTesting
import Testing

/// The sources of keys; no error or description shows a key.
@Suite struct KeyRingTests {
    private static let older = base64(1)
    private static let newer = base64(2)
    private static let text = "p2=\(newer)\np1=\(older)\n"

    private static func base64(_ byte: UInt8) -> String {
        Data(repeating: byte, count: 32).base64EncodedString()
    }

    private static func key(_ byte: UInt8) -> SymmetricKey {
        SymmetricKey(data: Data(repeating: byte, count: 32))
    }

    private static func expectError(
        _ code: StoreError.Code, mentioning name: String,
        sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> KeyRing?
    ) {
        let error = #expect(throws: StoreError.self, sourceLocation: sourceLocation) {
            _ = try body()
        }
        #expect(error?.code == code, sourceLocation: sourceLocation)
        #expect(error?.message.contains(name) == true, sourceLocation: sourceLocation)
        let shown = "\(String(describing: error)) \(String(reflecting: error))"
        for secret in [older, newer, "c2VjcmV0"] {
            #expect(!shown.contains(secret), sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: [
        text, text.replacingOccurrences(of: "\n", with: "\r\n"), "p2=\(newer),p1=\(older)",
        "# the peppers\n\n  p2=\(newer) # since May\n\tp1=\(older)\n\n",
        "p2=\(newer) , p1=\(older),",
    ])
    func everyFormIsRead(text: String) throws {
        let ring = try KeyRing(parsing: text, name: "KEYS")
        #expect(ring.ids == ["p2", "p1"])
        #expect(ring.current.id == "p2")
        #expect(ring.current.key == Self.key(2))
        #expect(ring["p2"] == Self.key(2))
        #expect(ring["p1"] == Self.key(1))
        #expect(ring["p3"] == nil)
        #expect(ring.text == Secret(Self.text))
    }

    @Test(arguments: [
        "", "\n# nothing\n", "p1", "p1=", "=\(older)", "p1=c2VjcmV0", "p1 = \(older)",
        "P1=\(older)", "p.1=\(older)", "p1=\(older.dropLast())", "p1=\(older)=", "\(older)",
        "p1=\(older) p2=\(newer)", "p1=\(older)\np1=\(newer)", "é=\(older)",
        "\(String(repeating: "a", count: 33))=\(older)",
    ])
    func anotherFormIsRefusedWithoutBeingShown(text: String) {
        Self.expectError(.invalidValue, mentioning: "KEYS") {
            try KeyRing(parsing: text, name: "KEYS")
        }
    }

    @Test func anErrorNamesTheItem() {
        let error = #expect(throws: StoreError.self) {
            try KeyRing(parsing: "# one\n\np1=\(Self.older)\noops", name: "KEYS")
        }
        #expect(error?.message.contains("Item 2 of KEYS") == true)
        #expect(error?.field == "KEYS")
    }

    @Test func aGeneratedRingGoesRound() throws {
        let ring = KeyRing.generate(id: "k_1-a")
        let read = try KeyRing(parsing: ring.text.reveal(), name: "KEYS")
        #expect(read.ids == ["k_1-a"])
        #expect(read.current.key == ring.current.key)
        #expect(ring.current.key.bitCount == 256)
        #expect(KeyRing.generate(id: "k1").current.key != ring.current.key)
    }

    @Test func aRingShowsItsIdsOnly() throws {
        let ring = try KeyRing(parsing: Self.text, name: "KEYS")
        var shown = "\(ring) \(String(reflecting: ring)) \(ring.text) \(Mirror(reflecting: ring))"
        dump(ring, to: &shown)
        dump(StoreKeys(peppers: ring, encryption: ring), to: &shown)
        shown += "\(StoreKeys(peppers: ring, encryption: ring))"
        #expect("\(ring)" == "KeyRing(p2, p1)")
        for secret in [Self.older, Self.newer, "SymmetricKey", "SecureBytes"] {
            #expect(!shown.contains(secret))
        }
    }

    @Test func aVariableOrItsFileIsRead() throws {
        let scratch = try Scratch()
        let path = try file(Self.text, mode: 0o600, in: scratch)
        #expect(try KeyRing.fromEnvironment("KEYS", [:]) == nil)
        #expect(try KeyRing.fromEnvironment("KEYS", ["KEYS": Self.text])?.ids == ["p2", "p1"])
        #expect(try KeyRing.fromEnvironment("KEYS", ["KEYS_FILE": path])?.ids == ["p2", "p1"])
        let link = scratch.path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        #expect(try KeyRing.fromEnvironment("KEYS", ["KEYS_FILE": link])?.ids == ["p2", "p1"])
        Self.expectError(.invalidValue, mentioning: "KEYS_FILE") {
            try KeyRing.fromEnvironment("KEYS", ["KEYS": Self.text, "KEYS_FILE": path])
        }
        #expect(try KeyRing.fromEnvironment("KEYS", ["KEYS": "", "KEYS_FILE": ""]) == nil)
        let ring = try KeyRing.fromEnvironment("KEYS", ["KEYS": "", "KEYS_FILE": path])
        #expect(ring?.ids == ["p2", "p1"])
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o666])
    func aFileOpenToOthersIsRefused(mode: Int) throws {
        let scratch = try Scratch()
        let path = try file(Self.text, mode: mode, in: scratch)
        Self.expectError(.invalidValue, mentioning: "KEYS_FILE") {
            try KeyRing.fromEnvironment("KEYS", ["KEYS_FILE": path])
        }
    }

    @Test func aFileThatIsNoneIsRefused() throws {
        let scratch = try Scratch()
        let large = try file(
            String(repeating: "#", count: 100_000) + "\n" + Self.text, mode: 0o600, in: scratch)
        // A key instead of the path of its file: the error does not show it.
        for path in [scratch.path("absent"), large, "p1=\(Self.older)"] {
            Self.expectError(.inputOutput, mentioning: "KEYS_FILE") {
                try KeyRing.fromEnvironment("KEYS", ["KEYS_FILE": path])
            }
        }
        let directory = scratch.path("directory")
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        Self.expectError(.inputOutput, mentioning: "KEYS_FILE") {
            try KeyRing.fromEnvironment("KEYS", ["KEYS_FILE": directory])
        }
        let other = try file("nonsense", mode: 0o600, in: scratch)
        Self.expectError(.invalidValue, mentioning: "KEYS_FILE") {
            try KeyRing.fromEnvironment("KEYS", ["KEYS_FILE": other])
        }
    }

    @Test func aMissingKeySaysWhatToSet() throws {
        let keys = StoreKeys()
        let pepper = #expect(throws: StoreError.self) { try keys.requirePeppers() }
        #expect(pepper?.code == .missingKey)
        #expect(
            pepper?.message.hasSuffix(
                "Set MLOPS_PEPPERS (or MLOPS_PEPPERS_FILE) to lines of id=base64 of 32 bytes, "
                    + "for example p1=$(openssl rand -base64 32), or what "
                    + "`mlops secrets generate-key` prints.") == true)
        let encryption = #expect(throws: StoreError.self) { try keys.requireEncryption() }
        #expect(encryption?.code == .missingKey)
        #expect(
            encryption?.message.contains(
                "Set MLOPS_ENCRYPTION_KEYS (or MLOPS_ENCRYPTION_KEYS_FILE)") == true)
        let ring = KeyRing.generate(id: "p1")
        #expect(try StoreKeys(peppers: ring).requirePeppers().ids == ["p1"])
        #expect(try StoreKeys(encryption: ring).requireEncryption().ids == ["p1"])
    }

    private func file(_ text: String, mode: Int, in scratch: Scratch) throws -> String {
        let path = scratch.path("keys-\(UUID().uuidString)")
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }
}
