/// The prepared statements of a connection: the most recently used ones, up to a limit.
struct PreparedStatements {
    /// The most statements that a connection keeps.
    let limit: Int
    private var known: [String: (name: String, use: Int)] = [:]
    private var names = 0
    private var uses = 0
    /// The number of names that the server may or may not have, after failures.
    private var doubtful = 0

    init(limit: Int) { self.limit = limit }

    /// The name of a statement that is prepared.
    mutating func name(of key: String) -> String? {
        guard let name = known[key]?.name else { return nil }
        uses += 1
        known[key] = (name, uses)
        return name
    }

    /// Names a statement that is about to be prepared.
    ///
    /// A name is used only once, because after a failure the server may or may not have it.
    ///
    /// - Returns: The name, and what to give up first to make room, as `DEALLOCATE` takes it.
    mutating func add() -> (name: String, giveUp: String?) {
        names += 1
        let name = "mlops_\(names)"
        if known.count + doubtful >= limit, doubtful > limit / 2 {
            known = [:]
            doubtful = 0
            return (name, "ALL")
        }
        guard known.count + doubtful >= limit,
            let oldest = known.min(by: { $0.value.use < $1.value.use })
        else { return (name, nil) }
        known[oldest.key] = nil
        return (name, oldest.value.name)
    }

    /// Records that a statement is prepared, and that the one given up for it is gone.
    mutating func succeeded(_ key: String, _ name: String) {
        uses += 1
        known[key] = (name, uses)
    }

    /// Records that a preparation has failed, with unknown effects on the server.
    mutating func failed(givingUp: String?) { doubtful += givingUp == nil ? 1 : 2 }

    /// Whether a text is worth preparing: statements on cursors and savepoints do not repeat.
    static func keeps(_ text: String) -> Bool {
        ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains { text.hasPrefix($0) }
    }
}
