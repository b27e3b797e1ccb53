import CLibPQ
import Foundation
import MLOpsCore

extension PostgresConnection {
    /// Opens a libpq connection.
    ///
    /// - Throws: `.cannotOpen` with libpq's message, in which passwords are redacted; `.busy` when
    ///   the server has no connection left; the error of an interruption.
    static func open(
        _ url: String, notices: NoticeLog, interruption: Interruption
    ) throws -> OpaquePointer {
        let passwords = try passwords(of: url)
        // Later options win: the URL over the defaults, and UTF-8 over everything.
        var options: [(String, String)] = [("fallback_application_name", "mlops")]
        if ProcessInfo.processInfo.environment["PGCONNECT_TIMEOUT"] == nil {
            options.append(("connect_timeout", "10"))
        }
        options += [("tcp_user_timeout", "30000"), ("dbname", url), ("client_encoding", "UTF8")]
        var login = PostgresLogin(options, notices: notices, interruption: interruption)
        let opened = try login.run()
        guard let opened, PQstatus(opened) == CONNECTION_OK else {
            let text = opened.flatMap { PQerrorMessage($0) }.map { String(cString: $0) } ?? ""
            PQfinish(opened)
            // libpq has no error code for a failed login.
            let isFull = text.contains(
                #/too many clients already|connection slots are reserved|too many connections for/#)
            if isFull { throw StoreError.noConnectionLeft }
            // libpq repeats an invalid option, which may contain the password.
            let words = passwords.reduce(text) { $0.replacing($1, with: "[redacted]") }
            throw StoreError(
                .cannotOpen,
                "PostgreSQL cannot be reached: "
                    + (words + login.silence).trimmingCharacters(in: .whitespacesAndNewlines))
        }
        return opened
    }

    /// The passwords in a URL.
    ///
    /// It refuses a URL that libpq would split differently than intended, because libpq's message
    /// may then contain a part of the password.
    ///
    /// - Throws: `.cannotOpen`.
    private static func passwords(of url: String) throws -> [String] {
        let unreadable = StoreError(
            .cannotOpen,
            "The URL of the PostgreSQL database cannot be read; percent-encode user and password.")
        var message: UnsafeMutablePointer<CChar>?
        let parsed = PQconninfoParse(url, &message)
        defer {
            PQconninfoFree(parsed)
            PQfreemem(message)
        }
        guard let parsed else { throw unreadable }
        let options = PostgresLogin.values(of: parsed)
        // In `u:pass` without a host, libpq takes the password for a port.
        let isPort = (options["port"] ?? "").allSatisfy {
            $0.isASCII && ($0.isNumber || $0 == ",")
        }
        guard isPort else { throw unreadable }
        let passwords = options.filter { $0.key.hasSuffix("password") }.map(\.value)
        // After a slash or an @ in a password, its rest is read as the host or the database.
        guard let scheme = url.prefixMatch(of: #/postgres(ql)?:///#) else { return passwords }
        let parts = url[scheme.range.upperBound...].prefix { $0 != "?" }.split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let signs = parts.map { $0.count { $0 == "@" } }
        guard signs[0] < 2, signs.dropFirst().allSatisfy({ $0 == 0 }) else { throw unreadable }
        return passwords.filter { !$0.isEmpty }
    }
}
