/// A sum that keeps the rounding errors of its terms (Neumaier, 1974).
struct CompensatedSum {
    private var total = 0.0
    private var correction = 0.0

    var value: Double { total.isFinite ? total + correction : total }

    mutating func add(_ term: Double) {
        let sum = total + term
        correction += abs(total) >= abs(term) ? (total - sum) + term : (term - sum) + total
        total = sum
    }
}

extension Sequence<Double> {
    /// The sum of the elements, to about one rounding.
    var compensatedSum: Double {
        var sum = CompensatedSum()
        for element in self { sum.add(element) }
        return sum.value
    }
}
