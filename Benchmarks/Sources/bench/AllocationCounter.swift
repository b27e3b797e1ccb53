import ArgumentParser
import Foundation

/// Counts what a thread allocates, through the library that is preloaded for it.
struct AllocationCounter {
    /// How often the calling thread has asked for memory so far.
    let ofThisThread: @convention(c) () -> UInt64

    /// - Throws: When nothing is counted, or not what Swift's runtime allocates for an object.
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
