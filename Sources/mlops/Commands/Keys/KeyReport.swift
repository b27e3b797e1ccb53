import Foundation
import MLOpsCore

/// A key with the address of its user, without the hash; a new key also has its text.
struct KeyReport: Encodable, Sendable {
    let id: Identifier<APIKey>
    let name: String
    let prefix: String
    /// The id of the pepper that the stored hash needs.
    let pepper: String?
    let user: String?
    let scopes: [String: [String]]
    let projects: [String]?
    let status: String
    let createdAt: Date
    let expiresAt: Date?
    let revokedAt: Date?
    let lastUsedAt: Date?
    var token: String?

    init(_ key: APIKey, at now: Date, in tx: any Transaction) throws {
        id = key.id
        name = key.name
        prefix = key.keyPrefix
        pepper = key.keyHash.contains(":") ? String(key.keyHash.prefix { $0 != ":" }) : nil
        user = try tx.users.findIfExists(key.userID)?.email
        scopes = key.permissions.scopes
        projects = try key.permissions.projects?.map {
            try tx.projects.findIfExists($0)?.slug ?? $0.description
        }
        status =
            key.isUsable(at: now)
            ? "active" : key.revokedAt != nil ? "revoked" : key.isActive ? "expired" : "off"
        createdAt = key.createdAt
        expiresAt = key.expiresAt
        revokedAt = key.revokedAt
        lastUsedAt = key.lastUsedAt
    }

    /// Reads the report of a new key.
    init(_ issued: IssuedAPIKey, in workspace: Workspace) async throws {
        self = try await workspace.read {
            try KeyReport(issued.key, at: workspace.now, in: $0)
        }
        token = issued.token.reveal()
    }

    /// Writes a new key: only its text on standard output, so that a script can store it.
    func writeIssued(json: Bool) throws {
        if json { try Output.json(self) } else { Output.line(token ?? prefix) }
        let end = expiresAt.map { "until \(Format.minute($0)) UTC" } ?? "until it is revoked"
        Output.error(
            "The key \(prefix) is valid \(end). It is shown this once: keep it where secrets are "
                + "kept.")
    }

    /// The scopes as the option takes them.
    var scopeText: String {
        scopes.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value.joined(separator: ","))" }.joined(separator: " ")
    }
}
