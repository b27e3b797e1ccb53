import CLibPQ
import Foundation

/// The connection URL or string of a server, whose password no message may tell.
struct ConnectionAddress {
    private let text: String

    init(_ text: String) { self.text = text }

    /// What libpq says of a connection that failed, without any part of the password.
    ///
    /// A password with a sign that a URL has to escape is taken for a host or a port, and libpq
    /// repeats that; what it cannot read at all it repeats as well, so that it is not asked then.
    func redacted(_ message: String) -> String {
        guard let options else {
            return "the connection URL or string is not one that libpq can read; signs such as "
                + "/, @, : and % in a password are escaped, as in %2F"
        }
        var pieces = options
        // Everything between the user and the last sign before a host.
        if let scheme = text.range(of: "://") {
            let rest = text[scheme.upperBound...]
            if let colon = rest.firstIndex(of: ":") {
                let end = rest.lastIndex(of: "@") ?? rest.endIndex
                if end > colon { pieces.append(String(rest[rest.index(after: colon)..<end])) }
            }
        }
        let parts = pieces.flatMap { $0.split { "/@:?#[]&=%'\" ".contains($0) }.map(String.init) }
        return (pieces + parts).filter { $0.count >= 3 }.sorted { $0.count > $1.count }
            .reduce(message) { $0.replacing($1, with: "[redacted]") }
    }

    /// The values of the options that are secret, or `nil` when libpq cannot read the text.
    private var options: [String]? {
        guard text.contains("=") || text.contains("://") else { return [] }
        guard let first = PQconninfoParse(text, nil) else { return nil }
        defer { PQconninfoFree(first) }
        var secrets: [String] = []
        var option = first
        while let keyword = option.pointee.keyword {
            if String(cString: keyword).hasSuffix("password"), let value = option.pointee.val {
                secrets.append(String(cString: value))
            }
            option = option.successor()
        }
        return secrets
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomReflectable {
    /// The limits, without the URL of the role for system access, which may hold a password.
    public var description: String {
        "PostgresConfiguration(\(customMirror.children.map { "\($0.label ?? ""): \($0.value)" }))"
    }

    /// A mirror without URLs and keys.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "systemURL": systemURL == nil ? "nil" : "[redacted]",
                "maximumConnections": maximumConnections, "artifacts": artifacts,
            ])
    }
}
