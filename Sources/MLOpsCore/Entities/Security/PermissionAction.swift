/// An action on a row.
public enum PermissionAction: String, Sendable, Hashable, Codable, CaseIterable {
    /// See it.
    case read
    /// Make or change it.
    case write
    /// Delete and restore it.
    case delete
    /// Remove it for good.
    case purge
}
