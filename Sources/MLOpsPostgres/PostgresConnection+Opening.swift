import CLibPQ
import Foundation
import MLOpsCore

extension PostgresConnection {
    /// Opens a connection of libpq.
    ///
    /// - Throws: `.cannotOpen` with libpq's words, which name host and user and no password;
    ///   `.busy` when the server has no connection left; what stops the work.
    static func open(
        _ url: String, notices: NoticeLog, interruption: Interruption
    ) throws -> OpaquePointer {
        let passwords = try passwords(of: url)
        // What comes later wins: the URL over the defaults, and UTF-8 over everything.
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
            // libpq tells no code of a failed login.
            let isFull = text.contains(
                #/too many clients already|connection slots are reserved|too many connections for/#)
            if isFull { throw StoreError.noConnectionLeft }
            // An option that is wrong is repeated, and may hold what another one does.
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
    /// It refuses one that libpq would read otherwise than it was meant: what libpq then complains
    /// of may be a part of the password.
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
        // The password of `u:pass` without a host passes for a port.
        let isPort = (options["port"] ?? "").allSatisfy {
            $0.isASCII && ($0.isNumber || $0 == ",")
        }
        guard isPort else { throw unreadable }
        let passwords = options.filter { $0.key.hasSuffix("password") }.map(\.value)
        // A slash or an @ in a password moves its end into the host or the database.
        guard let scheme = url.prefixMatch(of: #/postgres(ql)?:///#) else { return passwords }
        let parts = url[scheme.range.upperBound...].prefix { $0 != "?" }.split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let signs = parts.map { $0.count { $0 == "@" } }
        guard signs[0] < 2, signs.dropFirst().allSatisfy({ $0 == 0 }) else { throw unreadable }
        return passwords.filter { !$0.isEmpty }
    }
}
