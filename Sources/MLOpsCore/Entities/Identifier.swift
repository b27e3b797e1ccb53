public import Foundation
import Synchronization

/// The key of one row, typed by its entity.
///
/// A project's id does not compile where a run's id is expected.
///
/// A new identifier is a UUID version 7 (RFC 9562, section 5.7): it starts with the Unix time in
/// milliseconds, and ids made by one process increase strictly. Its text is lower case.
public struct Identifier<Entity>: Sendable, Hashable {
    /// The 128 bits of the identifier.
    public let uuid: UUID

    /// Makes a new identifier, greater than all that this process has made before.
    public init() { uuid = UUIDv7.next() }

    /// Wraps an existing UUID of any version.
    public init(_ uuid: UUID) { self.uuid = uuid }

    /// The nil UUID (RFC 9562, section 5.9), which the store replaces on insert.
    public static var unassigned: Identifier {
        Identifier(UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
    }

    /// Whether the store has not assigned the identifier yet.
    public var isUnassigned: Bool { self == .unassigned }
}

extension Identifier: LosslessStringConvertible {
    /// Reads the 36-character form, also in upper case; `nil` for any other text.
    public init?(_ text: String) {
        // Foundation's own reader takes a sign for a digit.
        var text = text
        guard let uuid = text.withUTF8(UUID.init(text:)) else { return nil }
        self.uuid = uuid
    }

    /// Reads 32 hexadecimal digits, the form of other programs; `nil` for any other text.
    public init?(hexadecimal text: String) {
        guard text.utf8.count == 32 else { return nil }
        var dashed = ""
        for (index, digit) in text.enumerated() {
            if [8, 12, 16, 20].contains(index) { dashed += "-" }
            dashed.append(digit)
        }
        self.init(dashed)
    }

    /// The 36-character lower-case form, as it is stored.
    public var description: String { uuid.lowercased }
}

extension Identifier: Comparable {
    /// Orders by the bytes; for identifiers of version 7, that is the order of creation.
    public static func < (left: Identifier, right: Identifier) -> Bool {
        left.uuid.words < right.uuid.words
    }
}

extension Identifier: Codable {
    /// Decodes the 36-character form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let identifier = Identifier(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a UUID of 36 characters")
        }
        self = identifier
    }

    /// Encodes the 36-character lower-case form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Identifier: JSONConvertible {
    /// The 36-character lower-case form, as a JSON string.
    public var json: JSONValue { .string(description) }

    /// Reads a JSON string of 36 characters.
    public init(json: JSONValue) throws {
        guard let identifier = Identifier(try String(json: json)) else {
            throw StoreError(.corrupt, "A stored JSON document holds a text that is not a UUID.")
        }
        self = identifier
    }
}

/// The generator of UUIDs of version 7.
package enum UUIDv7 {
    private struct State {
        var milliseconds: UInt64 = 0
        /// 74 random bits, incremented within a millisecond.
        ///
        /// They are `rand_a` and `rand_b` of method 2 ("monotonic random") in section 6.2 of the
        /// RFC.
        var high: UInt64 = 0
        var low: UInt64 = 0
        /// SplitMix64 for the steps within a millisecond.
        ///
        /// They need not be secret, and a system call for each would cost more than its row.
        var steps = SplitMix64(seed: .random(in: .min ... .max))
    }

    private static let state = Mutex(State())

    static func next() -> UUID {
        let now = UInt64(max(0, Date.now.timeIntervalSince1970 * 1000))
        return state.withLock { state in
            if now > state.milliseconds {
                state.milliseconds = now
                var generator = SystemRandomNumberGenerator()
                // The top bit of each part stays clear, so that increments do not overflow it soon.
                state.high = generator.next() & 0x7FF
                state.low = generator.next() & 0x1FFF_FFFF_FFFF_FFFF
            } else {
                state.low += 1 + state.steps.next() >> 32
                if state.low >> 62 != 0 {
                    state.low &= 0x3FFF_FFFF_FFFF_FFFF
                    state.high += 1
                    if state.high > 0xFFF {
                        state.high = 0
                        state.milliseconds += 1
                    }
                }
            }
            return make(milliseconds: state.milliseconds, high: state.high, low: state.low)
        }
    }

    /// Lays out the fields: 48 bits of time, version 7, 12 bits, variant 2, 62 bits.
    package static func make(milliseconds: UInt64, high: UInt64, low: UInt64) -> UUID {
        UUID(
            words: (
                milliseconds << 16 | 0x7000 | (high & 0xFFF),
                0x8000_0000_0000_0000 | (low & 0x3FFF_FFFF_FFFF_FFFF)
            ))
    }
}

