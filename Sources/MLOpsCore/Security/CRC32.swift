/// The cyclic redundancy check of IEEE 802.3, as zlib and PNG use it.
///
/// It detects every change within 32 consecutive bits, and so every change of one character. It
/// detects typos, but does not authenticate a text.
enum CRC32 {
    /// The CRC-32 of bytes.
    ///
    /// Computed bit by bit (RFC 1952, section 8), without a table, because a key has about 70
    /// bytes.
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF) { check, byte in
            (0..<8).reduce(check ^ UInt32(byte)) { check, _ in
                check >> 1 ^ (check & 1 == 0 ? 0 : 0xEDB8_8320)
            }
        }
    }
}
