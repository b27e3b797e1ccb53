extension PasswordHash {
    /// The cost of a hash, as RFC 7914 names it.
    ///
    /// One derivation takes `128 * 2^ln * r` bytes of memory and goes over them `p` times.
    package struct Parameters: Hashable, Sendable {
        /// The logarithm to base 2 of the cost N.
        package let ln: Int
        /// The size of a block, in units of 128 bytes.
        package let r: Int
        /// How often the memory is gone over; one after another, not at the same time.
        package let p: Int

        package init(ln: Int, r: Int, p: Int) {
            self.ln = ln
            self.r = r
            self.p = p
        }

        /// N = 2^15, r = 8, p = 3: 32 MiB a hash.
        ///
        /// The OWASP Password Storage Cheat Sheet puts N = 2^17, r = 8, p = 1 (128 MiB) first, and
        /// lists as equal in strength 2^16 with p = 2, 2^15 with p = 3, 2^14 with p = 5 and 2^13
        /// with p = 10. The store runs inside a program that somebody else wrote: two logins at
        /// once may take 64 MiB of it, but not 256. Less memory would cost an attacker's graphics
        /// card less, too.
        package static let current = Parameters(ln: 15, r: 8, p: 3)

        /// The cost N.
        var rounds: Int { 1 << ln }

        /// Whether a hash with them can be checked at all.
        ///
        /// The bounds keep a hash that somebody planted from taking all memory (256 MiB at the
        /// most) or hours.
        package var areWithinBounds: Bool {
            (10...20).contains(ln) && (1...32).contains(r) && (1...16).contains(p)
                && 128 * rounds * r <= 256 << 20
                // swift-crypto allows BoringSSL the memory of N * p blocks and a page; BoringSSL
                // wants N + p + 1 blocks of 128 * r bytes, which is more when p is 1.
                && (p > 1 || r <= 16)
        }
    }
}
