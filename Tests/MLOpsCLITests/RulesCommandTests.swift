import Foundation
import MLOpsCore
import Testing

@Suite struct RulesCommandTests {
    /// A tool with a project, a channel by e-mail, which has no secrets, and a rule.
    private func prepared(_ conditions: String...) async throws -> Tool {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        _ = try await tool(
            "channels", "add", "mail", "--type", "email", "--host", "smtp.example.com", "--from",
            "ml@example.com", "--to", "ada@example.com")
        let added = try await tool(["rules", "add", "grave", "--channel", "mail"] + conditions)
        #expect(added.output == "added grave: alert to mail, on\n", "\(added.errors)")
        return tool
    }

    @Test func aRuleIsChangedAndRemoved() async throws {
        let tool = try await prepared(
            "--severity", "high", "--type", "data-drift", "--type", "error_rate", "--metric", "psi",
            "--environment", "production", "--status", "failed", "--label", "team=ml", "--cooldown",
            "10m", "--reminder", "4h", "--no-resolved", "--project", "digits")
        let shown = try await tool("rules", "show", "grave")
        let lines = shown.lines.map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
        let fields = Dictionary(
            uniqueKeysWithValues: lines.map {
                ($0[0], $0[1].trimmingCharacters(in: .whitespaces))
            })
        for (name, value) in [
            "severity": "high or graver", "types": "data_drift, error_rate", "metrics": "psi",
            "environments": "production", "statuses": "failed", "labels": "team=ml",
            "cooldown": "10 m 0 s", "reminder": "after 4 h 0 m", "resolved": "not told",
            "project": "digits", "state": "on", "channel": "mail", "trigger": "alert",
        ] { #expect(fields[name] == value, "\(name)") }
        let list = try await tool("rules", "list", "--channel", "mail")
        #expect(list.lines.count == 2 && list.lines.allSatisfy { $0.count <= 80 })
        #expect(
            try await tool("rules", "set", "grave", "--mute", "2h").output
                .hasPrefix("changed grave: alert to mail, muted until 2"))
        let changed = try await tool(
            "rules", "set", "grave", "--unmute", "--clear", "type", "--clear", "label", "--clear",
            "reminder", "--resolved", "--metric", "kl", "--trigger", "model-update", "--json"
        ).json()
        #expect(changed["trigger_type"] == "model_update" && changed["channel"] == "mail")
        let conditions = changed["conditions"]
        #expect(conditions?["metrics"] == ["kl"] && conditions?["labels"] == [:])
        #expect(conditions?["minimum_severity"] == "high")
        #expect(conditions?["tells_resolution"] == true && conditions?["muted_until"] == nil)
        #expect(try await tool("rules", "disable", "grave").output.hasSuffix("mail, off\n"))
        #expect(try await tool("rules", "enable", "grave").output.hasSuffix("mail, on\n"))
        #expect(try await tool("rules", "remove", "grave").output == "removed grave\n")
        #expect(try await tool("rules", "list").status == 1)
    }

    @Test func aRuleThatCannotBeReadIsListedSetAndRemoved() async throws {
        let tool = try await prepared("--severity", "high")
        func damage() async throws {
            try await tool.store { store in
                try await store.withSystemAccess(reason: "a later version") { access in
                    try await access.write { tx in
                        _ = try tx.engine.execute(
                            """
                            UPDATE notification_rules SET revision = revision + 1, \
                            conditions = \(["alert_types": ["latency_v2"]] as JSONValue)
                            """)
                    }
                }
            }
        }
        try await damage()
        let list = try await tool("rules", "list")
        #expect(list.status == 0 && list.output.contains("damaged"), "\(list.errors)")
        let shown = try await tool("rules", "show", "grave")
        #expect(shown.output.contains("cannot be read: ") && shown.output.contains("latency_v2"))
        let raised = try await tool("alerts", "raise", "--title", "x", "--severity", "critical")
        #expect(raised.status == 0, "\(raised.errors)")
        let alerts = try await tool("alerts", "list", "--json")
        #expect(alerts.output.contains("The notification rule grave"), "\(alerts.output)")
        let why = try await tool("rules", "test", "grave", "--severity", "critical")
        #expect(why.status == 1 && why.output.contains("set them anew"), "\(why.output)")
        let vain = try await tool("rules", "set", "grave", "--severity", "low")
        #expect(vain.status == 65 && vain.errors.contains("--reset"), "\(vain.errors)")
        #expect(try await tool("rules", "set", "grave", "--cooldown", "1h").status == 0)
        #expect(try await tool("rules", "disable", "grave").status == 0)
        #expect(try await tool("rules", "enable", "grave").output.hasSuffix("mail, damaged\n"))
        let set = try await tool("rules", "set", "grave", "--reset", "--severity", "low")
        #expect(set.output == "changed grave: alert to mail, on\n", "\(set.errors)")
        try await damage()
        #expect(try await tool("rules", "remove", "grave").output == "removed grave\n")
    }

