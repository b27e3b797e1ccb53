import Foundation

/// An address of IPv4 (4 bytes) or IPv6 (16 bytes).
public struct IPAddress: Sendable, Hashable {
    let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads the usual text, such as `192.0.2.1` or `2001:db8::1`.
    ///
    /// `nil` for anything else, also for the forms `127.1`, `0x7f000001` and `fe80::1%eth0`.
    public init?(_ text: String) {
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            bytes = withUnsafeBytes(of: v4) { Array($0) }
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            bytes = withUnsafeBytes(of: v6) { Array($0) }
        } else {
            return nil
        }
    }

    /// Reads the address and the port of a socket; `nil` for another family, such as Unix sockets.
    static func ofSocket(_ address: UnsafePointer<sockaddr>) -> (address: IPAddress, port: Int)? {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { socket in
                (
                    IPAddress(bytes: withUnsafeBytes(of: socket.pointee.sin_addr) { Array($0) }),
                    Int(UInt16(bigEndian: socket.pointee.sin_port))
                )
            }
        case AF_INET6:
            return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { socket in
                (
                    IPAddress(bytes: withUnsafeBytes(of: socket.pointee.sin6_addr) { Array($0) }),
                    Int(UInt16(bigEndian: socket.pointee.sin6_port))
                )
            }
        default: return nil
        }
    }

    /// The address that packets to this one end at.
    ///
    /// The IPv4 address inside a mapped (`::ffff:0:0/96`), NAT64 (`64:ff9b::/96`) or 6to4
    /// (`2002::/16`) address; otherwise the address itself.
    var destination: IPAddress {
        guard bytes.count == 16 else { return self }
        if Self.mapped.contains(exactly: self) || Self.nat64.contains(exactly: self) {
            return IPAddress(bytes: Array(bytes[12...]))
        }
        return Self.sixToFour.contains(exactly: self) ? IPAddress(bytes: Array(bytes[2..<6])) : self
    }

    private static let mapped = AddressRange(
        first: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 0, 0, 0, 0], length: 96)
    private static let nat64 = AddressRange(
        first: [0, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 12), length: 96)
    private static let sixToFour = AddressRange(
        first: [0x20, 0x02] + [UInt8](repeating: 0, count: 14), length: 16)
}

extension IPAddress: CustomStringConvertible {
    /// The usual text.
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
