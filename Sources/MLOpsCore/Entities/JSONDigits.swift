/// Which numbers of a JSON text have to keep their digits.
enum KeptDigits {
    /// None: every number becomes the nearest double, as in a document that was read back.
    case none
    /// Integers; a fraction in a text is taken for a double, as RFC 8259 expects.
    case integers
    /// All: the text was made from Swift values, a decimal of 30 digits among them.
    case all
}

/// The value of a decimal number, whatever its notation: digits times a power of ten.
private struct DecimalValue: Equatable {
    private var digits: [UInt8] = []
    private var power = 0

    /// Reads a number of JSON, or the description of a finite double.
    init(_ text: some BidirectionalCollection<UInt8>) {
        var fraction = 0
        var isFraction = false
        var rest = text.makeIterator()
        loop: while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                power = Int(String(decoding: Array(IteratorSequence(rest)), as: UTF8.self)) ?? 0
                break loop
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if isFraction { fraction += 1 }
                // Zeros in front say nothing.
                if byte > UInt8(ascii: "0") || !digits.isEmpty { digits.append(byte) }
            default: break
            }
        }
        power -= fraction
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            power += 1
        }
        if digits.isEmpty { power = 0 }
    }
}

extension StoreError {
    /// The error for a number that would lose digits.
    ///
    /// - Parameter isNamed: Whether members add themselves to its field, which begins as empty.
    static func unkeptNumber(at byte: Int, isNamed: Bool) -> StoreError {
        StoreError(
            .invalidValue,
            "The JSON document holds a number with more digits than 64 bits keep, at byte "
                + "\(byte); write it as a string.", field: isNamed ? "" : nil)
    }

    /// The error, with a member before the path to its field.
    func within(_ member: String) -> StoreError {
        let path = field.map { $0.isEmpty ? member : "\(member).\($0)" }
        return StoreError(code, message, entity: entity, field: path)
    }

    /// The error, whose message also tells the field.
    var namingField: StoreError {
        guard let field, !field.isEmpty else { return StoreError(code, message) }
        return StoreError(code, "\(message) It is the value of `\(field)`.", field: field)
    }
}

extension Double {
    /// Whether the number prints as a text says, up to notation, so that no digit is lost.
    func keepsDigits(of text: some BidirectionalCollection<UInt8>) -> Bool {
        DecimalValue(text) == DecimalValue(description.utf8)
    }
}
