import Foundation

extension AlertDelivery {
    /// Whether no attempt was made.
    var isUnsent: Bool { state == .pending && attempts == 0 }

    /// Whether it tells the end of an alert of which a message was sent.
    var endsATelling: Bool { event == .resolved && count == 0 }
}

extension AlertDelivery {
    /// How many attempts had no outcome, because their dispatchers have ended.
    var lost: Int { max(0, attempts - failures) }

    /// How many attempts were made: the last claim of a message that is given up made none.
    var made: Int { lost > Self.mostLost ? attempts - 1 : attempts }

    /// How many attempts may be lost before a message is given up.
    static let mostLost = 12

    /// The lease of the next attempt.
    ///
    /// It doubles with each attempt that was lost, up to a day: a message that ends its dispatcher
    /// must not do so every two minutes. What was lost together does not come again together, so
    /// that such a message does not take the same others with it each time.
    func lease(_ lease: TimeInterval) -> TimeInterval {
        guard lost > 0 else { return lease }
        let spread = 1 + Double(id.uuid.uuid.15) / 256
        return min(lease * pow(2, Double(min(lost, 11))) * spread, max(lease, 86_400))
    }
}

extension Alert {
    /// Whether people are reminded of it: nobody has taken it, and it is not quiet.
    func isLoud(at time: Date) -> Bool {
        status == .open && !isSnoozed(at: time)
    }
}
