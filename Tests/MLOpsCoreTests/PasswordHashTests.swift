import Crypto
import Foundation
import Synchronization
import Testing

@testable import MLOpsCore

/// Password hashes: derivation, stored form, and equal work in every case.
@Suite struct PasswordHashTests {
    typealias Parameters = PasswordHash.Parameters
    private static let small = PasswordHash.Parameters(ln: 10, r: 1, p: 1)
    private let password = Secret("correct horse battery staple")

    // MARK: Derivation

    /// The test vectors of RFC 7914, section 12, except the fourth, which takes 1 GiB.
    @Test(arguments: [
        (
            "", "", Parameters(ln: 4, r: 1, p: 1),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
        ),
        (
            "password", "NaCl", Parameters(ln: 10, r: 8, p: 16),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        ),
        (
            "pleaseletmein", "SodiumChloride", Parameters(ln: 14, r: 8, p: 1),
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
        ),
    ])
    func derivationIsThatOfTheStandard(
        password: String, salt: String, parameters: Parameters, expected: String
    ) throws {
        let key = try PasswordHash.scrypt(
            Array(password.utf8), Array(salt.utf8), parameters, 64)
        #expect(key.withUnsafeBytes(\.hexadecimal) == expected)
    }

    /// The derivation accepts all parameters within the bounds.
    @Test(arguments: [
        Parameters(ln: 10, r: 16, p: 1), Parameters(ln: 10, r: 32, p: 2),
        Parameters(ln: 10, r: 1, p: 16),
    ])
    func parametersAtTheBoundsDerive(parameters: Parameters) throws {
        #expect(parameters.areWithinBounds)
        #expect(throws: Never.self) { try PasswordHash.scrypt([1], [2], parameters, 32) }
    }

