package import Dispatch

extension Duration {
    /// Seconds, with a fraction.
    package var timeInterval: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}

extension DispatchTime {
    /// The moment after a while; without one, never.
    package static func after(_ limit: Duration?) -> DispatchTime {
        limit.map { .now() + $0.timeInterval } ?? .distantFuture
    }
}

/// Runs blocking work on a thread outside of the cooperative pool.
///
/// Each call has its own serial queue: the global queues have only as many threads as the machine
/// has cores, and a program may block those.
func offTheCooperativePool<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "mlops.work").async {
            continuation.resume(with: Result { try body() })
        }
    }
}
