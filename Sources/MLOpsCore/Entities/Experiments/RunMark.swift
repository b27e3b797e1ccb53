/// The tags of a run that the library gives a meaning; all begin with ``prefix``.
public enum RunMark {
    /// What the names of such tags begin with.
    public static let prefix = "mlops."
    /// A note for people.
    public static let note = "mlops.note"
    /// The group that the run is compared within, such as one start of a sweep.
    public static let group = "mlops.group"
    /// Why the run was stopped before its planned end.
    public static let earlyStopped = "mlops.early_stopped"
    /// The step after which the run was stopped before its planned end.
    public static let earlyStoppedStep = "mlops.early_stopped_step"
    /// What the tag of a mark begins with; its name follows.
    public static let mark = "mlops.mark."

    /// - Throws: `.invalidValue` for a tag that begins with ``prefix`` and has no meaning: a later
    ///   version may give it one.
    static func check(_ tags: [String: String]) throws {
        for name in tags.keys.sorted() where name.asName.hasPrefix(prefix) {
            let name = name.asName
            let isMark = name.hasPrefix(mark) && name.utf8.count > mark.utf8.count
            if isMark || [note, group, earlyStopped, earlyStoppedStep].contains(name) { continue }
            throw StoreError(
                .invalidValue,
                "Tags that begin with \(prefix) are the library's; \"\(name)\" is none of them.",
                entity: ExperimentRun.entityName, field: "tags")
        }
    }
}

extension ExperimentRun {
    /// The note for people: the tag `mlops.note`.
    public var note: String? {
        get { tags[RunMark.note] }
        set { tags[RunMark.note] = newValue }
    }

    /// The group that the run is compared within: the tag `mlops.group`.
    public var group: String? {
        get { tags[RunMark.group] }
        set { tags[RunMark.group] = newValue }
    }

    /// Marks that people set, such as `favorite`; each is a tag `mlops.mark.<name>`.
    ///
    /// A filter finds it as `$0.tags[key: "mlops.mark.favorite"]`.
    public var marks: Set<String> {
        get {
            Set(
                tags.keys.filter { $0.hasPrefix(RunMark.mark) }
                    .map { String($0.dropFirst(RunMark.mark.count)) })
        }
        set {
            tags = tags.filter { !$0.key.hasPrefix(RunMark.mark) }
            for mark in newValue { tags[RunMark.mark + mark] = "true" }
        }
    }

    /// Why and when the run was stopped before its planned end, or `nil`.
    public var earlyStop: EarlyStop? {
        tags[RunMark.earlyStopped].map {
            EarlyStop(reason: $0, step: tags[RunMark.earlyStoppedStep].flatMap { Int($0) })
        }
    }

    /// A stop of training before its planned end.
    public struct EarlyStop: Sendable, Hashable {
        /// Why, in the program's words.
        public let reason: String
        /// The last step, if it was given.
        public let step: Int?
    }
}
