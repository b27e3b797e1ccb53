import Testing

@testable import MLOpsCore

/// The command line as a run keeps it.
@Suite struct SecretArgumentTests {
    private func redacted(_ arguments: String...) -> [String] {
        SecretTexts.redacted(arguments: arguments)
    }

    @Test func whatIsNoSecretStays() {
        let plain = ["--epochs", "3", "--lr=0.1", "-v", "data/train.csv", "a=b", "", "--", "-"]
        #expect(SecretTexts.redacted(arguments: plain) == plain)
    }

    @Test func valuesOfNamesThatTellGo() {
        #expect(redacted("--password", "hunter2", "x") == ["--password", "[redacted]", "x"])
        #expect(redacted("--password", "-hunter2") == ["--password", "[redacted]"])
        #expect(redacted("--api-key=hunter2") == ["--api-key=[redacted]"])
        #expect(redacted("PGPASSWORD=hunter2") == ["PGPASSWORD=[redacted]"])
        #expect(redacted("model.apiKey=hunter2=") == ["model.apiKey=[redacted]"])
        // An option without a value takes none from the next.
        #expect(redacted("--token", "--epochs", "3") == ["--token", "--epochs", "3"])
        #expect(redacted("--password") == ["--password"])
        #expect(redacted("--token=") == ["--token="])
    }

    @Test(arguments: [
        "postgresql://me:hunter2@db/x", "--db=postgresql://me:hunter2@db/x",
        "ghp_0123456789abcdef0123", "--header=Authorization: Bearer hunter2hunter2",
        "password=hunter2 host=db", "-Dpassword=hunter2", "https://db/x?password=hunter2",
        "{\"password\": \"hunter2\"}",
    ])
    func textsOfSecretsGo(_ argument: String) {
        let kept = redacted(argument).joined()
        #expect(!kept.contains("hunter2") && !kept.contains("ghp_"), "\(kept)")
    }

    @Test func theRunKeepsWhatIsLeft() async throws {
        let environment = await RunEnvironment.capture()
        #expect(
            environment["arguments"]?.array?.compactMap(\.string)
                == SecretTexts.redacted(arguments: Array(CommandLine.arguments.dropFirst())))
    }
}
