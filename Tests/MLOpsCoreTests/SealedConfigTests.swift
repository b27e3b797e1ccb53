import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore

/// The secrets in a channel's configuration, which are never stored in plain text.
@Suite struct SealedConfigTests {
    let keys = StoreKeys(encryption: .generate(id: "k1"))

    private func config(
        _ type: NotificationChannelType = .email, keys: StoreKeys? = nil, number: Int = 1,
        createdAt: Date = Fixtures.date
    ) -> SealedConfig {
        SealedConfig(
            of: Fixtures.id(NotificationChannel.self, number), createdAt: createdAt,
            in: Fixtures.id(Organization.self, 1), type: type, keys: keys ?? self.keys)
    }

    private func code(_ body: () throws -> some Any) -> StoreError.Code? {
        #expect(throws: StoreError.self) { _ = try body() }?.code
    }

    @Test(arguments: [
        "webhook_url", "webhookURL", "smtpPassword", "SMTPPassword", "smtppassword", "routing-key",
        "routingkey", "integrationKey", "api_key", "APIKey", "apiKeys", "Token2", "botToken",
        "ACCESSTOKEN", "auth", "Authorization", "x.auth.header", "client secret", "dsn", "url",
        "Passwörter_password", "private_key", "pw", "cookies",
    ])
    func aNameTells(name: String) throws {
        for value: JSONValue in ["canary", 12_345, 1.5, true, ["canary"], ["a": "canary"], ""] {
            let sealed = try config().sealed([name: value])
            #expect(!(try sealed.canonicalText()).contains("canary"))
            #expect(sealed[name]?["$sealed"]?.string?.hasPrefix("v1.k1.") == true)
            #expect(try config().opened(sealed).reveal() == [name: value])
            #expect(try config().sealed(sealed) == sealed, "it is sealed once")
            let none = StoreKeys()
            #expect(code { try config(keys: none).sealed([name: value]) } == .missingKey)
        }
    }

    @Test(arguments: [
        "xoxb-123456789012-canary", "ghp_canary0123456789canary0123456789abcd",
        "github_pat_11canary0123456789", "glpat-canary0123456789abcd", "AKIACANARY0123456789",
        "AIzaCanary0123456789canary0123456789abc", "ya29.canary0123456789abc",
        "abc8Q~canary0123456789canary0123456789", "sk_live_canary0123456789",
        "sk-ant-canary0123456789canary", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.canary12",
        "Bearer canary-0123", "bearer  canary0123456789",
        "Authorization: Basic Y2FuYXJ5OmNhbmFyeQ==",
        "Server=tcp:db.example;Password=canary;", "AccountName=a;AccountKey=canary0123==;",
        "see token=canary&x=1", "SharedAccessSignature=sv=2024&sig=canary%3D",
        "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary\n-----END OPENSSH PRIVATE KEY-----",
        "use xapp-1-CANARY-0123456789-canary, please",
        "mlops_live_" + String(repeating: "canary9", count: 9),
        "https://hooks.example/AKIACANARY0123456789/x", "Bearer\tcanary-0123",
        "PASSWORD = canary", "password= canary", "token \t=canary",
        "https://hooks.slack.com/services/T0/B0/canary", "discord.com/api/webhooks/1/canary",
        "https://api.telegram.org/bot123456789:canary-0123456789_canary0123456789/sendMessage",
        "123456789:canary-0123456789_canary0123456789", "dapicanary0123456789canary012345",
        "hvs.canary0123456789canary", "dckr_pat_canary0123456789", "glsa_canary0123456789_ab",
        "NRAK-CANARY0123456789", "key-canary0123456789canary01234567",
        "Authorization: Basic Y2FuYXJ5OmNhbmFyeQ", "Authorization: Token canary",
        "use Token canary0123456789", "X-Api-Key: canary", #"{"password":"canary"}"#,
        "{'client_secret' : 'canary'}",
    ])
    func aKnownShapeTells(text: String) throws {
        for name in ["note", "from", "0"] {
            let document: JSONValue = [name: .string("before " + text), "list": [.string(text)]]
            let sealed = try config().sealed(document)
            #expect(!(try sealed.canonicalText().lowercased()).contains("canary"))
            #expect(try config().opened(sealed).reveal() == document)
        }
    }

