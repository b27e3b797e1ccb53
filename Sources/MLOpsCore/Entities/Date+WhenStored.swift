public import Foundation

extension Date {
    /// Stands for the time at which the store takes the row, by the clock of the store.
    ///
    /// A new row whose time is not given has it, so that a configured clock is the only one.
    public static let whenStored = Date.distantPast

    /// The time itself, or `now` in the place of ``whenStored``.
    func orWhenStored(_ now: Date) -> Date { self == .whenStored ? now : self }
}
