import Foundation
import MLOpsCore
import Testing

@Suite struct ChannelsCommandTests {
    static let keys = ["MLOPS_ENCRYPTION_KEYS": "k1=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="]
    private static let slack = "https://hooks.slack.com/services/T0/B0/sUs4nn4"

    private func file(_ text: String, in tool: Tool) throws -> String {
        let file = tool.directory.appending(path: "\(Identifier<Project>()).txt")
        try Data((text + "\n").utf8).write(to: file)
        return file.path
    }

    private func prepared() async throws -> Tool {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        return tool
    }

    @Test func everyTypeIsAddedAndListed() async throws {
        let tool = try await prepared()
        #expect(try await tool("channels", "list").status == 1)
        let keyless = try await tool("channels", "add", "s", "--type", "slack", "--url", Self.slack)
        #expect(keyless.status == 78 && keyless.errors.contains("`mlops secrets generate-key`"))
        #expect(!keyless.errors.contains("sUs4nn4"))
        let key = try file("0123456789abcdef0123456789ABCDEF", in: tool)
        let password = try file("correct horse", in: tool)
        let added: [([String], String?, String)] = [
            (["s", "--type", "slack", "--url-file", "-"], Self.slack, "slack to hooks.slack.com"),
            (
                ["t", "--type", "teams", "--url", "https://x.logic.azure.com/y?sig=s3cr3t"], nil,
                "teams to x.logic.azure.com"
            ),
            (
                ["p", "--type", "pagerduty", "--routing-key-file", key, "--region", "eu"], nil,
                "pagerduty to events.eu.pagerduty.com"
            ),
            (
                [
                    "e", "--type", "email", "--host", "smtp.example.com", "--port", "2525",
                    "--security", "tls", "--username", "u", "--password-file", password, "--from",
                    "ml@example.com", "--to", "ada@example.com", "--to", "bob@example.com",
                ], nil, "email to ada@example.com, bob@example.com"
            ),
        ]
        for (arguments, input, text) in added {
            let result = try await tool(
                ["channels", "add"] + arguments, environment: Self.keys, input: input)
            #expect(result.output == "added \(arguments[0]): \(text), on\n", "\(result.errors)")
            #expect(result.errors.isEmpty)
        }
        let list = try await tool("channels", "list", environment: Self.keys)
        #expect(list.lines.count == 5 && list.lines.allSatisfy { $0.count <= 80 })
        #expect(list.output.contains("hooks.slack.com"))
        let sealed = try await tool("channels", "list", "--json").json()
        #expect(sealed[0]?["target"] == nil && sealed[0]?["problem"] != nil)
        let mail = try await tool("channels", "show", "e", environment: Self.keys)
        #expect(mail.output.contains("smtp.example.com:2525, security tls"))
        let files = try FileManager.default.contentsOfDirectory(atPath: tool.directory.path)
        for name in files where !name.hasSuffix(".txt") && !name.hasSuffix(".in") {
            let data = try Data(contentsOf: tool.directory.appending(path: name))
            for secret in ["sUs4nn4", "s3cr3t", "0123456789abcdef", "correct horse"] {
                #expect(data.range(of: Data(secret.utf8)) == nil, "\(secret) in \(name)")
            }
        }
    }

