/// Texts by their bytes, so that a name that occurs again needs no new text.
///
/// Metrics of a training loop follow one another in turn, so that the one after the last found is
/// tried first.
struct NameCache {
    private var known: [(bytes: [UInt8], text: String)] = []
    private var last = 0
    private static let size = 32

    /// The text of some bytes; `make` makes one that was not seen lately.
    mutating func text(_ bytes: some Collection<UInt8>, make: () -> String) -> String {
        for offset in 1...max(1, known.count) where !known.isEmpty {
            let index = (last + offset) % known.count
            if known[index].bytes.elementsEqual(bytes) {
                last = index
                return known[index].text
            }
        }
        let text = make()
        if known.count < Self.size {
            known.append((Array(bytes), text))
            last = known.count - 1
        } else {
            last = (last + 1) % known.count
            known[last] = (Array(bytes), text)
        }
        return text
    }
}
