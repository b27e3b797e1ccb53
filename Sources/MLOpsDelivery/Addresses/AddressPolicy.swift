/// Decides which addresses notifications may go to.
///
/// The organization that owns a channel chooses its URL, and must not reach by it what only the
/// operator's machine can: private networks, the machine itself, a cloud's metadata. Addresses are
/// checked when a socket is opened, so that no name resolves to another one after the check.
public struct AddressPolicy: Sendable, Hashable {
    /// What the operator allows besides the public addresses.
    ///
    /// There http, any port, and hosts other than the services' own are allowed as well.
    public let allowed: [AddressRange]

    /// Allows public addresses, and these ranges.
    public init(allowing allowed: [AddressRange] = []) { self.allowed = allowed }

    /// Whether the operator allows an address explicitly.
    public func isAllowed(_ address: IPAddress) -> Bool {
        allowed.contains { $0.contains(address) }
    }

    /// Whether an address is on the public internet.
    public static func isPublic(_ address: IPAddress) -> Bool {
        let destination = address.destination
        if destination.bytes.count == 16, !global.contains(exactly: destination) { return false }
        return !special.contains { $0.contains(exactly: destination) }
    }

    /// The only block of IPv6 that is assigned to networks so far.
    private static let global = AddressRange(
        first: [0x20] + [UInt8](repeating: 0, count: 15), length: 3)

    /// The ranges inside that are not public, after IANA's registries of special-purpose addresses.
    private static let special: [AddressRange] = [
        v4(0, 0, 0, 0, 8),  // this network
        v4(10, 0, 0, 0, 8),  // private
        v4(100, 64, 0, 0, 10),  // carriers' NAT
        v4(127, 0, 0, 0, 8),  // loopback
        v4(169, 254, 0, 0, 16),  // link-local, and the metadata of clouds
        v4(172, 16, 0, 0, 12),  // private
        v4(192, 0, 0, 0, 24),  // protocol assignments
        v4(192, 0, 2, 0, 24),  // documentation
        v4(192, 88, 99, 0, 24),  // relays of 6to4
        v4(192, 168, 0, 0, 16),  // private
        v4(198, 18, 0, 0, 15),  // benchmarks
        v4(198, 51, 100, 0, 24),  // documentation
        v4(203, 0, 113, 0, 24),  // documentation
        v4(224, 0, 0, 0, 4),  // multicast
        v4(240, 0, 0, 0, 4),  // reserved, and broadcast
        v6(0x20, 0x01, 0x00, 0x00, 23),  // protocol assignments, and Teredo
        v6(0x20, 0x01, 0x0D, 0xB8, 32),  // documentation
        v6(0x3F, 0xFF, 0x00, 0x00, 20),  // documentation
    ]

    private static func v4(
        _ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, _ length: Int
    ) -> AddressRange {
        AddressRange(first: [a, b, c, d], length: length)
    }

    private static func v6(
        _ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, _ length: Int
    ) -> AddressRange {
        AddressRange(first: [a, b, c, d] + [UInt8](repeating: 0, count: 12), length: length)
    }
}
