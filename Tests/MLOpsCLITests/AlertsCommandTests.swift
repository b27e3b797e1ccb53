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
            (["snooze", "disk", "--for", "2h"], "snoozed \(id.suffix(8)) Disk is full"),
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
}
