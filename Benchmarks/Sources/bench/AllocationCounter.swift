import ArgumentParser
import Foundation

/// Counts the allocations of a thread, through a preloaded library.
struct AllocationCounter {
    /// The number of allocations that the calling thread has made.
    let ofThisThread: @convention(c) () -> UInt64

    /// - Throws: When the count does not include the allocation of an object by Swift's runtime.
    init() throws {
        guard let function = dlsym(nil, "thread_allocations") else {
            throw ValidationError("libcount-allocations is not preloaded")
        }
        ofThisThread = unsafeBitCast(function, to: (@convention(c) () -> UInt64).self)
        let before = ofThisThread()
        let object = Unmanaged.passRetained(NSObject())
        let found = ofThisThread() - before
        object.release()
        guard found == 1 else {
            throw ValidationError("an object was counted as \(found) allocations")
        }
    }
}
