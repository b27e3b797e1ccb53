/// Sorts some hundred doubles where they are: the sort of the standard library allocates.
enum ShellSort {
    /// The gaps of Ciura, Best Increments for the Average Case of Shellsort (2001).
    private static let gaps: [Int] = [701, 301, 132, 57, 23, 10, 4, 1]

    /// Sorts in ascending order; without NaN.
    static func sort(_ values: inout UnsafeMutableBufferPointer<Double>) {
        for gap in gaps where gap < values.count {
            for index in gap..<values.count {
                let value = values[index]
                var place = index
                while place >= gap, values[place - gap] > value {
                    values[place] = values[place - gap]
                    place -= gap
                }
                values[place] = value
            }
        }
    }
}
