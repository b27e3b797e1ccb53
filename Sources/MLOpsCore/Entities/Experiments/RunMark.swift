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
}

extension ExperimentRun {
    /// The note for people, or `nil`; see ``RunLogger/setNote(_:)``.
    public var note: String? { tags[RunMark.note] }

    /// The group that the run is compared within, or `nil`.
    public var group: String? { tags[RunMark.group] }

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
