/// What the operator of a program decides about deliveries, and no organization can change.
public struct DeliveryOptions: Sendable, Hashable {
    /// The standard ``timeout``.
    public static let standardTimeout: Duration = .seconds(15)

    /// The addresses that may be reached.
    public var addresses: AddressPolicy

    /// The time of an attempt in all, from the resolution of the name to the end of the answer.
    public var timeout: Duration

    /// A PEM file of certificate authorities to trust in place of the system's.
    public var authorities: String?

    /// The hosts of Slack, Teams and PagerDuty.
    public var hosts: ServiceHosts

    /// Makes options.
    public init(
        addresses: AddressPolicy = AddressPolicy(),
        timeout: Duration = DeliveryOptions.standardTimeout, authorities: String? = nil,
        hosts: ServiceHosts = ServiceHosts()
    ) {
        self.addresses = addresses
        self.timeout = timeout
        self.authorities = authorities
        self.hosts = hosts
    }
}
