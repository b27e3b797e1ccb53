extension PasswordHash {
    /// The cost parameters of a hash, with the names of RFC 7914.
    ///
    /// One derivation takes `128 * 2^ln * r` bytes of memory and passes over them `p` times.
    package struct Parameters: Hashable, Sendable {
        /// The logarithm to base 2 of the cost N.
        package let ln: Int
        /// The size of a block, in units of 128 bytes.
        package let r: Int
        /// The number of passes over the memory, one after another.
        package let p: Int

        package init(ln: Int, r: Int, p: Int) {
            self.ln = ln
            self.r = r
            self.p = p
        }

        /// The current parameters: N = 2^15, r = 8, p = 3, with 32 MiB for each hash.
        ///
        /// The OWASP Password Storage Cheat Sheet recommends N = 2^17, r = 8, p = 1 (128 MiB)
        /// first, and lists as equally strong 2^16 with p = 2, 2^15 with p = 3, 2^14 with p = 5 and
        /// 2^13 with p = 10. The store is embedded in another program: two concurrent sign-ins may
        /// take 64 MiB of its memory, but not 256 MiB. Using less memory would also make an attack
        /// with graphics cards cheaper.
        package static let current = Parameters(ln: 15, r: 8, p: 3)

        /// The cost N.
        var rounds: Int { 1 << ln }

        /// Whether a hash with these parameters is computed at all.
        ///
        /// The bounds keep a planted hash from taking all memory (256 MiB at most) or hours of
        /// work.
        package var areWithinBounds: Bool {
            (10...20).contains(ln) && (1...32).contains(r) && (1...16).contains(p)
                && 128 * rounds * r <= 256 << 20
                // swift-crypto limits BoringSSL to the memory of N * p blocks of 128 * r bytes and
                // a page. BoringSSL needs N + p + 1 blocks, which exceeds the limit when p is 1 and
                // r is over 16.
                && (p > 1 || r <= 16)
        }
    }
}
