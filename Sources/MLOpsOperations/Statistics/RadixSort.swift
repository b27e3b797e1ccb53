/// Sorts doubles by their bits, least significant digit first.
///
/// Several times faster than comparisons from some hundred values on.
enum RadixSort {
    private static let digitBits = 11
    private static let digits = 6
    private static let buckets = 1 << digitBits
    /// Below it the comparisons of the standard library are faster.
    private static let smallest = 512

    /// Sorts in ascending order; without NaN.
    static func sort(_ values: inout [Double]) {
        guard values.count >= smallest else { return values.sort() }
        var keys = values.map { ascendingKey($0.bitPattern) }
        var other = [UInt64](repeating: 0, count: keys.count)
        var counts = [Int](repeating: 0, count: digits * buckets)
        counts.withUnsafeMutableBufferPointer { counts in
            for key in keys {
                for digit in 0..<digits { counts[digit * buckets + bucket(key, digit)] += 1 }
            }
            for digit in 0..<digits {
                let own = UnsafeMutableBufferPointer(
                    rebasing: counts[digit * buckets..<(digit + 1) * buckets])
                // A digit that all keys share moves nothing.
                guard own[bucket(keys[0], digit)] < keys.count else { continue }
                scatter(keys, into: &other, digit, own)
                swap(&keys, &other)
            }
        }
        values.withUnsafeMutableBufferPointer { values in
            for index in keys.indices {
                values[index] = Double(bitPattern: bits(ofKey: keys[index]))
            }
        }
    }

    private static func scatter(
        _ keys: [UInt64], into other: inout [UInt64], _ digit: Int,
        _ counts: UnsafeMutableBufferPointer<Int>
    ) {
        var start = 0
        for index in counts.indices { (counts[index], start) = (start, start + counts[index]) }
        other.withUnsafeMutableBufferPointer { other in
            for key in keys {
                let bucket = bucket(key, digit)
                other[counts[bucket]] = key
                counts[bucket] += 1
            }
        }
    }

    private static func bucket(_ key: UInt64, _ digit: Int) -> Int {
        Int(truncatingIfNeeded: key >> UInt64(digit * digitBits)) & (buckets - 1)
    }

    /// Unsigned keys in the order of the doubles: negative ones are inverted.
    private static func ascendingKey(_ bits: UInt64) -> UInt64 {
        bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }

    private static func bits(ofKey key: UInt64) -> UInt64 {
        key >> 63 == 1 ? key & ~(1 << 63) : ~key
    }
}
