/// The statements that a connection has prepared: so many at most, those that were used last.
struct PreparedStatements {
    /// The most statements that a connection keeps.
    let limit: Int
    private var known: [String: (name: String, use: Int)] = [:]
    private var names = 0
    private var uses = 0
    /// How many names a failure has left in doubt: the server may have them or not.
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
    /// A name is used once, since nobody knows whether one that failed was taken.
    ///
    /// - Returns: What to give up first, as `DEALLOCATE` takes it, so that there is room for it.
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

    /// Notes that a statement is prepared, and that what was given up for it is gone.
    mutating func succeeded(_ key: String, _ name: String) {
        uses += 1
        known[key] = (name, uses)
    }

    /// Notes that a preparation has failed somewhere.
    mutating func failed(givingUp: String?) { doubtful += givingUp == nil ? 1 : 2 }

    /// Whether a text is worth a name: what names a cursor or a savepoint is written once.
    static func keeps(_ text: String) -> Bool {
        ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains { text.hasPrefix($0) }
    }
}
