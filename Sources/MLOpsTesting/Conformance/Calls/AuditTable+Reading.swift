import MLOpsCore

extension AuditTable {
    /// The lines below each call's name.
    static func expectedEntries() -> [String: [String]] {
        var entries: [String: [String]] = [:]
        var name = ""
        for line in rows.split(separator: "\n") {
            let words = line.split(separator: " ")
            let text = words.joined(separator: " ")
            switch line.prefix(while: { $0 == " " }).count {
            case 0: name = text
            case 1...2: entries[name, default: []].append(text)
            default:
                let last = entries[name]?.popLast() ?? ""
                entries[name, default: []].append("\(last) \(text)")
            }
        }
        return entries
    }
}

extension CallSite {
    /// What an entry says, as a line of the table: the action, the row, and the names of the
    /// details.
    func line(_ entry: AuditLog) -> String {
        let row = entry.resourceID.map { names[$0] ?? "other" } ?? "many"
        let details = (entry.details.object ?? [:]).sorted { $0.key < $1.key }.map { name, value in
            let members = (value.object ?? [:]).keys.sorted().joined(separator: " ")
            return members.isEmpty ? name : "\(name) \(members)"
        }
        return "\(entry.action) of \(row): \(details.joined(separator: "; "))"
    }
}
