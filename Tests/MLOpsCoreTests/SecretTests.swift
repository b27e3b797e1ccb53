import Foundation
import MLOpsCore
import Testing

/// No text that a program makes of a secret contains it, except by `reveal()`.
@Suite struct SecretTests {
    let secret = Secret("hunter2-hunter2")

    private struct Settings: Encodable {
        let name = "mail"
        let password: Secret<String>
    }

    @Test func noTextShowsTheValue() throws {
        var dumped = ""
        dump(secret, to: &dumped)
        dump(Settings(password: secret), to: &dumped)
        dump(["list": [secret]], to: &dumped)
        let encoder = JSONEncoder()
        let texts = [
            "\(secret)", String(describing: secret), String(reflecting: secret),
            secret.description, secret.debugDescription, "\(Optional(secret) as Any)",
            "\([secret])", "\(Settings(password: secret))", "\(Result<_, Never>.success(secret))",
            String(reflecting: Settings(password: secret)), "\(Mirror(reflecting: secret))",
            String(decoding: try encoder.encode(secret), as: UTF8.self),
            String(decoding: try encoder.encode(Settings(password: secret)), as: UTF8.self),
            dumped,
        ]
        for text in texts { #expect(!text.contains("hunter2"), "\(text)") }
        #expect("\(secret)" == "[redacted]")
        #expect(String(reflecting: secret) == "[redacted]")
        #expect(Mirror(reflecting: secret).children.isEmpty)
        #expect(String(decoding: try encoder.encode(secret), as: UTF8.self) == #""[redacted]""#)
        #expect(secret.reveal() == "hunter2-hunter2")
    }

    @Test func equalityIsThatOfTheValue() {
        #expect(secret == Secret("hunter2-hunter2"))
        #expect(secret != Secret("hunter2-hunter3"))
        #expect(secret != Secret("hunter2"))
        #expect(Secret("") == Secret(""))
        #expect(Secret([1, 2]) == Secret([1, 2]))
        #expect(Secret([1, 2]) != Secret([1, 3]))
        #expect(Set([secret, Secret("hunter2-hunter2"), Secret("other")]).count == 2)
    }
}
