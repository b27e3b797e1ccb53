// The three loops in which training spends its time. They index raw pointers with unchecked
// arithmetic because that is fast even in a debug build; callers pass arrays.

/// The sum of the products of `count` numbers of `left`, from `start` on, and of `right`.
func dot(
    _ left: UnsafePointer<Float>, from start: Int, _ right: UnsafePointer<Float>, count: Int
) -> Float {
    let left = left + start
    var sum: Float = 0
    var index = 0
    while index < count {
        sum += left[index] * right[index]
        index &+= 1
    }
    return sum
}

/// Adds `factor` times `count` numbers of `source`, from `sourceStart` on, to those of `target`,
/// at `start` and after.
func add(
    _ factor: Float, times source: UnsafePointer<Float>, from sourceStart: Int = 0,
    to target: UnsafeMutablePointer<Float>, at start: Int = 0, count: Int
) {
    let source = source + sourceStart
    let target = target + start
    var index = 0
    while index < count {
        target[index] += factor * source[index]
        index &+= 1
    }
}

/// One step of gradient descent with momentum; the gradients are zero afterwards.
func descend(
    _ values: UnsafeMutablePointer<Float>, velocities: UnsafeMutablePointer<Float>,
    gradients: UnsafeMutablePointer<Float>, rate: Float, momentum: Float, count: Int
) {
    var index = 0
    while index < count {
        velocities[index] = momentum * velocities[index] - rate * gradients[index]
        values[index] += velocities[index]
        gradients[index] = 0
        index &+= 1
    }
}
