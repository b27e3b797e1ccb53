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
