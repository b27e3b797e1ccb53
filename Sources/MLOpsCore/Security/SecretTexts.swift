import Foundation

/// Recognizes secrets by their text: tokens of known services, private keys and credentials.
///
/// A text is read once, word by word; a regular expression takes quadratic time on a long one.
enum SecretTexts {
    static func contains(_ text: String) -> Bool {
        if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY") { return true }
        var words = Words(text.utf8[...])
        var last: Word?
        while let word = words.next() {
            if webhooks.contains(where: word.text.contains) { return true }
            // A token may be a part of a path.
            if word.text.split(separator: "/").contains(where: isToken) { return true }
            if let last, last.end == UInt8(ascii: ":"), isTelegramToken(last.text, word.text) {
                return true
            }
            if let last, last.assigns, namesSecret(last.text) { return true }
            if let last, let end = last.end, Words.isBlank(end),
                isCredential(word.text, of: last.text)
            {
                return true
            }
            last = word
        }
        return false
    }

    /// What the tokens of services begin with, and how long they are at least.
    ///
    /// The formats are those that the services document, and that secret scanners look for.
    private static let beginnings: [(text: String, length: Int)] = [
        // Slack; GitHub; GitLab
        ("xoxb-", 16), ("xoxp-", 16), ("xoxa-", 16), ("xoxr-", 16), ("xoxs-", 16), ("xoxe", 16),
        ("xapp-", 16), ("ghp_", 20), ("gho_", 20), ("ghu_", 20), ("ghs_", 20), ("ghr_", 20),
        ("github_pat_", 20), ("glpat-", 20),
        // AWS; Google; DigitalOcean; Azure Active Directory, after three other characters
        ("AKIA", 20), ("ASIA", 20), ("AIza", 35), ("ya29.", 20), ("GOCSPX-", 20), ("dop_v1_", 20),
        // Stripe; SendGrid; Twilio; npm; PyPI; OpenAI and Anthropic; Hugging Face; this library
        ("sk_live_", 16), ("sk_test_", 16), ("rk_live_", 16), ("rk_test_", 16), ("whsec_", 16),
        ("SG.", 20), ("SK", 34), ("npm_", 20), ("pypi-", 20), ("sk-", 20), ("hf_", 20),
        ("mlops_", 60),
        // Databricks; Vault; Docker; Grafana; New Relic; Mailgun; Shopify; Atlassian; Sentry;
        // Postman; Linear
        ("dapi", 32), ("hvs.", 20), ("hvb.", 20), ("dckr_pat_", 20), ("glsa_", 20), ("glc_", 20),
        ("NRAK-", 20), ("key-", 32), ("shpat_", 20), ("ATATT3", 20), ("sntrys_", 20),
        ("sntryu_", 20), ("PMAK-", 20), ("lin_api_", 20),
        // A JSON web token: the Base64 of `{"`
        ("eyJ", 30),
    ]

    /// The addresses of incoming webhooks, which let anybody send.
    private static let webhooks = [
        "hooks.slack.com/", "/api/webhooks/", "webhook.office.com/", "hooks.zapier.com/",
    ]

    /// Whether two words with a colon between them are a bot's number and its token.
    private static func isTelegramToken(_ number: Substring, _ token: Substring) -> Bool {
        let digits = number.utf8.reversed().prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        return digits.count >= 6 && token.prefix { $0 != "/" }.utf8.count >= 34
    }

    private static func isToken(_ word: Substring) -> Bool {
        if beginnings.contains(where: { word.utf8.count >= $0.length && word.hasPrefix($0.text) }) {
            return word.utf8.contains { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        }
        return word.utf8.count >= 34 && word.dropFirst(3).hasPrefix("8Q~")
    }

    /// Whether what stands before `=` or `:` says that a secret follows, as in a connection string,
    /// a header or a JSON text.
    private static func namesSecret(_ name: Substring) -> Bool {
        let name = name.filter(\.isLetter).lowercased()
        return SecretRules.telling.contains(where: name.contains)
            || [
                "accountkey", "sharedaccesskey", "sharedaccesssignature", "accesskey", "sig", "pwd",
            ]
            .contains(name)
    }

    /// Whether a word is the value of `Basic`, `Bearer` or `Token`.
    private static func isCredential(_ word: Substring, of scheme: Substring) -> Bool {
        switch scheme.lowercased() {
        case "bearer": return word.utf8.count >= 8
        case "token":
            return word.utf8.count >= 16 && word.utf8.contains { (48...57).contains($0) }
        case "basic":
            let missing = (4 - word.utf8.count % 4) % 4
            let padded = word + String(repeating: "=", count: missing)
            return Data(base64Encoded: String(padded))?.contains(UInt8(ascii: ":")) == true
        default: return false
        }
    }

    private struct Word {
        let text: Substring
        /// The separator after it; `nil` at the end of the text.
        let end: UInt8?
        /// Whether an equals sign or a colon follows, also after a quotation mark or blanks.
        let assigns: Bool
    }

    /// The words of a text.
    ///
    /// Equals signs separate, also after blanks. They may pad the end of a word, as in Base64, and
    /// then they separate as well.
    private struct Words {
        private var rest: Substring.UTF8View

        init(_ text: Substring.UTF8View) { rest = text }

        mutating func next() -> Word? {
            rest = rest.drop { Self.separates($0) || $0 == UInt8(ascii: "=") }
            guard !rest.isEmpty else { return nil }
            var end =
                rest.firstIndex { Self.separates($0) || $0 == UInt8(ascii: "=") } ?? rest.endIndex
            let padding = rest[end...].prefix { $0 == UInt8(ascii: "=") }
            if !padding.isEmpty,
                padding.endIndex == rest.endIndex || Self.separates(rest[padding.endIndex])
            {
                end = padding.endIndex
            }
            let word = Substring(rest[..<end])
            let isPadded = word.utf8.last == UInt8(ascii: "=")
            rest = rest[end...]
            let next = rest.first { !Self.isBlank($0) && !"\"'`".utf8.contains($0) }
            let assigns = isPadded || next == UInt8(ascii: "=") || next == UInt8(ascii: ":")
            return Word(text: word, end: rest.first, assigns: assigns)
        }

        static func isBlank(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
        }

        private static func separates(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
                false
            default: !"_.~+/=-".utf8.contains(byte)
            }
        }
    }
}
