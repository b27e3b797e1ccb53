import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore

/// The format of an API key, its checksum and its hash.
@Suite struct APIKeyTokenTests {
    @Test(arguments: ["live", "test", "a", "0123456789abcdef"])
    func aTokenGoesRound(environment: String) throws {
        let token = APIKeyToken.generate(environment: environment)
        let text = token.text.reveal()
        #expect(text.wholeMatch(of: /mlops_[a-z0-9]{1,16}_[0-9A-Za-z]{61}/) != nil)
        #expect(text.hasPrefix(token.prefix))
        #expect(token.prefix.wholeMatch(of: /mlops_[a-z0-9]{1,16}_[0-9A-Za-z]{12}/) != nil)
        let read = try APIKeyToken(parsing: text)
        #expect(read.environment == environment)
        #expect(read.text == token.text)
        #expect(read.prefix == token.prefix)
        let peppers = KeyRing.generate(id: "p1")
        #expect(read.hash(with: peppers) == token.hash(with: peppers))
    }

    @Test func everyChangeOfOneCharacterIsRefused() throws {
        let seed = randomSeed()
        var random = SplitMix64(seed: seed)
        let text = APIKeyToken.generate().text.reveal()
        let characters = Array(text)
        let replacements = (32...126).map { Character(UnicodeScalar(UInt8($0))) } + ["é", "\n"]
        for position in characters.indices {
            for replacement in replacements.shuffled(using: &random).prefix(16)
            where replacement != characters[position] {
                var changed = characters
                changed[position] = replacement
                expectRefused(String(changed), "seed \(seed), position \(position)")
            }
            var shorter = characters
            shorter.remove(at: position)
            expectRefused(String(shorter), "seed \(seed), without position \(position)")
            var longer = characters
            longer.insert("0", at: position)
            expectRefused(String(longer), "seed \(seed), longer at position \(position)")
        }
        _ = try APIKeyToken(parsing: text)
    }

    @Test(arguments: [
        "", "mlops", "mlops__", "mlops_live_", "mlops_LIVE_", "other_live_", "mlops_\n_",
        "mlops_abcdefghijklmnopq_",
    ])
    func aRightChecksumDoesNotMakeAKey(beginning: String) {
        let body = beginning + String(repeating: "0", count: 55)
        let check = CRC32.checksum(body.utf8)
        let bytes = [24, 16, 8, 0].map { UInt8(check >> $0 & 0xFF) }
        let text = body + Base62.encode(bytes, width: 6)
        if beginning == "mlops_live_" {
            #expect(throws: Never.self) { try APIKeyToken(parsing: text) }
        } else {
            expectRefused(text)
        }
        expectRefused(beginning)
        // More than 256 bits.
        expectRefused(beginning + String(repeating: "z", count: 61))
    }

    @Test func tokensDiffer() {
        let tokens = (0..<10_000).map { _ in APIKeyToken.generate() }
        #expect(Set(tokens.map(\.prefix)).count == 10_000)
        #expect(Set(tokens.map(\.text)).count == 10_000)
        // A biased digit would deviate: of 120,000 digits, 1,935 of each are expected, +- 44.
        let digits = tokens.flatMap { $0.prefix.suffix(12) }
        let counts = Dictionary(grouping: digits) { $0 }.mapValues(\.count)
        #expect(counts.count == 62)
        #expect(counts.values.allSatisfy { (1_600...2_300).contains($0) })
    }

    @Test func aHashMatchesItsKeyAlone() {
        let token = APIKeyToken.generate()
        let peppers = KeyRing.generate(id: "p1")
        let hash = token.hash(with: peppers)
        #expect(hash.wholeMatch(of: /p1:[0-9a-f]{64}/) != nil)
        #expect(token.matches(hash, peppers: peppers))
        #expect(!APIKeyToken.generate().matches(hash, peppers: peppers))
        #expect(!token.matches(hash, peppers: .generate(id: "p1")))
        #expect(!token.matches(hash, peppers: .generate(id: "p2")))
        let malformed = [
            "", ":", "p1", "p1:", String(hash.dropFirst(3)), String(hash.dropLast()),
            String(hash.dropLast(2)), hash + "00", hash + ":", " " + hash, hash.uppercased(),
            "p1:" + String(repeating: "g", count: 64), "p2:" + hash.dropFirst(3),
        ]
        for text in malformed { #expect(!token.matches(text, peppers: peppers), "\(text)") }
    }

    @Test func aHashOutlivesTheRotationOfThePepper() throws {
        let token = APIKeyToken.generate()
        let old = KeyRing.generate(id: "p1")
        let hash = token.hash(with: old)
        let rotated = try KeyRing(
            parsing: KeyRing.generate(id: "p2").text.reveal() + old.text.reveal(), name: "test")
        #expect(token.matches(hash, peppers: rotated))
        let newer = token.hash(with: rotated)
        #expect(newer.hasPrefix("p2:"))
        #expect(token.matches(newer, peppers: rotated))
        #expect(!token.matches(newer, peppers: old))
    }

    @Test func aTokenDoesNotShowItsSecret() {
        let token = APIKeyToken.generate()
        let text = token.text.reveal()
        var shown = "\(token) \(String(reflecting: token)) \(token.text)"
        dump(token, to: &shown)
        #expect(shown.contains("[redacted]"))
        #expect(!shown.contains(text.dropFirst(token.prefix.count).prefix(43)))
        #expect(!shown.contains("UInt8"))
    }

    @Test func theChecksumIsThatOfTheStandard() {
        #expect(CRC32.checksum("123456789".utf8) == 0xCBF4_3926)
        #expect(CRC32.checksum([]) == 0)
    }

    @Test func base62IsFixedInWidth() {
        #expect(Base62.encode([0, 0], width: 3) == "000")
        #expect(Base62.encode([0xFF, 0xFF], width: 3) == "H31")
        #expect(Base62.decode("H31", byteCount: 2) == [0xFF, 0xFF])
        #expect(Base62.decode("H32", byteCount: 2) == nil)
        #expect(Base62.decode("H3-", byteCount: 2) == nil)
        let largest = [UInt8](repeating: 0xFF, count: 32)
        #expect(Base62.decode(Base62.encode(largest, width: 43), byteCount: 32) == largest)
    }

    private func expectRefused(
        _ text: String, _ about: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(
            throws: StoreError.self, "\(about)", sourceLocation: sourceLocation
        ) { try APIKeyToken(parsing: text) }
        #expect(error?.code == .invalidValue, sourceLocation: sourceLocation)
        #expect(error?.field == "api_key", sourceLocation: sourceLocation)
        #expect(text.count < 40 || "\(error as Any)".contains(text) == false)
    }
}
