import Foundation
import MLOpsCore
import Testing

@Suite struct AlertsCommandTests {
    @Test func anAlertIsHandledFromAShell() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        #expect(try await tool("alerts", "list").status == 1)
        let raised = try await tool(
            "alerts", "raise", "--title", "Disk is full", "--severity", "high", "--project",
            "digits", "--fingerprint", "disk", "--message", "0 bytes left", "--json"
        ).json()
        let id = try #require(raised["id"]?.string)
        let again = try await tool(
            "alerts", "raise", "--title", "Disk is full", "--severity", "low", "--project",
            "digits", "--fingerprint", "disk")
        #expect(again.output == "raised \(id.suffix(8)) Disk is full, 2 times by now\n")
        let list = try await tool("alerts", "list", "--severity", "high")
        #expect(list.lines.count == 2 && list.lines[1].contains("Disk is full"))
        #expect(list.lines.allSatisfy { $0.count <= 80 })
        let steps: [([String], String)] = [
            (["ack", "disk"], "acknowledged \(id.suffix(8)) Disk is full"),
            (["comment", id, "rm -rf it"], "commented on \(id.suffix(8)) Disk is full"),
            (["snooze", "disk", "--end"], "woke \(id.suffix(8)) Disk is full"),
        ]
        for (command, answer) in steps {
            let result = try await tool(["alerts"] + command)
            #expect(result.output == answer + "\n", "\(result.errors)")
        }
        let shown = try await tool("alerts", "show", "disk").output
        for text in ["rm -rf it", "local@localhost", "0 bytes left", "acknowledged", "2 times"] {
            #expect(shown.contains(text), "\(text)")
        }
        let resolved = try await tool("alerts", "resolve", String(id.suffix(8)), "--json").json()
        #expect(resolved["status"] == "resolved")
        #expect(try await tool("alerts", "list", "--all").status == 0)
        for (command, status) in [
            (["ack", "disk"], 1), (["ack", id], 73), (["snooze", id], 64),
            (["raise", "--title", "t", "--severity", "bad"], 64), (["list"], 1),
        ] {
            #expect(try await tool(["alerts"] + command).status == status, "\(command)")
        }
    }

    private static let clear = "\u{1B}[2J\u{9B}31m\u{202E}"

    /// What other people wrote must not clear a screen, or look like another line.
    @Test func whatOthersWroteControlsNoTerminal() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let text = "a\(Self.clear)b\nstatus  resolved"
        try await tool.store { store in
            try await store.localWorkspace().write { tx in
                let alert = try tx.alerts.raise(
                    Alert(
                        project: fixture.project.id, alertType: .custom, title: text,
                        message: text, fingerprint: "f"))
                try tx.alerts.comment(alert.id, text)
                let name = "api\(Self.clear)"
                try tx.deployments.deploy(
                    Deployment(
                        project: fixture.project.id, modelVersion: fixture.version.id, name: name,
                        environment: .production), reason: text)
                try tx.models.insert(Model(project: fixture.project.id, name: name))
            }
        }
        let commands: [[String]] = [
            ["alerts", "list"], ["alerts", "show", "f"], ["alerts", "ack", "f"],
            ["alerts", "comment", "f", text], ["alerts", "snooze", "f", "--for", "1h"],
            ["alerts", "raise", "--title", text, "--severity", "low"],
            ["alerts", "show", "f", "--json"], ["alerts", "resolve", "f"],
            ["alerts", "show", text], ["alerts", "list", "--severity", text],
            ["deployments", "list"], ["deployments", "show", "api\(Self.clear)"],
            ["deployments", "mark", "api\(Self.clear)", "failed"],
            ["deployments", "show", "no"], ["models", "list"], ["models", "list", "--json"],
        ]
        for command in commands {
            for columns in ["80", ""] {
                let result = try await tool(command, environment: ["COLUMNS": columns])
                for scalar in (result.output + result.errors).unicodeScalars {
                    let isControl = scalar.properties.generalCategory == .control
                    #expect(
                        scalar == "\n" || !isControl && scalar != "\u{202E}",
                        "\(command): \(scalar.value)")
                }
                #expect(!result.lines.contains { $0.hasPrefix("status  resolved") })
                #expect(!(result.output + result.errors).isEmpty, "\(command)")
            }
        }
        let alerts = try await tool("alerts", "list", "--all", "--json").json().array ?? []
        #expect(alerts.contains { $0["message"]?.string == text })
    }

    @Test func aLongMessageIsShownToItsEnd() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let words = (0..<60).map { "word\($0)" }.joined(separator: " ") + "\nand a second line"
        _ = try await tool(
            "alerts", "raise", "--title", "t", "--severity", "low", "--fingerprint", "f",
            "--message", words)
        _ = try await tool("alerts", "comment", "f", words)
        let shown = try await tool("alerts", "show", "f")
        #expect(shown.lines.allSatisfy { $0.count <= 80 }, "\(shown.output)")
        for text in ["word0 ", "word59", "and a second line"] {
            #expect(shown.output.components(separatedBy: text).count == 3, "\(text)")
        }
        #expect(shown.lines.filter { $0.hasPrefix("and") || $0.hasPrefix("word") }.isEmpty)
        let piped = try await tool("alerts", "show", "f", environment: ["COLUMNS": ""])
        #expect(piped.lines.contains { $0.hasPrefix("message") && $0.hasSuffix("second line") })
    }

    @Test func whoHasAnAlertIsTold() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let eve = try await tool.member("eve@example.com", maintaining: fixture.project.id)
        _ = try await tool(
            "alerts", "raise", "--title", "t", "--severity", "low", "--fingerprint", "f",
            "--project", "digits")
        let first = try await tool("alerts", "ack", "f", "--as", eve)
        #expect(first.output.hasPrefix("acknowledged ") && first.status == 0, "\(first.errors)")
        #expect(try await tool("alerts", "ack", "f", "--as", eve).output == first.output)
        let second = try await tool("alerts", "ack", "f")
        #expect(second.output.hasPrefix("acknowledged before, by eve@example.com at 2"))
        let snoozed = try await tool("alerts", "snooze", "f", "--for", "2h")
        let until = try await tool("alerts", "show", "f", "--json").json()["snoozed_until"]?.string
        let minute = try #require(until).prefix(16).replacing("T", with: " ")
        #expect(snoozed.output.hasPrefix("snoozed until \(minute) UTC: "), "\(snoozed.output)")
        _ = try await tool(
            "deployments", "deploy", "api", "--model", "digits-mlp", "--version", "1.0.0",
            "--environment", "production")
        #expect(try await tool("alerts", "list", "--deployment", "api").status == 1)
        _ = try await tool(
            "alerts", "raise", "--title", "u", "--severity", "low", "--deployment", "api")
        #expect(try await tool("alerts", "list", "--deployment", "api").lines.count == 2)
    }
}
