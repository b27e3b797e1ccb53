import ArgumentParser

/// The benchmark: `bench run` compares, `bench check` is its short form, `bench measure` does the
/// library's side of one case.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures the library beside programs that do the same.",
        subcommands: [Run.self, Measure.self], defaultSubcommand: Run.self)
}
