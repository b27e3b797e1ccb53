import Foundation
import MLOpsCore
import Testing

/// A sealed secret opens only in its place, with its key, and unchanged.
@Suite struct SecretBoxTests {
    let ring = KeyRing.generate(id: "k1")
    let context = "notification_channels/0199/config.url/org-7"
    let plaintext = "https://hooks.example.com/T0/B1/πάσσα"

    private func code(_ sealed: String, _ ring: KeyRing, _ context: String) -> StoreError.Code? {
        let error = #expect(throws: StoreError.self) {
            try SecretBox.open(sealed, with: ring, context: context)
        }
        #expect(error?.message.contains("example.com") == false)
        return error?.code
    }

    @Test(arguments: ["", "x", "xy", "https://hooks.example.com/T0/B1/πάσσα", "\0\n"])
    func aSecretGoesRound(plaintext: String) throws {
        let sealed = try SecretBox.seal(plaintext, with: ring, context: context)
        #expect(sealed.wholeMatch(of: /v1\.k1\.[A-Za-z0-9_-]{38,}/) != nil)
        #expect(plaintext.isEmpty || !sealed.contains(plaintext) || plaintext.count < 3)
        #expect(SecretBox.keyID(of: sealed) == "k1")
        let opened = try SecretBox.open(sealed, with: ring, context: context)
        #expect(opened == Secret(plaintext))
        #expect("\(opened)" == "[redacted]")
    }

    @Test func theSameSecretIsSealedDifferently() throws {
        let sealed = try (0..<1000).map { _ in
            try SecretBox.seal(plaintext, with: ring, context: context)
        }
        #expect(Set(sealed).count == 1000)
    }

    @Test func everyFlippedBitIsFound() throws {
        // Three lengths, for which base64 ends with zero, two and four unused bits.
        for secret in [plaintext, plaintext + "1", plaintext + "12"] {
            let sealed = Array(try SecretBox.seal(secret, with: ring, context: context).utf8)
            for position in sealed.indices {
                for bit in 0..<7 {
                    var changed = sealed
                    changed[position] ^= 1 << bit
                    let found = code(String(decoding: changed, as: UTF8.self), ring, context)
                    // The change may give another key's id.
                    let isInID = (3..<5).contains(position)
                    #expect(
                        found == .corrupt || isInID && found == .missingKey,
                        "position \(position), bit \(bit)")
                }
            }
        }
    }

    @Test func aCutOrLongerTextIsFound() throws {
        let sealed = try SecretBox.seal(plaintext, with: ring, context: context)
        for length in 0..<sealed.count {
            #expect(code(String(sealed.prefix(length)), ring, context) == .corrupt)
        }
        for end in ["A", "AAAA", "=", ".", "\n"] {
            #expect(code(sealed + end, ring, context) == .corrupt)
        }
    }

    @Test func aCopiedSecretDoesNotOpenElsewhere() throws {
        let sealed = try SecretBox.seal(plaintext, with: ring, context: context)
        for other in ["", context + "x", String(context.dropLast()), "k1.\(context)"] {
            #expect(code(sealed, ring, other) == .corrupt)
        }
        // Nor under another id of the same key.
        let text = ring.text.reveal().replacing("k1=", with: "k2=")
        let renamed = try KeyRing(parsing: text, name: "test")
        #expect(code(sealed.replacing(".k1.", with: ".k2."), renamed, context) == .corrupt)
        #expect(code(sealed, .generate(id: "k1"), context) == .corrupt)
    }

    @Test func aRotatedKeyStillOpens() throws {
        let sealed = try SecretBox.seal(plaintext, with: ring, context: context)
        let rotated = try KeyRing(
            parsing: KeyRing.generate(id: "k2").text.reveal() + ring.text.reveal(), name: "test")
        #expect(
            try SecretBox.open(sealed, with: rotated, context: context) == Secret(plaintext))
        let newer = try SecretBox.seal(plaintext, with: rotated, context: context)
        #expect(SecretBox.keyID(of: newer) == "k2")
        #expect(code(newer, ring, context) == .missingKey)
    }

    @Test func anotherFormHasNoKey() {
        for text in ["", "v1", "v1.k1", "v2.k1.AAAA", "v1..AAAA", "v1.K1.AAAA", "v1.k1.A=", "a.b"] {
            #expect(SecretBox.keyID(of: text) == nil, "\(text)")
            #expect(code(text, ring, context) == .corrupt, "\(text)")
        }
    }
}
