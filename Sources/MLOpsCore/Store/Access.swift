/// In which organization a transaction acts, and as whom.
package struct Access: Sendable, Hashable {
    package private(set) var organizationID: Identifier<Organization>?
    package let principal: Principal?
    /// Where the request came from, for the audit trail.
    var origin: RequestOrigin?
    /// Why every organization may be reached, for the audit trail.
    var reason: String?
    /// Whether the transaction notes which tables it reads.
    var recordsReads = false
    /// Whether permission checks are skipped: the library or the system acts.
    package private(set) var isTrusted = false

    /// One organization, by a principal.
    package init(
        organizationID: Identifier<Organization>, principal: Principal, origin: RequestOrigin? = nil
    ) {
        self.organizationID = organizationID
        self.principal = principal
        self.origin = origin
    }

    /// The same access without permission checks.
    var trusted: Access {
        var access = self
        access.isTrusted = true
        return access
    }

    /// The same access to one organization alone.
    func within(_ organization: Identifier<Organization>) -> Access {
        var access = self
        access.organizationID = organization
        return access
    }

    private init(reason: String) {
        organizationID = nil
        principal = nil
        self.reason = reason
        isTrusted = true
    }

    /// System access to all organizations.
    package static func system(reason: String) -> Access { Access(reason: reason) }
}

/// Where a request came from, as the audit trail keeps it.
public struct RequestOrigin: Sendable, Hashable {
    /// The address of the client.
    public var ipAddress: String?
    /// The program of the client.
    public var userAgent: String?
    /// The id by which the server's log knows the request; `request_id` in the entry's details.
    public var requestID: String?

    /// Describes a request.
    public init(ipAddress: String? = nil, userAgent: String? = nil, requestID: String? = nil) {
        self.ipAddress = ipAddress
        self.userAgent = userAgent
        self.requestID = requestID
    }

    /// The details of an entry, with the id of the request.
    func added(to details: JSONValue) -> JSONValue {
        guard let requestID, case .object(var members) = details else { return details }
        members["request_id"] = .string(requestID)
        return .object(members)
    }
}
