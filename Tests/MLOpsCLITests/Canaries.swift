import Crypto
import Foundation

@testable import MLOpsCore

/// A thousand secrets of every kind, new for each test.
struct Canaries {
    /// Secrets that must not occur anywhere.
    private(set) var secrets: [[UInt8]] = []
    /// Password hashes, which may occur only in the database.
    private(set) var hashes: [[UInt8]] = []
    private(set) var channels: [NotificationChannel] = []
    private(set) var users: [User] = []
    private(set) var tokens: [APIKeyToken] = []
    let keys: StoreKeys
    /// Keys that are only configured, or only given in an invalid form.
    let otherKeys: [KeyRing]

    /// Names of members that contain a secret.
    private static let names = [
        "url", "webhook_url", "webhookURL", "token", "api_key", "smtpPassword", "password",
        "routing-key", "integrationkey", "secret", "client_secret", "Authorization", "headers",
        "auth", "dsn", "credentials", "cookie", "passphrase", "bearer", "private_key",
    ]

    init() async throws {
        otherKeys = (0..<40).map { KeyRing.generate(id: "k\($0)") }
        keys = StoreKeys(
            peppers: KeyRing.generate(id: "p1"), encryption: KeyRing.generate(id: "e1"))
        for ring in otherKeys + [keys.peppers, keys.encryption].compactMap(\.self) {
            // As text and as bytes.
            let text = ring.text.reveal().split(separator: "=")[1]
            secrets.append(Array(text.utf8))
            secrets.append(ring.current.key.withUnsafeBytes(Array.init))
        }
        for type in NotificationChannelType.allCases {
            for (number, name) in Self.names.enumerated() { addChannel(type, name, number) }
            addChannelOfTexts(type)
        }
        for number in 0..<150 {
            let token = APIKeyToken.generate(environment: number.isMultiple(of: 2) ? "live" : "ci")
            tokens.append(token)
            // The part before it is the key's public prefix.
            secrets.append(Array(token.text.reveal().utf8.dropFirst(token.prefix.utf8.count)))
        }
        for number in 0..<60 {
            let password = secret()
            let hash = try await PasswordHash.hash(Secret(password)) { password, salt, _, count in
                let bytes = Array(Data(password).reversed()) + salt
                return SymmetricKey(
                    data: (0..<count).map { bytes[$0 % bytes.count] &* 31 &+ UInt8($0) })
            }
            hashes.append(Array(hash.split(separator: "$")[3].utf8))
            var user = User(email: "user\(number)@example.com")
            user.passwordHash = Secret(hash)
            users.append(user)
        }
    }

    /// Makes another secret to search for.
    mutating func secret(_ punctuation: String = "") -> String {
        let letters = Array("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")
        let text = String((0..<20).compactMap { _ in letters.randomElement() }) + punctuation
        secrets.append(Array(text.utf8))
        return text
    }

    private mutating func addChannel(
        _ type: NotificationChannelType, _ name: String, _ number: Int
    ) {
        let value: JSONValue = .string(secret(number.isMultiple(of: 3) ? "+/%\"\\ü" : ""))
        let config: JSONValue =
            switch number % 4 {
            case 0: [name: value]
            case 1: ["outer": ["list": [["plain": "x"], [name: value]]]]
            case 2: [name: [value, .string(secret())]]
            default: [name: ["inner": ["deep": value, "n": 5]], "to": "ml@example.com"]
            }
        channels.append(
            NotificationChannel(
                name: "\(type.rawValue) \(name)", channelType: type, config: config))
    }

    /// Secrets that are recognized only by their text.
    private mutating func addChannelOfTexts(_ type: NotificationChannelType) {
        var members: [String: JSONValue] = [:]
        for number in 0..<40 {
            members["server\(number)"] = .string("smtp://mailer:\(secret())@mail.example:25")
            members["plain\(number)"] = .string("user:\(secret())@host")
            if [.slack, .teams, .webhook].contains(type) {
                members["endpoint\(number)"] = .string("https://example.com/hook/\(secret())")
            }
        }
        channels.append(
            NotificationChannel(
                name: "\(type.rawValue) texts", channelType: type, config: .object(members)))
    }
}
