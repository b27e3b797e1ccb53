/// The cyclic redundancy check of IEEE 802.3, as zlib and PNG use it.
///
/// It finds every change within 32 consecutive bits, and so every change of one character. It tells
/// a typo, and proves nothing about where a text comes from.
enum CRC32 {
    /// The check of some bytes.
    ///
    /// Bit by bit (RFC 1952, section 8), without a table: a key has sixty bytes.
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF) { check, byte in
            (0..<8).reduce(check ^ UInt32(byte)) { check, _ in
                check >> 1 ^ (check & 1 == 0 ? 0 : 0xEDB8_8320)
            }
        }
    }
}
