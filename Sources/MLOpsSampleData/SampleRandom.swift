import Foundation
import MLOpsCore

/// The source of all random values in the sample.
struct SampleRandom: RandomNumberGenerator {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    mutating func next() -> UInt64 { generator.next() }

    /// An identifier of version 7 with a given time.
    mutating func identifier<Entity>(at date: Date) -> Identifier<Entity> {
        let milliseconds = UInt64(max(0, date.timeIntervalSince1970 * 1000))
        return Identifier(UUIDv7.make(milliseconds: milliseconds, high: next(), low: next()))
    }

    /// A number between -1 and 1, usually near 0: the mean of three uniform ones.
    mutating func noise() -> Double {
        let sum = (0..<3).reduce(0.0) { sum, _ in sum + Double(next() >> 11) * 0x1p-53 }
        return sum / 1.5 - 1
    }

    /// Random hexadecimal digits, such as those of a hash.
    mutating func hexadecimal(_ count: Int) -> String {
        var text = ""
        while text.utf8.count < count {
            let digits = String(next(), radix: 16)
            text += String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }
        return String(text.prefix(count))
    }
}

extension Double {
    /// The number rounded to six decimals, so that differences of math libraries do not show.
    var rounded6: Double { (self * 1_000_000).rounded() / 1_000_000 }
}
