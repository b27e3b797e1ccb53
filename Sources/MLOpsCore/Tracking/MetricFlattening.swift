import Foundation

/// The numbers inside a value, by the names of their fields, joined by `/`.
struct FlatMetrics {
    private(set) var numbers: [(key: String, value: Double)] = []
    /// The fields that hold something else than a number.
    private(set) var refused: [String] = []

    init(_ value: some Encodable) {
        let sink = FlatteningEncoder.Sink()
        sink.add(value, at: [])
        (numbers, refused) = (sink.numbers, sink.refused)
    }
}

/// Collects numbers; what it finds under a path, it keeps under the joined names.
private struct FlatteningEncoder: Encoder {
    final class Sink {
        var numbers: [(key: String, value: Double)] = []
        var refused: [String] = []

        func refuse(_ path: [any CodingKey]) {
            refused.append(path.isEmpty ? "the value" : Self.name(path))
        }

        private static func name(_ path: [any CodingKey]) -> String {
            path.map(\.stringValue).joined(separator: "/")
        }

        func add(_ value: some Encodable, at path: [any CodingKey]) {
            switch value {
            case let number as any BinaryFloatingPoint: add(Double(number), path)
            case let number as any BinaryInteger: add(Double(number), path)
            case let number as Decimal: add(NSDecimalNumber(decimal: number).doubleValue, path)
            case is Bool, is String, is Date, is Data, is URL: refuse(path)
            default:
                do {
                    try value.encode(to: FlatteningEncoder(sink: self, codingPath: path))
                } catch {
                    refuse(path)
                }
            }
        }

        private func add(_ number: Double, _ path: [any CodingKey]) {
            if path.isEmpty { refuse(path) } else { numbers.append((Self.name(path), number)) }
        }
    }

    let sink: Sink
    var codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(Members<Key>(sink: sink, codingPath: codingPath))
    }
    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        Elements(sink: sink, codingPath: codingPath)
    }
    func singleValueContainer() -> any SingleValueEncodingContainer {
        Single(sink: sink, codingPath: codingPath)
    }

    struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let sink: Sink
        var codingPath: [any CodingKey]

        func encodeNil(forKey key: Key) {}
        func encode(_ value: some Encodable, forKey key: Key) {
            sink.add(value, at: codingPath + [key])
        }
        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> {
            KeyedEncodingContainer(Members<Nested>(sink: sink, codingPath: codingPath + [key]))
        }
        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            Elements(sink: sink, codingPath: codingPath + [key])
        }
        func superEncoder() -> any Encoder {
            FlatteningEncoder(sink: sink, codingPath: codingPath + [AnyName("super")])
        }
        func superEncoder(forKey key: Key) -> any Encoder {
            FlatteningEncoder(sink: sink, codingPath: codingPath + [key])
        }
    }

    /// The elements of a list, which have no names; the list is refused once.
    struct Elements: UnkeyedEncodingContainer {
        let sink: Sink
        let codingPath: [any CodingKey]
        var count = 0

        init(sink: Sink, codingPath: [any CodingKey]) {
            self.sink = sink
            self.codingPath = codingPath
            sink.refuse(codingPath)
        }

        mutating func encodeNil() { count += 1 }
        mutating func encode(_ value: some Encodable) { count += 1 }
        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) -> KeyedEncodingContainer<Nested> {
            count += 1
            return KeyedEncodingContainer(Members<Nested>(sink: Sink(), codingPath: codingPath))
        }
        mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
            count += 1
            return Elements(sink: Sink(), codingPath: codingPath)
        }
        mutating func superEncoder() -> any Encoder {
            count += 1
            return FlatteningEncoder(sink: Sink(), codingPath: codingPath)
        }
    }

    struct Single: SingleValueEncodingContainer {
        let sink: Sink
        var codingPath: [any CodingKey]

        func encodeNil() {}
        func encode(_ value: some Encodable) { sink.add(value, at: codingPath) }
    }
}
