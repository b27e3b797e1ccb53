import MLOpsCore

/// A role in the organization and one in its projects.
struct Standing: Sendable, Hashable, CustomStringConvertible {
    let organization: OrganizationRole
    let project: ProjectRole?

    var description: String {
        "organization \(organization.rawValue), project \(project?.rawValue ?? "none")"
    }
}

extension PermissionTable {
    /// The levels of each standing, in a private project and in a visible one.
    static func levels() throws -> [(standing: Standing, levels: [ProjectVisibility: String])] {
        try words(of: standings).dropFirst().map { words in
            guard words.count == 4, let organization = OrganizationRole(rawValue: words[0]) else {
                throw unreadable(words)
            }
            let project = ProjectRole(rawValue: words[1])
            guard project != nil || words[1] == "none" else { throw unreadable(words) }
            return (
                Standing(organization: organization, project: project),
                [.private: words[2], .organization: words[3]]
            )
        }
    }

    /// The answer to each call at each level.
    static func expectedAnswers() throws -> [String: [String: String]] {
        var levels: [String] = []
        var repository = ""
        var rows: [String: [String: String]] = [:]
        for words in words(of: answers) {
            if words.first == "level" {
                levels = Array(words.dropFirst())
            } else if words.count == 1 {
                repository = words[0]
            } else {
                let method = words.dropLast(levels.count).joined(separator: " ")
                let row = Dictionary(uniqueKeysWithValues: zip(levels, words.suffix(levels.count)))
                guard !method.isEmpty,
                    row.values.allSatisfy(Set(["ok", "denied", "absent"]).contains),
                    rows.updateValue(row, forKey: "\(repository).\(method)") == nil
                else { throw unreadable(words) }
            }
        }
        return rows
    }

    private static func words(of text: String) -> [[String]] {
        text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }

    private static func unreadable(_ words: [String]) -> StoreError {
        StoreError(.invalidValue, "The table has a line of its own kind: \(words).")
    }
}

extension CallOutcome {
    /// The outcome in the table's words.
    ///
    /// - Parameter owner: What an owner of the organization gets.
    func answer(owner: CallOutcome) -> String {
        switch self {
        case .denied: "denied"
        case .notFound: "absent"
        case .nothing: owner == .nothing ? "ok" : "absent"
        case .something: "ok"
        case .refused(let error): self == owner ? "ok" : error
        }
    }
}
