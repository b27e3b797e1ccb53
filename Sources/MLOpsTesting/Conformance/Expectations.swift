import Foundation
package import MLOpsCore
import Synchronization
package import Testing

/// Expects an error of the store with this code, and returns it.
///
/// Assertions are made outside of transactions: a body runs on a thread of the store, where Swift
/// Testing does not know the running test.
@discardableResult
package func expectError<Value>(
    _ code: StoreError.Code, _ about: String = "",
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Value
) async -> StoreError? {
    do {
        _ = try await body()
    } catch let error as StoreError {
        #expect(
            error.code == code, "\(about) \(error.message)", sourceLocation: sourceLocation)
        return error
    } catch {
        Issue.record(error, "\(about)", sourceLocation: sourceLocation)
        return nil
    }
    Issue.record("\(about) threw nothing, not \(code.rawValue)", sourceLocation: sourceLocation)
    return nil
}

/// Expects that a cancelled task ends with a `CancellationError`.
func expectCancellation<Value>(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Value
) async {
    do {
        _ = try await body()
        Issue.record("the cancelled task ended as if it were not", sourceLocation: sourceLocation)
    } catch is CancellationError {
        return
    } catch {
        Issue.record(error, sourceLocation: sourceLocation)
    }
}

extension Sequence {
    /// The results of an asynchronous body, called for one element after another.
    func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}

/// The code that a body throws; `nil` when it throws none.
package func errorCode<Value>(of body: () throws -> Value) -> StoreError.Code? {
    do {
        _ = try body()
        return nil
    } catch {
        return (error as? StoreError)?.code
    }
}

/// The seed of a randomised test.
///
/// `MLOPS_TEST_SEED` replays a failed test with the seed that it printed; otherwise each call
/// returns another seed.
package func randomSeed() -> UInt64 {
    ProcessInfo.processInfo.environment["MLOPS_TEST_SEED"].flatMap { UInt64($0) }
        ?? UInt64.random(in: .min ... .max)
}

extension Observation.AsyncIterator {
    /// The next value that meets an expectation; other commits may produce values before it.
    package mutating func next(until isExpected: (Value) -> Bool) async throws -> Value? {
        while let value = try await next() {
            if isExpected(value) { return value }
        }
        return nil
    }
}

/// A flag shared by threads.
package final class Flag: Sendable {
    private let value = Atomic(false)

    package init() {}

    package var isSet: Bool { value.load(ordering: .acquiring) }
    package func set() { value.store(true, ordering: .releasing) }
}
