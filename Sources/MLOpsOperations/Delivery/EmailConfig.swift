public import MLOpsCore

/// The configuration of an e-mail channel.
///
/// | member | |
/// | --- | --- |
/// | `host` | the SMTP server that takes the mail |
/// | `port` | 587 by default, 465 for `tls`, 25 for `none` |
/// | `security` | `starttls` (default), `tls`, or `none` to an address that the operator allows |
/// | `username`, `password` | the login, both or neither |
/// | `from` | the address of the sender |
/// | `to` | the addresses of the recipients, a list of 1 to 100 |
public struct EmailConfig: Sendable, Hashable {
    /// How the connection is encrypted.
    public enum Security: String, Sendable, Hashable {
        /// With STARTTLS, without which nothing is sent.
        case startTLS = "starttls"
        /// From the first byte.
        case tls
        /// Not at all.
        case none
    }

    /// A name and a password.
    public struct Login: Sendable, Hashable {
        /// The name.
        public let username: String
        /// The password.
        public let password: Secret<String>
    }

    /// The SMTP server.
    public let host: String
    /// Its port.
    public let port: Int
    /// How the connection is encrypted.
    public let security: Security
    /// The login, if the server asks for one.
    public let login: Login?
    /// The sender's address.
    public let from: String
    /// The recipients' addresses.
    public let to: [String]

    /// The most recipients of a channel.
    public static let maximumRecipients = 100

    init(_ members: ConfigMembers) throws {
        host = try members.text("host")
        guard Self.isHost(host) else {
            throw members.error("host", "has to be a host name or an address, without a port")
        }
        let name = try members.optionalText("security") ?? "starttls"
        guard let security = Security(rawValue: name) else {
            throw members.error("security", "has to be starttls, tls or none")
        }
        self.security = security
        let standard = [Security.startTLS: 587, .tls: 465, .none: 25][security] ?? 587
        port = try members.optionalInt("port", in: 1...65535) ?? standard
        switch (try members.optionalText("username"), try members.optionalText("password")) {
        case (nil, nil): login = nil
        case (let username?, let password?):
            guard !(username + password).unicodeScalars.contains(where: { $0.value < 0x20 }) else {
                throw members.error(
                    "username", "and password have to be without control characters")
            }
            login = Login(username: username, password: Secret(password))
        case (nil, _?): throw members.error("username", "is missing, and there is a password")
        case (_?, nil): throw members.error("password", "is missing, and there is a username")
        }
        from = try members.text("from")
        to = try members.texts("to")
        guard Self.isAddress(from) else { throw members.error("from", Self.addressRule) }
        guard (1...Self.maximumRecipients).contains(to.count), to.allSatisfy(Self.isAddress) else {
            throw members.error("to", "has to list 1 to 100 addresses; each \(Self.addressRule)")
        }
    }

    private static let addressRule = "has to be name@domain in ASCII, without a display name"

    private static func isHost(_ text: String) -> Bool {
        text.utf8.count <= 253
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-:".contains($0)) }
    }

    /// Whether a text is an address without quotes, which cannot end a header or a command.
    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 254 else { return false }
        let signs = "!#$%&'*+-/=?^_`{|}~."
        return !parts[0].isEmpty && !parts[1].isEmpty
            && parts[0].allSatisfy {
                $0.isASCII && ($0.isLetter || $0.isNumber || signs.contains($0))
            }
            && parts[1].allSatisfy {
                $0.isASCII && ($0.isLetter || $0.isNumber || ".-".contains($0))
            }
    }
}
