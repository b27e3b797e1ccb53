/// The runs of an experiment in an order in which parents come first.
struct ParentOrder {
    /// The runs; each has a parent that precedes it, or none.
    private(set) var runs: [SourceRunReference] = []

    /// Orders the runs; a parent that is not among them, or that is its own ancestor, is dropped.
    init(_ experiment: SourceExperiment, in all: [String: Int], _ notes: inout ImportNotes) {
        var runs = experiment.runs
        var index: [String: Int] = [:]
        for (position, run) in runs.enumerated() {
            if index.updateValue(position, forKey: run.id) != nil {
                notes.leave("run", "it occurs twice; the last one is taken", run.id)
            }
        }
        for position in runs.indices {
            guard let parent = runs[position].parent, index[parent] == nil else { continue }
            let reason =
                all[parent] == nil
                ? "its parent is not in the source; it is kept as a tag"
                : "its parent is of another experiment; it is kept as a tag"
            notes.change("run", reason, runs[position].id)
            runs[position].parent = nil
        }
        var states = Array(repeating: State.new, count: runs.count)
        for start in runs.indices where index[runs[start].id] == start {
            var path: [Int] = []
            var next: Int? = start
            while let current = next, states[current] == .new {
                states[current] = .open
                path.append(current)
                next = runs[current].parent.flatMap { index[$0] }
            }
            if let next, states[next] == .open, let first = path.firstIndex(of: next) {
                for position in path[first...] {
                    notes.change(
                        "run", "it is its own ancestor; the parent is kept as a tag",
                        runs[position].id)
                    runs[position].parent = nil
                }
            }
            for position in path.reversed() {
                states[position] = .placed
                self.runs.append(runs[position])
            }
        }
    }

    private enum State { case new, open, placed }
}