    @Test(arguments: [
        Parameters(ln: 9, r: 8, p: 1), Parameters(ln: 21, r: 1, p: 1),
        Parameters(ln: 10, r: 0, p: 1), Parameters(ln: 10, r: 33, p: 2),
        Parameters(ln: 10, r: 8, p: 0), Parameters(ln: 10, r: 8, p: 17),
        Parameters(ln: 19, r: 8, p: 1), Parameters(ln: 10, r: 17, p: 1),
        Parameters(ln: -1, r: -1, p: -1), Parameters(ln: .max, r: .max, p: .max),
    ])
    func parametersOutOfBoundsAreRefused(parameters: Parameters) async throws {
        #expect(!parameters.areWithinBounds)
        let work = Work()
        let error = await #expect(throws: StoreError.self) {
            try await PasswordHash.hash(password, parameters: parameters, deriving: work.derive)
        }
        #expect(error?.code == .invalidValue)
        let form = "ln=\(parameters.ln),r=\(parameters.r),p=\(parameters.p)"
        let stored = "$scrypt$\(form)$\(salt(16))$\(salt(32))"
        await expectCorrupt(stored, work)
        #expect(work.done.isEmpty)
    }

    // MARK: The stored form

    @Test func aHashGoesRoundWithTheCurrentParameters() async throws {
        let stored = try await PasswordHash.hash(password)
        #expect(
            stored.wholeMatch(
                of: /\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+\/]{22}\$[A-Za-z0-9+\/]{43}/) != nil)
        #expect(Parameters.current.areWithinBounds)
        #expect(try await PasswordHash.verify(password, against: stored) == .right)
        #expect(try await PasswordHash.verify(Secret("another"), against: stored) == .wrong)
    }

    @Test func everyHashHasItsOwnSalt() async throws {
        let first = try await PasswordHash.hash(password, parameters: Self.small)
        let second = try await PasswordHash.hash(password, parameters: Self.small)
        #expect(first != second)
    }

    @Test func aHashOfOtherParametersIsOutdated() async throws {
        let stored = try await PasswordHash.hash(password, parameters: Self.small)
        let raised = Parameters(ln: 11, r: 1, p: 1)
        let verify = { (text: String, current: Parameters) in
            try await PasswordHash.verify(Secret(text), against: stored, current: current)
        }
        #expect(try await verify(password.reveal(), Self.small) == .right)
        #expect(try await verify(password.reveal(), raised) == .rightButOutdated)
        #expect(try await verify("wrong password", raised) == .wrong)
    }

    @Test func aShorterHashThanTodaysIsOutdated() async throws {
        let key = try PasswordHash.scrypt(
            Array(password.reveal().utf8), [UInt8](repeating: 7, count: 8), Self.small, 16)
        let record = PasswordHash.Record(
            parameters: Self.small, salt: [UInt8](repeating: 7, count: 8), key: key)
        let found = try await PasswordHash.verify(
            password, against: record.text, current: Self.small)
        #expect(found == .rightButOutdated)
    }

    @Test func aMalformedHashIsCorruptAndNotShown() async throws {
        let good = try await PasswordHash.hash(password, parameters: Self.small)
        let parts = good.split(separator: "$").map(String.init)
        let (salt16, key) = (parts[2], parts[3])
        let malformed = [
            "", "$", "$$$$", "plain text", good + "$", good + " ", "x" + good,
            String(good.dropFirst()), good.replacing("scrypt", with: "bcrypt"),
            good.replacing("ln=10", with: "ln=010"), good.replacing("ln=10", with: "ln=+10"),
            good.replacing("ln=10", with: "ln=99999999999999999999"),
            good.replacing("ln=10,r=1", with: "r=1,ln=10"), good.replacing(",p=1", with: ""),
            good.replacing(",p=1", with: ",p=1,q=1"), good.replacing(key, with: key + "="),
            good.replacing(salt16, with: salt16.dropLast() + "_"),
            good.replacing(salt16, with: salt(7)), good.replacing(salt16, with: salt(65)),
            good.replacing(key, with: salt(15)), good.replacing(key, with: salt(65)),
        ]
        let work = Work()
        for text in malformed { await expectCorrupt(text, work) }
        #expect(work.done.isEmpty)
    }

    // MARK: Passwords

    @Test(arguments: [
        ("", false), ("1234567", false), ("12345678", true), ("éééé", true), ("éée\u{301}", false),
        (String(repeating: "a", count: 1024), true), (String(repeating: "a", count: 1025), false),
        (String(repeating: "é", count: 512), true), (String(repeating: "é", count: 513), false),
    ])
    func aPasswordHasEightTo1024Bytes(text: String, isAccepted: Bool) async throws {
        let work = Work()
        do {
            _ = try await PasswordHash.hash(
                Secret(text), parameters: Self.small, deriving: work.derive)
            #expect(isAccepted)
        } catch let error as StoreError {
            #expect(!isAccepted)
            #expect(error.code == .invalidValue)
            #expect(text.isEmpty || !"\(error)".contains(text))
        }
        #expect(work.done.count == (isAccepted ? 1 : 0))
    }

    @Test func aPasswordIsTheSameInEveryNormalForm() async throws {
        let stored = try await PasswordHash.hash(Secret("Ångström 5 é"), parameters: Self.small)
        let decomposed = "A\u{30A}ngstro\u{308}m 5 e\u{301}"
        #expect(Array(decomposed.utf8) != Array("Ångström 5 é".utf8))
        let found = try await PasswordHash.verify(
            Secret(decomposed), against: stored, current: Self.small)
        #expect(found == .right)
    }

    // MARK: Work

    /// A missing user, a wrong password and a too long one cost as much as a right one.
    @Test func theSameWorkIsAlwaysDone() async throws {
        let work = Work()
        let stored = try await PasswordHash.hash(
            password, parameters: Self.small, deriving: work.derive)
        let long = String(repeating: "a", count: 5000)
        let cases: [(String, String?, PasswordHash.Verification)] = [
            (password.reveal(), stored, .right), ("wrong password", stored, .wrong),
            ("", stored, .wrong), (long, stored, .wrong), (password.reveal(), nil, .wrong),
            ("wrong password", nil, .wrong), ("", nil, .wrong), (long, nil, .wrong),
        ]
        for (text, stored, expected) in cases {
            let found = try await PasswordHash.verify(
                Secret(text), against: stored, current: Self.small, deriving: work.derive)
            #expect(found == expected)
        }
        let one = Work.Item(parameters: Self.small, saltSize: 16, byteCount: 32)
        #expect(work.done == Array(repeating: one, count: 1 + cases.count))
    }

    @Test func atMostTwoRunAtOnce() async throws {
        let gauge = Gauge()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    _ = try await PasswordHash.hash(
                        Secret("12345678"), parameters: Self.small, deriving: gauge.derive)
                }
            }
            try await group.waitForAll()
        }
        #expect((1...2).contains(gauge.most))
    }

    private func expectCorrupt(_ stored: String, _ work: Work) async {
        let error = await #expect(throws: StoreError.self, "\(stored)") {
            try await PasswordHash.verify(password, against: stored, deriving: work.derive)
        }
        #expect(error?.code == .corrupt, "\(stored)")
        #expect(error?.message.contains("$") == false)
    }

    private func salt(_ count: Int) -> String {
        UnpaddedBase64.standard.encode([UInt8](repeating: 0xA5, count: count))
    }
}

/// Records the derivations, and derives.
private final class Work: Sendable {
    struct Item: Equatable {
        let parameters: PasswordHash.Parameters
        let saltSize: Int
        let byteCount: Int
    }

    private let items = Mutex<[Item]>([])
    var done: [Item] { items.withLock { $0 } }

    var derive: PasswordHash.Derivation {
        { [self] password, salt, parameters, byteCount in
            items.withLock {
                $0.append(
                    Item(parameters: parameters, saltSize: salt.count, byteCount: byteCount))
            }
            return try PasswordHash.scrypt(password, salt, parameters, byteCount)
        }
    }
}

/// Measures how many derivations run at the same time.
private final class Gauge: Sendable {
    private let counts = Mutex((running: 0, most: 0))
    var most: Int { counts.withLock { $0.most } }

    var derive: PasswordHash.Derivation {
        { [self] _, _, _, byteCount in
            counts.withLock {
                $0.running += 1
                $0.most = max($0.most, $0.running)
            }
            Thread.sleep(forTimeInterval: 0.01)
            counts.withLock { $0.running -= 1 }
            return SymmetricKey(data: Data(count: byteCount))
        }
    }
}
