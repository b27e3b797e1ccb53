import Foundation
import MLOpsCore
import MLOpsOperations
import Testing

@testable import MLOpsDelivery

/// What Slack and Teams receive.
@Suite(.withReceivers) struct ChatPayloadTests {
    @Test func slackGetsBlocks() async throws {
        let conversation = try Conversation()
        let outcome = try await conversation.send(through: .slack, "status/200")
        #expect(outcome == DeliveryOutcome(.delivered))
        let request = try #require(try conversation.requests.first)
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.headers["expect"] == nil)
        func plain(_ text: String) -> JSONValue {
            ["type": "plain_text", "text": .string(text), "emoji": false]
        }
        let expected: JSONValue = [
            "text": "[HIGH] p99 is high",
            "blocks": [
                ["type": "header", "text": plain("[HIGH] p99 is high")],
                ["type": "section", "text": plain("p99 was 812 ms, more than 500.")],
                [
                    "type": "section",
                    "fields": [
                        plain("Project\nFraud"), plain("Deployment\nfraud-api"),
                        plain("Severity\nhigh"), plain("Type\nhigh latency"),
                        plain("Occurrences\n3"), plain("Triggered\n2023-11-14T22:13:20Z"),
                        plain("region\neu"), plain("threshold\n500"),
                    ],
                ],
                [
                    "type": "context",
                    "elements": [
                        [
                            "type": "mrkdwn",
                            "text":
                                "<https://mlops.example/alerts/1?a=1&amp;b=2|Open the alert>",
                        ]
                    ],
                ],
            ],
        ]
        #expect(try request.json == expected)
    }

    @Test func teamsGetsAnAdaptiveCard() async throws {
        let conversation = try Conversation()
        let outcome = try await conversation.send(
            .sample(.resolved, labels: [:], context: [:]), through: .teams, "status/202")
        #expect(outcome == DeliveryOutcome(.delivered))
        func fact(_ name: String, _ value: String) -> JSONValue {
            ["title": .string(name), "value": .string(value)]
        }
        let expected: JSONValue = [
            "type": "message",
            "attachments": [
                [
                    "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil,
                    "content": [
                        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                        "type": "AdaptiveCard", "version": "1.2",
                        "msteams": ["width": "full"],
                        "body": [
                            [
                                "type": "TextBlock", "text": "[RESOLVED] p99 is high",
                                "weight": "Bolder", "size": "Medium", "wrap": true,
                                "style": "heading", "color": "Good",
                            ],
                            [
                                "type": "TextBlock", "text": "p99 was 812 ms, more than 500.",
                                "wrap": true,
                            ],
                            [
                                "type": "FactSet",
                                "facts": [
                                    fact("Project", "Fraud"), fact("Deployment", "fraud-api"),
                                    fact("Severity", "high"), fact("Type", "high latency"),
                                    fact("Occurrences", "3"),
                                    fact("Triggered", "2023-11-14T22:13:20Z"),
                                    fact("Resolved", "2023-11-14T22:14:20Z"),
                                ],
                            ],
                        ],
                        "actions": [
                            [
                                "type": "Action.OpenUrl", "title": "Open the alert",
                                "url": "https://mlops.example/alerts/1?a=1&b=2",
                            ]
                        ],
                    ],
                ]
            ],
        ]
        #expect(try conversation.requests.first?.json == expected)
    }

    @Test(arguments: hostileTexts.indices) func hostileTextMentionsNobody(index: Int) async throws {
        let notification = hostile(hostileTexts[index])
        for type in [NotificationChannelType.slack, .teams] {
            let conversation = try Conversation()
            let outcome = try await conversation.send(notification, through: type, "status/200")
            #expect(outcome.verdict == .delivered, "\(outcome)")
            let request = try #require(try conversation.requests.first)
            _ = try request.json
            #expect(request.body.utf8.count <= TeamsPayload.limit)
            let markup = ["<!", "<@", "<at", "</at", "\u{202E}", "\\u00", "<https://evil"]
            for part in markup + (type == .teams ? ["]("] : []) {
                #expect(!request.body.contains(part), "\(type): \(part)")
            }
            if type == .slack { try checkSlackLimits(request.json) }
        }
    }

    private func checkSlackLimits(_ json: JSONValue) throws {
        func texts(_ value: JSONValue) -> [String] {
            switch value {
            case .object(let members):
                members.flatMap { name, value in
                    name == "text" ? value.string.map { [$0] } ?? texts(value) : texts(value)
                }
            case .array(let elements): elements.flatMap(texts)
            default: []
            }
        }
        #expect(texts(json).map(\.utf16.count).reduce(0, +) < 10_000)
        #expect(texts(json).allSatisfy { !$0.isEmpty })
        let blocks = try #require(json["blocks"]?.array)
        #expect(try #require(blocks[0]["text"]?["text"]?.string).utf16.count <= 150)
        for block in blocks where block["type"] == "section" {
            #expect((block["text"]?["text"]?.string ?? "").utf16.count <= 3000)
            #expect((block["fields"]?.array ?? []).count <= 10)
        }
    }

    @Test func aCutTextEndsBetweenCharacters() {
        #expect("abc".cut(toUnits: 3) == "abc")
        #expect("abcd".cut(toUnits: 3) == "ab…")
        #expect("👩‍👩‍👧‍👦👩‍👩‍👧‍👦".cut(toUnits: 15) == "👩‍👩‍👧‍👦…")
        #expect("e\u{301}e\u{301}".cut(toUnits: 3) == "e\u{301}…")
        #expect("äöü".cut(toBytes: 5) == "ä…")
        #expect("ab".cut(toBytes: 1) == "")
        let zalgo = "a" + String(repeating: "\u{301}", count: 100_000)
        #expect(zalgo.cut(toUnits: 100).utf16.count == 100)
        #expect(SlackPayload.escaped("<<<<", 10) == "&lt;&lt;…")
        #expect(SlackPayload.escaped("a&b", 7) == "a&amp;b")
    }

    @Test(arguments: [
        ("a\r\nb\u{2028}c\u{85}d", "a\nb\nc\nd", "a b c d"),
        ("a\u{0}\u{7}\u{1B}[31mb\u{7F}", "a[31mb", "a[31mb"),
        ("\u{202E}abc\u{2066}\u{200F}\u{FEFF}", "abc", "abc"),
        ("a\tb", "a b", "a b"), ("שלום 🇩🇪 é", "שלום 🇩🇪 é", "שלום 🇩🇪 é"),
    ]) func textIsCleaned(text: String, lines: String, line: String) {
        #expect(text.cleaned() == lines)
        #expect(text.cleaned(isOneLine: true) == line)
    }

    @Test(arguments: [
        "javascript:alert(1)", "https://a.example/|x>", "https://a.example/ b",
        "https://u@a.example/",
        "https://", "data:text/html,x", "https://a.example/\"x", "",
        "https://a.example/" + String(repeating: "x", count: 2000),
    ]) func anUnsafeLinkIsLeftOut(link: String) {
        #expect(AlertNotification.sample(link: link).safeLink == nil)
    }
}

/// Texts that try to break out of their place.
let hostileTexts: [String] = [
    "<!channel> <@U123> <https://evil|click> & <at>all</at> [x](https://evil)",
    "a\r\nBcc: evil@evil.example\r\n\r\nbody\r\n.\r\nMAIL FROM:<x>",
    "\u{202E}drowssap\u{2066}\u{0}\u{1}\u{1B}\u{7F}\u{FEFF}\"'\\",
    "=?UTF-8?Q?=0D=0ABcc:_x?=",
    String(repeating: "🇩🇪<&>\"\\é", count: 60_000),
    String(repeating: "\n", count: 100_000), "", "\u{0}", "{{7*7}}${x}%s%n",
]

func hostile(_ text: String) -> AlertNotification {
    var notification = AlertNotification.sample(
        title: text, message: text, labels: ["label": text, text: text],
        context: ["detail": .string(text), text: ["deep": .string(text)]], link: text)
    notification.project = text
    notification.deployment = text
    return notification
}
