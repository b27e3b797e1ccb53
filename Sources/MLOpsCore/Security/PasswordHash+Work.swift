import Foundation
import Synchronization

extension PasswordHash {
    // Serial queues, because those of a concurrent one share as many threads as the machine has
    // cores, and a program may block them. As every hash takes the same time, taking turns is as
    // good as a common queue.
    private static let lanes = [
        DispatchQueue(label: "mlops.password.1"), DispatchQueue(label: "mlops.password.2"),
    ]
    private static let turn = Atomic<UInt>(0)

    /// Runs a body on a thread that no task waits for, as one of at most two.
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
