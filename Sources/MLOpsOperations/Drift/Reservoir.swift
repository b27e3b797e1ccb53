/// An evenly drawn sample of a stream: algorithm R of Vitter, Random Sampling with a Reservoir
/// (1985).
struct Reservoir<Element> {
    private(set) var elements: [Element] = []
    private let limit: Int
    private var seen = 0
    private var generator: SeededGenerator

    init(limit: Int, seed: UInt64) {
        self.limit = limit
        generator = SeededGenerator(seed: seed)
    }

    mutating func add(_ element: Element) {
        seen += 1
        guard elements.count >= limit else { return elements.append(element) }
        let index = generator.index(below: seen)
        if index < limit { elements[index] = element }
    }
}
