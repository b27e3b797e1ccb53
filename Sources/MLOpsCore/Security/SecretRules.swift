/// Decides which values in the configuration of a channel are secrets.
///
/// A value is a secret because of its name, whatever its type, or because of its text. Sealing a
/// harmless value costs a call to read it. A secret that is not sealed can be read by everyone with
/// access to the file.
struct SecretRules {
    /// Whether a URL is a secret, as that of an incoming webhook, which lets anybody send.
    private let urlsAreSecret: Bool

    init(type: NotificationChannelType) {
        urlsAreSecret =
            switch type {
            case .slack, .teams, .webhook: true
            case .email, .pagerDuty: false
            }
    }

    /// Whether a value has to be sealed.
    ///
    /// - Parameter name: The member's name, or an element's index; `nil` for the whole document.
    func isSecret(_ value: JSONValue, named name: String?) -> Bool {
        guard let name, value != .null else { return false }
        if Self.isSecret(name: name) { return true }
        return value.string.map(isSecret(text:)) ?? false
    }

    // MARK: By name

    /// Words that mark a secret anywhere in a name, as in `smtppassword`.
    static let telling = [
        "password", "passwd", "passphrase", "secret", "token", "apikey", "credential", "webhook",
        "authorization", "bearer", "cookie", "privatekey",
    ]

    /// Words that mark a secret as a separate word of a name, as in `routing_key` and `serviceKey`.
    private static let words: Set = [
        "key", "keys", "auth", "pass", "pwd", "pw", "pin", "url", "urls", "uri", "uris", "dsn",
        "header", "headers", "jwt", "pat", "signature",
    ]

    /// Endings that mark a secret in a name without separate words, as in `routingkey`.
    private static let ends = ["key", "keys", "url", "uri", "dsn", "pwd"]

    static func isSecret(name: String) -> Bool {
        let letters = name.filter(\.isLetter).lowercased()
        return telling.contains(where: letters.contains)
            || ends.contains(where: letters.hasSuffix)
            || Self.words(of: name).contains(where: words.contains)
    }

    /// The words of `smtp_password`, `smtpPassword`, `SMTPPassword` and `smtp-password`.
    private static func words(of name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var previous: Character?
        for (character, next) in zip(name, name.dropFirst().map(Optional.some) + [nil]) {
            let startsWord =
                character.isUppercase
                && (previous?.isLowercase == true || next?.isLowercase == true)
            if startsWord || !character.isLetter {
                words.append(word)
                word = ""
            }
            if character.isLetter { word += character.lowercased() }
            previous = character
        }
        return words + [word]
    }

    // MARK: By text

    /// Whether a text is a secret whatever its name.
    func isSecret(text: String) -> Bool {
        Self.hasPassword(text) || SecretTexts.contains(text) || urlsAreSecret && Self.hasURL(text)
    }

    /// Whether a text contains `user:password@`, in a URL or alone.
    ///
    /// One pass by hand, because a regular expression takes quadratic time on a long text.
    private static func hasPassword(_ text: String) -> Bool {
        // The number of bytes since the first colon of the word; `nil` without a colon.
        var length: Int?
        for byte in text.replacing("://", with: " ").utf8 {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                length = nil
            case UInt8(ascii: "@"): if let length, length > 0 { return true }
            case UInt8(ascii: ":"): length = length.map { $0 + 1 } ?? 0
            default: length = length.map { $0 + 1 }
            }
        }
        return false
    }

    /// Whether a text contains a URL, or is one without a scheme, as `hooks.example.com/T0/B1`.
    private static func hasURL(_ text: String) -> Bool {
        if text.contains("://") || text.hasPrefix("//") { return true }
        guard let slash = text.firstIndex(of: "/"), !text.contains(where: \.isWhitespace) else {
            return false
        }
        return text[..<slash].contains(".")
    }
}
