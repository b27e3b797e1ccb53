import ArgumentParser
import MLOpsCore

/// The command `mlops runs tag`.
struct TagRunCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag",
        abstract: "Show the tags of a run, set some, or remove some.",
        discussion: """
            Tags that are not named stay as they are.

            EXAMPLES:
              mlops runs tag 'eta=0.3 max_depth=6'
              mlops runs tag 'eta=0.3 max_depth=6' team=vision reviewed=yes
              mlops runs tag 'eta=0.3 max_depth=6' --remove reviewed
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var chosen: ChosenRun

    @Argument(help: ArgumentHelp("Tags to set, as key=value.", valueName: "key=value"))
    var tags: [String] = []

    @Option(help: ArgumentHelp("A tag to remove; may be repeated.", valueName: "key"))
    var remove: [String] = []

    /// The tags to set, by key.
    private var added: [String: String] {
        get throws {
            var added: [String: String] = [:]
            for tag in tags {
                let parts = tag.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, !parts[0].isEmpty else {
                    throw ValidationError("\(tag) is no key=value.")
                }
                let old = added.updateValue(String(parts[1]), forKey: String(parts[0]))
                guard old == nil else { throw ValidationError("\(parts[0]) is set twice.") }
            }
            return added
        }
    }

    func validate() throws {
        let names = try added.keys + remove
        guard Set(names).count == names.count else {
            throw ValidationError("A tag is set and removed.")
        }
        guard !names.contains(RunMark.note) else {
            throw ValidationError("\(RunMark.note) is the note; `mlops runs note` writes it.")
        }
    }

    func run() async throws {
        let (added, remove) = (try added, remove)
        let run = try await chosen.change(options) { tags in
            for key in remove where tags.removeValue(forKey: key) == nil {
                throw Failure.nothing("the run has no tag \(key)" + Failure.hint(tags.keys))
            }
            tags.merge(added) { $1 }
        }
        if options.json { return try Output.json(run.tags) }
        let tags = run.tags.filter { $0.key != RunMark.note }
        if tags.isEmpty { return Output.line("\(run.runName) has no tags") }
        var table = TextTable([
            TextTable.Column("TAG", minimum: 8), TextTable.Column("VALUE", minimum: 8),
        ])
        for (name, value) in tags.sorted(by: { $0.key < $1.key }) { table.add([name, value]) }
        table.write()
    }
}
