import MLOpsCore

/// A range of addresses in CIDR notation, such as `10.1.0.0/16`, `fd00::/8` or `127.0.0.1`.
public struct AddressRange: Sendable, Hashable {
    private let first: IPAddress
    private let length: Int

    init(first: [UInt8], length: Int) {
        self.first = IPAddress(bytes: first)
        self.length = length
    }

    /// Reads a range; an address without a length is a range of one.
    ///
    /// - Throws: `StoreError` with `.invalidValue` for a text that is none, and for an address with
    ///   bits beyond the length, which may be a mistyped length.
    public init(_ text: String) throws {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { throw Self.unreadable(text) }
        let bits = address.bytes.count * 8
        var length = bits
        if parts.count == 2 {
            guard parts[1].allSatisfy({ $0.isASCII && $0.isNumber }), let given = Int(parts[1]),
                given <= bits
            else { throw Self.unreadable(text) }
            length = given
        }
        self.init(first: address.bytes, length: length)
        guard Self.masked(address.bytes, to: length) == address.bytes else {
            throw StoreError(
                .invalidValue,
                "\(text) is no range: the address has bits beyond the length \(length).")
        }
    }

    /// Whether an address is in the range.
    ///
    /// A mapped, NAT64 or 6to4 address counts as the IPv4 address inside.
    public func contains(_ address: IPAddress) -> Bool {
        contains(exactly: address.destination)
    }

    func contains(exactly address: IPAddress) -> Bool {
        address.bytes.count == first.bytes.count
            && Self.masked(address.bytes, to: length) == first.bytes
    }

    private static func masked(_ bytes: [UInt8], to length: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let kept = min(max(length - index * 8, 0), 8)
            return byte & ~UInt8(truncatingIfNeeded: 0xFF >> kept)
        }
    }

    private static func unreadable(_ text: String) -> StoreError {
        StoreError(
            .invalidValue, "\(text) is no range of addresses; write 10.0.0.0/8 or fd00::/8.")
    }
}

extension AddressRange: CustomStringConvertible {
    /// The CIDR notation.
    public var description: String { "\(first)/\(length)" }
}
