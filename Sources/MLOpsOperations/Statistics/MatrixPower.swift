import Foundation

/// Durbin's exact distribution of the Kolmogorov-Smirnov statistic.
///
/// In the form of Marsaglia, Tsang and Wang, Evaluating Kolmogorov's Distribution, Journal of
/// Statistical Software 8 (2003): n!/n^n times the middle element of H^n, where H has about 2t
/// rows.
enum MatrixPower {
    /// The probability of at most t/n.
    static func cumulative(_ t: Double, _ n: Int) -> Double {
        let k = Int(t.rounded(.down)) + 1
        let power = Matrix.step(k, Double(k) - t).raised(to: n)
        var (value, exponent) = (power[k - 1, k - 1], power.exponent)
        for factor in 1...n {
            value *= Double(factor) / Double(n)
            if value < 1e-200 {
                value *= 0x1p512
                exponent -= 512
            }
        }
        return scalbn(value, exponent)
    }

    /// A square matrix times 2^exponent.
    private struct Matrix {
        let rows: Int
        private var elements: [Double]
        private(set) var exponent = 0

        private init(rows: Int) {
            self.rows = rows
            elements = [Double](repeating: 0, count: rows * rows)
        }

        subscript(row: Int, column: Int) -> Double {
            get { elements[row * rows + column] }
            set { elements[row * rows + column] = newValue }
        }

        /// The matrix H for k = floor(t) + 1 and h = k - t.
        static func step(_ k: Int, _ h: Double) -> Matrix {
            let rows = 2 * k - 1
            var matrix = Matrix(rows: rows)
            var powers = [1.0]
            for _ in 0..<rows { powers.append(powers[powers.count - 1] * h) }
            for row in 0..<rows {
                for column in 0..<min(row + 2, rows) { matrix[row, column] = 1 }
            }
            for index in 0..<rows {
                matrix[index, 0] -= powers[index + 1]
                matrix[rows - 1, index] -= powers[rows - index]
            }
            if h > 0.5 { matrix[rows - 1, 0] += pow(2 * h - 1, Double(rows)) }
            for row in 0..<rows {
                for column in 0..<min(row + 2, rows) {
                    for divisor in stride(from: row - column + 1, to: 1, by: -1) {
                        matrix[row, column] /= Double(divisor)
                    }
                }
            }
            return matrix
        }

        func raised(to power: Int) -> Matrix {
            var result: Matrix?
            var square = self
            var remaining = power
            while true {
                if remaining & 1 == 1 { result = result.map { $0 * square } ?? square }
                remaining >>= 1
                guard remaining > 0 else { return result ?? square }
                square = square * square
            }
        }

        static func * (left: Matrix, right: Matrix) -> Matrix {
            let rows = left.rows
            var product = Matrix(rows: rows)
            product.exponent = left.exponent + right.exponent
            left.elements.withUnsafeBufferPointer { left in
                right.elements.withUnsafeBufferPointer { right in
                    product.elements.withUnsafeMutableBufferPointer { product in
                        for row in 0..<rows {
                            for inner in 0..<rows {
                                let factor = left[row * rows + inner]
                                for column in 0..<rows {
                                    product[row * rows + column] +=
                                        factor * right[inner * rows + column]
                                }
                            }
                        }
                    }
                }
            }
            product.rescale()
            return product
        }

        private mutating func rescale() {
            let largest = elements.reduce(0) { max($0, abs($1)) }
            guard largest > 1e100 || largest < 1e-100, largest > 0 else { return }
            let shift = Int(largest.exponent)
            for index in elements.indices { elements[index] = scalbn(elements[index], -shift) }
            exponent += shift
        }
    }
}
