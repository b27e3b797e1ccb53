import ArgumentParser
import Dispatch

/// The benchmark: `bench run` compares, `bench check` is its short form, `bench measure` does the
/// library's side of one case.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures the library beside programs that do the same.",
        subcommands: [Run.self, Check.self, Measure.self], defaultSubcommand: Run.self)
}

/// The entry.
///
/// The main thread waits by itself. The one of an asynchronous `main` ends in `dispatch_main`, and
/// Valgrind 3.19 writes to the mask of its `sigsuspend`, which is in read-only memory.
@main
enum Main {
    static func main() {
        let isDone = DispatchSemaphore(value: 0)
        Task.detached {
            await Bench.main()
            isDone.signal()
        }
        isDone.wait()
    }
}
