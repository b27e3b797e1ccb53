import Foundation
import Synchronization

extension PasswordHash {
    // Serial queues, because the concurrent ones share as many threads as the machine has cores,
    // which a program may block. All hashes take about the same time, so alternating between the
    // queues is as good as one queue for both.
    private static let lanes = [
        DispatchQueue(label: "mlops.password.1"), DispatchQueue(label: "mlops.password.2"),
    ]
    private static let turn = Atomic<UInt>(0)

    /// Runs a body on a thread outside of the cooperative pool; at most two run at once.
    static func work<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        let lane = lanes[Int(turn % UInt(lanes.count))]
        return try await withCheckedThrowingContinuation { continuation in
            lane.async { continuation.resume(with: Result { try body() }) }
        }
    }
}
