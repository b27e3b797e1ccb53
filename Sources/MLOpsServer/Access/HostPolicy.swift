import Foundation
import HTTPTypes

/// The names under which the server may be asked: another one in `Host` is a page of a foreign
/// site whose name was pointed at this machine (DNS rebinding), and another one in `Origin` is a
/// page of a foreign site.
struct HostPolicy: Sendable {
    private let names: Set<String>

    init(_ configuration: ServerConfiguration) {
        var names: Set<String> = ["localhost", "127.0.0.1", "::1"]
        if !["0.0.0.0", "::"].contains(configuration.host) {
            names.insert(configuration.host.lowercased())
        }
        names.formUnion(configuration.allowedHosts.map { $0.lowercased() })
        self.names = names
    }

    /// - Throws: A failure of 403 or, without a host, 400.
    func check(_ head: HTTPRequest) throws {
        guard let host = head.authority, !host.isEmpty else {
            throw ServerFailure(.badRequest, "noHost", "The request has no Host.")
        }
        guard let name = Self.name(of: host), names.contains(name) else {
            throw ServerFailure(
                .forbidden, "foreignHost",
                "This server is not asked under the name in Host; its operator can allow it.")
        }
        // Browsers send it with every request that could change something, and pages cannot forge
        // it.
        guard let origin = head.headerFields[.origin], origin != "null" || head.method != .get
        else { return }
        guard let range = origin.range(of: "://"),
            origin[range.upperBound...].lowercased() == host.lowercased()
        else {
            throw ServerFailure(
                .forbidden, "foreignOrigin", "A page of another site may not use this server.")
        }
    }

    /// The name in `name:port`, `[address]:port` or without a port, in lower case.
    static func name(of host: String) -> String? {
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return nil }
            return host[host.index(after: host.startIndex)..<end].lowercased()
        }
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let name = parts.first, !name.isEmpty,
            parts.dropFirst().allSatisfy({ UInt16($0) != nil })
        else { return nil }
        return name.lowercased()
    }

    /// Whether a name or address is this machine's own.
    static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        return host == "localhost" || host == "::1"
            || host.wholeMatch(of: /127\.\d{1,3}\.\d{1,3}\.\d{1,3}/) != nil
    }
}
