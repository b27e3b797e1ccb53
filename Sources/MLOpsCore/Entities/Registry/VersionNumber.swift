extension ModelVersion {
    /// The version that follows the highest dotted numeric one.
    ///
    /// `1.4.2` is followed by `1.4.3`, and `7` by `8`; without a dotted numeric version, the next
    /// is `1`. Numbers are compared part by part, and a missing part counts as zero. Of two equal
    /// versions, the one with more parts is followed. Versions such as `v2` or `1.0-beta` are
    /// ignored.
    public static func next(after versions: [String]) -> String {
        let highest = versions.compactMap(VersionNumber.init).max()
        return highest?.next.description ?? "1"
    }
}

/// A dotted numeric version.
///
/// Its parts are kept as digits, because they may be of any length.
private struct VersionNumber: Comparable, CustomStringConvertible {
    private let parts: [[UInt8]]

    init?(_ text: String) {
        var parts: [[UInt8]] = []
        let dot = UInt8(ascii: ".")
        for part in text.utf8.split(separator: dot, omittingEmptySubsequences: false) {
            guard !part.isEmpty, part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            let digits = part.drop { $0 == UInt8(ascii: "0") }
            parts.append(Array(digits))
        }
        self.parts = parts
    }

    private init(parts: [[UInt8]]) { self.parts = parts }

    /// The version with the last part incremented by one.
    var next: VersionNumber {
        var digits = parts.last ?? []
        var position = digits.count
        while position > 0, digits[position - 1] == UInt8(ascii: "9") {
            position -= 1
            digits[position] = UInt8(ascii: "0")
        }
        if position > 0 {
            digits[position - 1] += 1
        } else {
            digits.insert(UInt8(ascii: "1"), at: 0)
        }
        return VersionNumber(parts: parts.dropLast() + [digits])
    }

    var description: String {
        parts.map { $0.isEmpty ? "0" : String(decoding: $0, as: UTF8.self) }
            .joined(separator: ".")
    }

    static func < (left: VersionNumber, right: VersionNumber) -> Bool {
        for index in 0..<max(left.parts.count, right.parts.count) {
            let leftPart = index < left.parts.count ? left.parts[index] : []
            let rightPart = index < right.parts.count ? right.parts[index] : []
            if leftPart.count != rightPart.count { return leftPart.count < rightPart.count }
            if leftPart != rightPart { return leftPart.lexicographicallyPrecedes(rightPart) }
        }
        return left.parts.count < right.parts.count
    }
}
