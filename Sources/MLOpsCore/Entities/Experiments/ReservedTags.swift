/// The tags that the library gives a meaning; all of them begin with `mlops.`.
enum ReservedTag {
    static let prefix = "mlops."
    static let note = "mlops.note"
    static let group = "mlops.group"
    /// The beginning of a mark's tag, which its name follows.
    static let mark = "mlops.mark."

    /// - Throws: `.invalidValue` for a tag that begins with `mlops.` and has no meaning: a later
    ///   version may give it one.
    static func check(_ tags: [String: String]) throws {
        for name in tags.keys.sorted() where name.asName.hasPrefix(prefix) {
            let name = name.asName
            guard
                name != note, name != group,
                !name.hasPrefix(mark) || name.utf8.count == mark.utf8.count
            else { continue }
            throw StoreError(
                .invalidValue,
                "Tags that begin with `\(prefix)` are the library's; \"\(name)\" is none of them.",
                entity: ExperimentRun.entityName, field: "tags")
        }
    }
}

extension ExperimentRun {
    /// What people remark on the run; its tag `mlops.note`.
    public var note: String? {
        get { tags[ReservedTag.note] }
        set { tags[ReservedTag.note] = newValue }
    }

    /// What the run is compared with, such as a sweep; its tag `mlops.group`.
    ///
    /// A filter finds it as `$0.tags["mlops.group"]`.
    public var group: String? {
        get { tags[ReservedTag.group] }
        set { tags[ReservedTag.group] = newValue }
    }

    /// Marks that people set, such as `favorite`; each is a tag `mlops.mark.<name>`.
    ///
    /// A filter finds it as `$0.tags["mlops.mark.favorite"]`.
    public var marks: Set<String> {
        get {
            Set(
                tags.keys.filter { $0.hasPrefix(ReservedTag.mark) }
                    .map { String($0.dropFirst(ReservedTag.mark.count)) })
        }
        set {
            tags = tags.filter { !$0.key.hasPrefix(ReservedTag.mark) }
            for mark in newValue { tags[ReservedTag.mark + mark] = "true" }
        }
    }
}