    @Test func aChannelIsSwitchedAndRemoved() async throws {
        let tool = try await prepared()
        let added = try await tool(
            "channels", "add", "mail", "--type", "email", "--host", "h", "--from", "a@b", "--to",
            "c@d", "--json"
        ).json()
        let id = try #require(added["id"]?.string)
        #expect(added["is_active"] == true && added["target"] == "c@d" && added["secret"] == nil)
        _ = try await tool("rules", "add", "all", "--channel", "mail")
        #expect(
            try await tool("channels", "set", "mail", "--to", "x@y", "--to", "z@y").output
                == "changed mail: email to x@y, z@y, on\n")
        #expect(
            try await tool("channels", "disable", String(id.suffix(8))).output
                == "disabled mail: email to x@y, z@y, off\n")
        #expect(try await tool("channels", "enable", id).status == 0)
        let shown = try await tool("channels", "show", "mail", "--json").json()
        #expect(shown["rules"] == ["all"] && shown["server"] == "h:587, security starttls")
        #expect(try await tool("channels", "remove", "mail").output == "removed mail and 1 rule\n")
        #expect(try await tool("rules", "list").status == 1)
    }

    @Test func aSecretIsRotatedWithBothSignatures() async throws {
        let tool = try await prepared()
        let receiver = try LocalReceiver()
        let made = try await tool(
            "channels", "add", "hook", "--type", "webhook", "--url", receiver.url(status: 204),
            environment: Self.keys)
        #expect(made.lines.count == 2 && made.lines[1].hasPrefix("secret: whsec_"))
        #expect(made.errors.contains("shown this once"))
        func send() async throws -> Int {
            let sent = try await tool(
                "channels", "test", "hook", "--allow-address", "127.0.0.0/8",
                environment: Self.keys)
            #expect(sent.status == 0 && sent.output == "hook: delivered\n", "\(sent.errors)")
            let request = try #require(receiver.requests.last)
            #expect(request.contains("Test of the channel hook"))
            #expect(request.contains("\"severity\":\"info\""))
            return request.matches(of: /v1,/).count
        }
        #expect(try await send() == 1)
        let rotated = try await tool(
            "channels", "set", "hook", "--new-secret", "--json", environment: Self.keys)
        #expect(try rotated.json()["secret"]?.string?.hasPrefix("whsec_") == true)
        #expect(try rotated.json()["signing_secrets"] == 2)
        #expect(try await send() == 2)
        let dropped = try await tool(
            "channels", "set", "hook", "--drop-old-secret", environment: Self.keys)
        #expect(dropped.status == 0 && dropped.lines.count == 1 && dropped.errors.isEmpty)
        #expect(try await send() == 1)
        let again = try await tool(
            "channels", "set", "hook", "--drop-old-secret", environment: Self.keys)
        #expect(again.status == 1 && again.errors.contains("no old secret"))
    }

    @Test func aTestTellsWhatBecameOfIt() async throws {
        let tool = try Tool()
        let project = try await Fixture(in: tool).project.id
        let receiver = try LocalReceiver()
        for (status, answer) in [(410, "gone, an alert would"), (503, "not delivered, an alert")] {
            let name = "hook\(status)"
            _ = try await tool(
                "channels", "add", name, "--type", "webhook", "--url", receiver.url(status: status),
                environment: Self.keys)
            let result = try await tool(
                "channels", "test", name, "--allow-address", "127.0.0.1", environment: Self.keys)
            #expect(result.status == 1 && result.output.hasPrefix("\(name): \(answer)"))
            #expect(result.errors.isEmpty)
        }
        let count = receiver.requests.count
        #expect(count == 2)
        let trail = try await tool("audit", "list", "--json").json().array ?? []
        let tests = trail.filter { $0["action"] == "notification_channel.test" }
        #expect(tests.map { $0["details"] } == [["outcome": "retry"], ["outcome": "gone"]])
        let forbidden = try await tool(
            "channels", "test", "hook410", "--json", environment: Self.keys)
        #expect(try forbidden.json()["outcome"] == "refused", "\(forbidden.output)")
        #expect(forbidden.status == 1 && receiver.requests.count == count)
        // A maintainer may test a channel of their own alone.
        let maintainer = try await tool.member("eve@example.com", maintaining: project)
        let denied = try await tool(
            "channels", "test", "hook410", "--allow-address", "127.0.0.1", "--as",
            maintainer,
            environment: Self.keys)
        #expect(denied.status == 77 && receiver.requests.count == count, "\(denied.errors)")
    }

    @Test func aWrongInputIsExplained() async throws {
        let tool = try await prepared()
        let empty = try file("", in: tool)
        let wrong: [([String], Int32, String)] = [
            (["x", "--type", "slack"], 64, "url of the channel's configuration is missing"),
            (["x", "--type", "slack", "--url", "ftp://h/s3cr3t"], 64, "starts with https://"),
            (["x", "--type", "slack", "--url", "https://u:s3cr3t@h/"], 64, "without a user"),
            (["x", "--type", "slack", "--region", "eu"], 64, "slack takes no --region"),
            (["x", "--type", "teams", "--url-file", "/none/s3cr3t"], 66, "the URL cannot be read"),
            (["x", "--type", "teams", "--url-file", empty], 64, "the file holds no URL"),
            (["x", "--type", "teams", "--url-file", "-"], 64, "standard input holds no URL"),
            (["x", "--type", "pagerduty", "--routing-key-file", empty], 64, "no integration key"),
            (["x", "--type", "carrier"], 64, "pagerduty"),
            (["x", "--type", "email", "--host", "h", "--from", "a@b", "--to", "c"], 64, "to list"),
            (["x", "--type", "slack", "--url", "u", "--url-file", "f"], 64, "not both"),
        ]
        for (arguments, status, text) in wrong {
            let result = try await tool(["channels", "add"] + arguments, environment: Self.keys)
            #expect(result.status == status, "\(arguments) \(result.errors)")
            #expect(result.errors.contains(text), "\(result.errors)")
            #expect(!result.errors.contains("s3cr3t") && result.output.isEmpty)
        }
        _ = try await tool(
            "channels", "add", "s", "--type", "slack", "--url", Self.slack, environment: Self.keys)
        for (arguments, status) in [
            (["set", "s"], 64), (["set", "s", "--new-secret"], 64),
            (["set", "s", "--to", "a"], 64),
            (["set", "s", "--url", "x"], 64), (["show", "none"], 1),
            (["test", "s", "--allow-address", "10.0.0.1/8"], 64),
        ] as [([String], Int32)] {
            let result = try await tool(["channels"] + arguments, environment: Self.keys)
            #expect(result.status == status, "\(arguments) \(result.errors)")
        }
    }
}
