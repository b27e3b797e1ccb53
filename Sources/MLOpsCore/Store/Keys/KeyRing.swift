package import Crypto
import Foundation

/// Symmetric keys of 256 bits by id, the newest first.
///
/// The first key is the current one, with which everything new is made; the others still open or
/// check what was made with them. To rotate, put a new key in front and keep the old ones until
/// nothing names them any more.
///
/// A key ring shows its ids and never its keys.
public struct KeyRing: Sendable {
    /// The key with which everything new is made.
    package let current: (id: String, key: SymmetricKey)

    private let older: [(id: String, key: SymmetricKey)]

    /// Reads keys from lines, or items between commas, of `id=base64`.
    ///
    /// An id is 1 to 32 characters of `a-z`, `0-9`, `_` and `-`, and unique; the base64 (RFC 4648,
    /// section 4, with padding) is of exactly 32 bytes. Blank lines and what follows a `#` are
    /// passed over.
    ///
    /// - Parameters:
    ///   - text: The keys.
    ///   - name: Where the text comes from, such as `MLOPS_PEPPERS`, for the message of an error.
    /// - Throws: `.invalidValue` when an item has another form, an id comes twice or there is no
    ///   key; the message counts the items and repeats none of them.
    public init(parsing text: String, name: String) throws {
        func invalid(_ problem: String) -> StoreError {
            StoreError(.invalidValue, problem, field: name)
        }
        let items = text.split(whereSeparator: \.isNewline)
            .flatMap { line in line.prefix { $0 != "#" }.split(separator: ",") }
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
        var entries: [(id: String, key: SymmetricKey)] = []
        for (number, item) in zip(1..., items) {
            let parts = item.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            // Foundation reads base64 with too much padding, or bits too many, as well.
            guard parts.count == 2, Self.isID(parts[0]),
                let bytes = Data(base64Encoded: String(parts[1])), bytes.count == Self.keySize,
                bytes.base64EncodedString() == parts[1]
            else {
                throw invalid(
                    "Item \(number) of \(name) is not id=base64 of 32 bytes, with an id of 1 to "
                        + "32 characters of a-z, 0-9, _ and -.")
            }
            guard !entries.contains(where: { $0.id == parts[0] }) else {
                throw invalid("Item \(number) of \(name) has the id of an item before it.")
            }
            entries.append((String(parts[0]), SymmetricKey(data: bytes)))
        }
        guard let current = entries.first else { throw invalid("\(name) holds no key.") }
        self.current = current
        older = Array(entries.dropFirst())
    }

    private init(current: (id: String, key: SymmetricKey)) {
        self.current = current
        older = []
    }

    /// Makes a ring of one new random key.
    ///
    /// - Parameter id: 1 to 32 characters of `a-z`, `0-9`, `_` and `-`.
    /// - Precondition: The id is of that form.
    public static func generate(id: String) -> KeyRing {
        precondition(isID(id), "the id of a key is 1 to 32 characters of a-z, 0-9, _ and -")
        return KeyRing(current: (id, SymmetricKey(size: .bits256)))
    }

    /// The ids, the newest first.
    public var ids: [String] { [current.id] + older.map(\.id) }

    /// The key of an id, or `nil` when the ring has none of it.
    package subscript(id: String) -> SymmetricKey? {
        id == current.id ? current.key : older.first { $0.id == id }?.key
    }

    /// The ring as ``init(parsing:name:)`` reads it, a line for each key.
    public var text: Secret<String> {
        let lines = ([current] + older).map { id, key in
            "\(id)=\(key.withUnsafeBytes { Data($0) }.base64EncodedString())\n"
        }
        return Secret(lines.joined())
    }

    private static let keySize = 32

    /// Whether a text has the form of a key's id.
    public static func isID(_ text: some StringProtocol) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { character in
                switch character {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

extension KeyRing: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The ids, such as `KeyRing(p2, p1)`.
    public var description: String { "KeyRing(\(ids.joined(separator: ", ")))" }

    /// The ids, as ``description`` gives them.
    public var debugDescription: String { description }

    /// A mirror of the ids alone.
    public var customMirror: Mirror { Mirror(self, children: ["ids": ids]) }
}