extension UUID {
    /// The two big-endian halves.
    package var words: (UInt64, UInt64) {
        withUnsafeBytes(of: self) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    /// The UUID of two big-endian halves.
    package init(words: (UInt64, UInt64)) {
        let bytes = (words.0.bigEndian, words.1.bigEndian)
        self = withUnsafeBytes(of: bytes) { $0.load(as: UUID.self) }
    }

    /// The 36-character lower-case form.
    package var lowercased: String {
        String(unsafeUninitializedCapacity: 36) { writeLowercased(to: $0.baseAddress) }
    }

    /// Writes the 36 ASCII characters of the lower-case form and returns their count.
    package func writeLowercased(to target: UnsafeMutablePointer<UInt8>?) -> Int {
        guard let target else { return 0 }
        let text = UnsafeMutableRawPointer(target)
        let (high, low) = words
        let (first, second) = (Self.digits(high >> 32), Self.digits(high & 0xFFFF_FFFF))
        let (third, fourth) = (Self.digits(low >> 32), Self.digits(low & 0xFFFF_FFFF))
        text.storeBytes(of: first.bigEndian, as: UInt64.self)
        for (offset, half) in [
            (9, second >> 32), (14, second), (19, third >> 32), (24, third),
        ] {
            text.storeBytes(
                of: UInt32(truncatingIfNeeded: half).bigEndian, toByteOffset: offset,
                as: UInt32.self)
        }
        text.storeBytes(of: fourth.bigEndian, toByteOffset: 28, as: UInt64.self)
        for position in [8, 13, 18, 23] { target[position] = 0x2D }
        return 36
    }

    /// The eight hexadecimal digits of 32 bits, as ASCII, from the highest byte down.
    ///
    /// They are computed together, because every written row has an id.
    private static func digits(_ bits: UInt64) -> UInt64 {
        var digits = (bits | bits << 16) & 0x0000_FFFF_0000_FFFF
        digits = (digits | digits << 8) & 0x00FF_00FF_00FF_00FF
        digits = (digits | digits << 4) & 0x0F0F_0F0F_0F0F_0F0F
        // Adding 6 carries a digit from 10 on into the upper half of its byte.
        let letters = (digits &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return digits &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }
}

extension UUID {
    /// Reads the 36-character form, or `nil`.
    init?(text: UnsafeBufferPointer<UInt8>) {
        let dash = UInt8(ascii: "-")
        guard text.count == 36, text[8] == dash, text[13] == dash, text[18] == dash,
            text[23] == dash
        else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        guard high.append(hexadecimal: text[0..<8]), high.append(hexadecimal: text[9..<13]),
            high.append(hexadecimal: text[14..<18]), low.append(hexadecimal: text[19..<23]),
            low.append(hexadecimal: text[24..<36])
        else { return nil }
        self.init(words: (high, low))
    }
}

extension UInt64 {
    /// Appends digits at the low end; `false` when a byte is not a hexadecimal digit.
    fileprivate mutating func append(hexadecimal digits: Slice<UnsafeBufferPointer<UInt8>>) -> Bool
    {
        for byte in digits {
            var digit = byte &- UInt8(ascii: "0")
            if digit > 9 {
                // Upper-case and lower-case letters differ by 32.
                let letter = (byte | 0x20) &- UInt8(ascii: "a")
                guard letter < 6 else { return false }
                digit = letter + 10
            }
            self = self << 4 | UInt64(digit)
        }
        return true
    }
}
