/// What came of an attempt to deliver a notification.
public struct DeliveryOutcome: Sendable, Hashable {
    /// What to do next.
    public enum Verdict: Sendable, Hashable {
        /// The receiver has it.
        case delivered
        /// It may succeed later, not before the receiver's wish if it told one.
        case retry(after: Duration?)
        /// It never will: this delivery is final.
        case refused
        /// The receiver is gone: the channel has to be switched off.
        case gone
    }

    /// What to do next.
    public let verdict: Verdict

    /// Why, in a sentence that the channel's organization may read; empty when all went well.
    ///
    /// It holds no secret and nothing of the receiver's answer.
    public let reason: String

    /// What the operator's log may keep: the start of the answer, and errors of the connection.
    ///
    /// Secrets of the channel are removed. It must not be shown to the channel's organization, who
    /// could read answers of a network that they cannot reach.
    public let diagnostics: String

    /// The largest ``diagnostics``, in UTF-8 bytes.
    public static let maximumDiagnostics = 4096

    /// Makes an outcome; longer diagnostics are cut.
    public init(_ verdict: Verdict, reason: String = "", diagnostics: String = "") {
        self.verdict = verdict
        self.reason = reason
        var end = diagnostics.utf8.index(
            diagnostics.startIndex, offsetBy: Self.maximumDiagnostics,
            limitedBy: diagnostics.endIndex)
        // Back to the start of a character.
        while let index = end, index.samePosition(in: diagnostics.unicodeScalars) == nil {
            end = diagnostics.utf8.index(before: index)
        }
        self.diagnostics = String(diagnostics[..<(end ?? diagnostics.endIndex)])
    }
}