    @Test(arguments: [
        "Basic training for beginners", "the bearer of news", "a=b; c=d", "skip-the-line", "ask-me",
        "a = b", "see: below", "at 12:30", "a token of thanks", "10:30/12:30",
        "models/high_f1_score", "c2FtcGxl= d",
        "SG.", "sk-", "AKIA", "high_f1_score", "-----BEGIN CERTIFICATE-----", "npm_config",
    ])
    func anOrdinaryTextStaysReadable(text: String) throws {
        #expect(
            try config(keys: StoreKeys()).sealed(["note": .string(text)]) == ["note": .string(text)]
        )
    }

    @Test(arguments: ["from", "to", "channel", "vault", "", "0", "port", "keyboard_layout", "😀"])
    func otherNamesStayReadable(name: String) throws {
        for value: JSONValue in ["#ml-alerts", "ml@acme.example", "a: b@c", 25, [], [:], nil] {
            #expect(try config(.slack, keys: StoreKeys()).sealed([name: value]) == [name: value])
        }
    }

    @Test(arguments: NotificationChannelType.allCases)
    func aTextTells(type: NotificationChannelType) throws {
        let always = [
            "smtp://user:canary@mail.example:25", "user:canary@host", ":canary@host",
            "see amqp://:canary@host/", "postgresql://u:p@canary@h/d",
        ]
        let urls = [
            "https://hooks.example/canary", "HTTP://example/canary", " https://canary",
            "POST https://example/canary", "wss://example/canary", "//example/canary",
            "hooks.example.com/services/canary",
        ]
        let hidesURLs = [.slack, .teams, .webhook].contains(type)
        for (texts, isSecret) in [(always, true), (urls, hidesURLs)] {
            for text in texts {
                for document: JSONValue in [
                    ["endpoint": .string(text)], ["a": [["b": .string(text)]]],
                    ["list": ["x", .string(text)]],
                ] {
                    let sealed = try config(type).sealed(document)
                    #expect((try sealed.canonicalText()).contains("canary") != isSecret, "\(text)")
                    #expect(try config(type).opened(sealed).reveal() == document)
                }
                guard isSecret else { continue }
                #expect(code { try config(type).sealed([text: 1]) } == .invalidValue)
            }
        }
    }

    @Test func whatIsSealedIsNotGivenByHand() throws {
        let secret = try config().sealed(["token": "canary"])
        let text = try #require(secret["token"]?["$sealed"])
        for form in [
            // A whole document, another member, a longer path, an element.
            #"{"$sealed": TEXT}"#, #"{"password": {"$sealed": TEXT}}"#,
            #"{"a": {"token": {"$sealed": TEXT}}}"#, #"{"list": [{"$sealed": TEXT}]}"#,
            #"{"token": {"$sealed": "v1.k1.AAAA"}}"#, #"{"token": {"$sealed": ""}}"#,
            #"{"token": {"$sealed": "canary"}}"#,
            // Not a single text.
            #"{"token": {"$sealed": 5}}"#, #"{"a": {"$sealed": null}}"#,
            #"{"a": {"$sealed": ["x"]}}"#, #"{"a": {"$sealed": TEXT, "b": 1}}"#,
            #"{"token": {"deep": {"$sealed": TEXT}}}"#, #"{"headers": [{"$sealed": TEXT}]}"#,
        ] {
            let document = try JSONValue(
                parsing: form.replacing("TEXT", with: text.canonicalText()))
            #expect(code { try config().sealed(document) } == .invalidValue, "\(document)")
        }
        #expect(code { try config(number: 2).sealed(secret) } == .invalidValue, "another row")
        let other = StoreKeys(encryption: .generate(id: "k9"))
        #expect(code { try config(keys: other).sealed(secret) } == .missingKey)
        #expect(code { try config(keys: other).opened(secret) } == .missingKey)
        for value: JSONValue in ["https://canary", ["canary"], 5, nil] {
            #expect(code { try config(.webhook).sealed(value) } == .checkViolation)
        }
    }

    /// A text of a million characters is checked in linear time.
    @Test func aLongTextCostsItsLength() throws {
        for unit in [":", "a", "a:", "@", "://", "/."] {
            let text = String(repeating: unit, count: 900_000 / unit.count)
            _ = try config(.webhook).sealed(["text": .string(text)])
        }
    }

    @Test func aRotationSealsAllUnderTheCurrentKey() throws {
        let document: JSONValue = ["token": "canary", "a": [["url": "x"]], "b": 1]
        let old = try config().sealed(document)
        #expect(try config().resealed(old) == nil)
        let ring = try KeyRing(
            parsing: KeyRing.generate(id: "k2").text.reveal()
                + #require(keys.encryption).text.reveal(), name: "test")
        let new = StoreKeys(encryption: ring)
        let resealed = try #require(try config(keys: new).resealed(old))
        #expect(!(try resealed.canonicalText()).contains("v1.k1."))
        #expect(try config(keys: new).opened(resealed).reveal() == document)
        #expect(try config(keys: new).resealed(resealed) == nil)
        #expect(try config(keys: new).resealed(document) != nil, "what was stored in the clear")
    }
}