    @Test func aTestTellsWhyARuleDoesNotFire() async throws {
        let tool = try await prepared("--severity", "high", "--label", "team=ml", "--metric", "psi")
        _ = try await tool("rules", "add", "all", "--channel", "mail", "--project", "digits")
        let wrong = try await tool("rules", "test", "--severity", "low")
        #expect(
            wrong.output == """
                all: does not fire
                  the rule is limited to another project
                grave: does not fire
                  the alert is less severe than high
                  the alert is not about a metric of the rule
                  the alert's label team is not that of the rule

                """)
        #expect(wrong.status == 1 && wrong.errors.isEmpty)
        let right = try await tool(
            "rules", "test", "grave", "--severity", "high", "--metric", "psi", "--label",
            "team=ml", "--type", "data_drift", "--project", "digits")
        #expect(right.status == 0)
        #expect(right.output == "grave: fires, through mail\n  a message goes out now\n")
        _ = try await tool("channels", "disable", "mail")
        let off = try await tool(
            "rules", "test", "all", "--severity", "info", "--project", "digits", "--json")
        #expect(off.status == 1)
        let answer = try off.json()[0]
        #expect(answer?["fires"] == false && answer?["sends_at"] == nil)
        #expect(answer?["reasons"] == ["the channel is switched off or deleted"])
    }

    @Test func aTestTellsWhyNothingIsSent() async throws {
        let tool = try await prepared("--cooldown", "1d")
        func raise() async throws {
            let raised = try await tool(
                "alerts", "raise", "--title", "Disk is full", "--severity", "high",
                "--fingerprint", "disk")
            #expect(raised.status == 0)
        }
        func answer() async throws -> String {
            let result = try await tool("rules", "test", "--alert", "disk")
            #expect(result.status == 0 && result.lines.count == 2, "\(result.output)")
            #expect(result.lines.allSatisfy { $0.count <= 80 })
            return result.lines.last ?? ""
        }
        try await raise()
        #expect(try await answer().contains("a message waits, which tells it as well"))
        try await tool.deliver(.delivered)
        #expect(try await answer().contains("told already, and the cooldown ends at 2"))
        _ = try await tool("alerts", "snooze", "disk", "--for", "2h")
        #expect(try await answer().contains("the alert is snoozed until 2"))
        _ = try await tool("alerts", "snooze", "disk", "--end")
        _ = try await tool("alerts", "ack", "disk")
        #expect(try await answer().contains("the alert is acknowledged"))
        let resolved = try await tool("alerts", "resolve", "disk", "--json").json()
        let id = try #require(resolved["id"]?.string)
        let anew = try await tool("rules", "test", "--alert", id)
        #expect(anew.lines.last?.contains("goes out after the cooldown, at 2") == true)
        try await raise()
        let shown = try await tool("alerts", "show", "disk", "--json").json()
        let (made, next) = (
            shown["deliveries"]?[0]?["created_at"]?.string,
            shown["deliveries"]?[0]?["next_attempt_at"]?.string
        )
        #expect(try #require(made) < #require(next), "the next alert waits for the cooldown")
    }

    @Test func anAlertShowsItsMessages() async throws {
        let tool = try await prepared()
        let raised = try await tool(
            "alerts", "raise", "--title", "Disk is full", "--severity", "high", "--fingerprint",
            "disk", "--json"
        ).json()
        let id = try #require(raised["id"]?.string)
        try await tool.deliver(.retry(at: .now + 3600), error: "The server did not answer.")
        let member = try await tool.member("eve@example.com")
        let shown = try await tool("alerts", "show", id)
        let row = try #require(shown.lines.first { $0.contains("triggered") })
        #expect(row.contains("grave") && row.contains("mail") && row.contains("pending"))
        #expect(shown.lines.last?.contains("next attempt at 2") == true)
        #expect(shown.lines.last?.hasSuffix("The server did not answer.") == true)
        #expect(shown.lines.dropLast().allSatisfy { $0.count <= 80 })
        let theirs = try await tool("alerts", "show", id, "--as", member)
        #expect(theirs.status == 0 && theirs.output.contains("triggered"), "\(theirs.errors)")
        #expect(!theirs.output.contains("did not answer"))
        let json = try await tool("alerts", "show", id, "--json").json()["deliveries"]?[0]
        #expect(json?["rule"] == "grave" && json?["channel"] == "mail" && json?["attempts"] == 1)
        #expect(json?["last_error"] == "The server did not answer.")
    }

    @Test func aWrongInputIsExplained() async throws {
        let tool = try await prepared()
        let wrong: [([String], Int32, String)] = [
            (["add", "x", "--channel", "none"], 1, "there are: mail"),
            (["add", "x"], 64, "--channel"),
            (["add", "grave", "--channel", "mail"], 73, "name"),
            (["add", "x", "--channel", "mail", "--label", "team"], 64, "label"),
            (["add", "x", "--channel", "mail", "--cooldown", "5"], 64, "cooldown"),
            (["add", "x", "--channel", "mail", "--reminder", "5s"], 64, "60 to 31536000"),
            (["add", "x", "--channel", "mail", "--trigger", "tuesday"], 64, "model_update"),
            (["set", "grave", "--mute", "2h", "--unmute"], 64, "one of"),
            (["set", "grave"], 64, "nothing to change"),
            (["set", "grave", "--clear", "metric", "--metric", "a"], 64, "--metric replaces"),
            (["set", "none", "--mute", "2h"], 1, "there are: grave"),
            (["test"], 64, "--alert"), (["test", "--alert", "x", "--severity", "low"], 64, "--al"),
            (["test", "--alert", "none"], 1, "there is no alert none"),
        ]
        for (arguments, status, text) in wrong {
            let result = try await tool(["rules"] + arguments)
            #expect(result.status == status, "\(arguments) \(result.errors)")
            #expect(result.errors.contains(text), "\(result.errors)")
        }
    }
}

extension Tool {
    /// Does the dispatcher's work for every message that is due.
    fileprivate func deliver(_ outcome: DeliveryResult.Outcome, error: String? = nil) async throws {
        try await store { store in
            try await store.withSystemAccess(reason: "test") { access in
                let claims = try await access.claimDeliveries(limit: 100, lease: 60)
                    .deliveries
                #expect(!claims.isEmpty)
                try await access.endDeliveries(
                    claims.map { DeliveryResult($0, outcome, error: error) })
            }
        }
    }
}
