import MLOpsCore

/// One call of a repository method, with the results that the scenarios expect.
///
/// ``all`` is the only list of calls. The scenarios of tenancy, permissions, the audit trail and
/// deletion iterate over it, and so does the check of the query plans. A new repository method is
/// one entry in the file of its entity's group.
struct Call: Sendable {
    /// The repository's protocol, which the list of its entity sets.
    private(set) var repository = ""
    /// The method, with its labels if the name is overloaded, and what distinguishes the call.
    let method: String
    /// The expected answers by level.
    let permission: Permission
    /// Why the call is not tested with the keys of rows that the caller does not see.
    let exemption: Exemption?
    /// The entries in the audit trail, as ``CallSite/line(_:)`` writes them.
    let entries: [String]
    let body: @Sendable (any Transaction, CallSite) throws -> Any

    /// Declares a call.
    ///
    /// - Parameters:
    ///   - entries: The entries in the audit trail, in order.
    ///   - body: Makes the call in a transaction, with the rows of a site.
    init<Value>(
        _ method: String, _ permission: Permission, exempt exemption: Exemption? = nil,
        entries: [String] = [],
        body: @escaping @Sendable (any Transaction, CallSite) throws -> Value
    ) {
        self.method = method
        self.permission = permission
        self.exemption = exemption
        self.entries = entries
        self.body = body
    }

    /// The repository, a dot, and the method.
    var name: String { "\(repository).\(method)" }

    /// Whether the name contains a key of `exclusions`, whose values are the reasons.
    func isExcluded(by exclusions: [String: String]) -> Bool {
        exclusions.keys.contains(where: name.contains)
    }

    func of(_ repository: String) -> Call {
        var call = self
        call.repository = repository
        return call
    }
}

extension Call {
    /// Every call of every repository.
    static let all = [
        ofIdentity, ofProjects, ofRegistry, ofExperiments, ofDeployments, ofMonitoring, ofSecurity,
    ].flatMap(\.self)

    static let repositories = Set(all.map(\.repository)).sorted()

    /// The calls that take the key or the name of a row.
    static let keyed = all.filter { $0.exemption == nil }

    /// Why a call is not tested with the keys of rows that the caller does not see.
    enum Exemption: String {
        case takesNoKey = "Nothing it takes names a stored row."
        case isTheSystems = "System access alone may make it."
        case takesAUser = "Users are shared by organizations: whoever knows an id can add its user."
    }
}

extension Transaction {
    /// The acting user.
    func actingUser() throws -> Identifier<User> {
        guard let principal else { throw StoreError(.database, "Nobody acts.") }
        return principal.userID
    }
}
