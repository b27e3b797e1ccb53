import Foundation

// Checks the text that names a database, before anything is opened.
extension Database {
    /// The beginnings of the URLs of servers.
    private static let schemes = ["postgresql://", "postgres://"]

    /// Whether a place is a database of a server.
    static func isServer(_ place: String) -> Bool {
        schemes.contains { place.lowercased().hasPrefix($0) }
    }

    /// The place itself, if it can be a file or a database of a server.
    ///
    /// - Throws: `Failure` that says what to write instead, without the password of a URL.
    static func checked(_ place: String) throws -> String {
        if isServer(place) { return place }
        if place.hasPrefix(":memory:") || place.contains(/^file:.*(:memory:|mode=memory)/) {
            throw Failure(
                .usage, "a database in memory ends with the command; give the path of a file")
        }
        if let scheme = place.prefixMatch(of: /(file|[A-Za-z][A-Za-z0-9+.-]*(?=:\/\/)):/)?.1 {
            throw Failure(
                .usage,
                ["file", "sqlite"].contains(scheme.lowercased())
                    ? "the URL of a file is not taken; give its path"
                    : "\(scheme):// is no URL of a database; give the path of a file, or a "
                        + "postgresql:// URL")
        }
        if place.hasPrefix("~"), place == "~" || place.contains("/"), !exists(place) {
            throw Failure(
                .usage,
                "\(place): the shell replaces ~ only outside of quotes and behind a space; write "
                    + "$HOME, or the whole path")
        }
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: place, isDirectory: &isDirectory),
            isDirectory.boolValue
        {
            throw Failure(.badData, "\(place) is a directory; give the path of a file in it")
        }
        return place
    }

    /// A URL for system access, which only a server has.
    ///
    /// - Throws: `Failure`.
    static func checkedServer(_ url: String) throws -> String {
        guard isServer(url) else {
            throw Failure(
                .usage, "--system-database takes a postgresql:// URL; a file needs none")
        }
        return url
    }

    private static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path)
    }
}
