import Crypto
import Foundation
import MLOpsCore

/// Reads and writes the files of keys and seals.
enum AuditFiles {
    private static let largest = 65_536

    /// Writes a new file; fails when the file exists.
    static func create(_ path: String, mode: mode_t, _ text: String) throws {
        let file = try NewFile.create(path, mode: mode)
        do {
            try file.write(contentsOf: Data(text.utf8))
            try file.synchronize()
        } catch {
            throw Failure(.cannotCreate, "\(path) cannot be written")
        }
    }

    private static func contents(_ path: String) throws -> Data {
        try SQLiteStore.checkIsNotOpen(path)
        guard let file = FileHandle(forReadingAtPath: path),
            let data = try? file.read(upToCount: largest + 1), data.count <= largest
        else { throw Failure(.noInput, "\(path) cannot be read") }
        return data
    }

    /// Reads a private key from a file that only its owner may read.
    static func privateKey(_ path: String) throws -> Curve25519.Signing.PrivateKey {
        guard FileManager.default.fileExists(atPath: path) else {
            throw Failure(.noInput, "there is no file \(path)")
        }
        let text = try Secret(contentsOfFile: path, namedBy: "--key")
        guard let bytes = Data(base64Encoded: text.reveal().trimmingCharacters(in: .newlines)),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
        else {
            throw Failure(
                .badData, "\(path) holds no key; `mlops audit generate-key --out FILE` makes one")
        }
        return key
    }

    /// Reads a public key, given as its text or as a file that contains it.
    static func publicKey(_ argument: String) throws -> Curve25519.Signing.PublicKey {
        func key(_ text: String) -> Curve25519.Signing.PublicKey? {
            guard let bytes = Data(base64Encoded: text.trimmingCharacters(in: .newlines)) else {
                return nil
            }
            return try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        }
        if let key = key(argument) { return key }
        guard let key = key(String(decoding: try contents(argument), as: UTF8.self)) else {
            throw Failure(.badData, "\(argument) holds no public key: 32 bytes in base64")
        }
        return key
    }

    /// Reads a seal.
    static func seal(_ path: String) throws -> AuditSeal {
        let data = try contents(path)
        guard let seal = try? AuditSeal(json: JSONValue(parsing: data)) else {
            throw Failure(.badData, "\(path) is not a seal of an audit trail")
        }
        return seal
    }
}
