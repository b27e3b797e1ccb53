import ArgumentParser
import Dispatch

/// The benchmark program.
///
/// `bench run` compares, `bench check` is its short form, and `bench measure` runs the library's
/// side of one case.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures the library beside programs that do the same.",
        subcommands: [Run.self, Check.self, Measure.self], defaultSubcommand: Run.self)
}

/// The entry point, whose main thread waits on a semaphore.
///
/// An asynchronous `main` ends in `dispatch_main`. Its `sigsuspend` fails under Valgrind 3.19,
/// which writes to the signal mask in read-only memory.
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
