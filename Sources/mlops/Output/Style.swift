/// How a terminal shows a text, as a parameter of ECMA-48's SGR.
struct Style: Hashable, Sendable {
    let code: String

    static let dim = Style(code: "2")
    static let good = Style(code: "32")
    static let active = Style(code: "36")
    static let warning = Style(code: "33")
    static let bad = Style(code: "31")

    init(code: String) { self.code = code }

    /// The styles of curves beside one another; each is followed by the first again.
    static let curves = ["36", "33", "35", "32", "31", "34", "96", "93"].map(Style.init(code:))

    private static let words: [Style: Set<String>] = [
        .good: [
            "completed", "active", "resolved", "delivered", "passed", "production", "applied",
            "succeeded",
        ],
        .active: ["running", "deploying", "in_progress", "queued", "staging", "pending", "low"],
        .warning: ["acknowledged", "snoozed", "cancelled", "medium", "inactive", "terminating"],
        .bad: ["failed", "critical", "high", "open", "gone", "expired", "revoked", "given_up"],
    ]

    /// The style of a word for a state, such as `failed`; `nil` for any other text.
    init?(state text: String) {
        let parts = text.lowercased().split { !$0.isLetter && $0 != "_" }.map(String.init)
        // The last word counts: a run is `running (gone)`.
        for part in parts.reversed() {
            guard let style = Self.words.first(where: { $0.value.contains(part) })?.key else {
                continue
            }
            self = style
            return
        }
        return nil
    }

    /// What begins this style, and what ends any.
    var start: String { "\u{1B}[\(code)m" }
    static let end = "\u{1B}[0m"

    /// The text in this style.
    func applied(to text: String) -> String { start + text + Self.end }
}
