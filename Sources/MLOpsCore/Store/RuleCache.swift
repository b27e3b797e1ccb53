import Foundation
import Synchronization

/// The active rules of organizations, which every raise looks at.
///
/// An entry holds while the rules and channels have the same stamp. Edits by other programs that
/// keep the revisions, such as statements of an operator, are seen after ``longestAge``.
package final class RuleCache: Sendable {
    /// What changes with every change of rules and channels.
    struct Stamp: Hashable {
        var rules = Sums()
        var channels = Sums()
        var newestRule: Identifier<NotificationRule>?
    }

    /// Figures over the rows of a table, deleted ones included.
    struct Sums: Hashable {
        var rows = 0
        var revisions = 0
        var changedAt: Date?
        var deletedAt: Date?
        var deleted = 0
    }

    private struct Entry {
        let stamp: Stamp
        let rules: [NotificationRule]
        let readAt: ContinuousClock.Instant
    }

    private let entries = Mutex<[Identifier<Organization>: Entry]>([:])

    private static let longestAge = Duration.seconds(10)
    /// The most rules that are kept, of all organizations.
    private static let mostRules = 100_000

    package init() {}

    func rules(of organization: Identifier<Organization>, at stamp: Stamp) -> [NotificationRule]? {
        entries.withLock { entries in
            guard let entry = entries[organization], entry.stamp == stamp,
                ContinuousClock.now - entry.readAt < Self.longestAge
            else { return nil }
            return entry.rules
        }
    }

    func keep(
        _ rules: [NotificationRule], of organization: Identifier<Organization>, at stamp: Stamp
    ) {
        entries.withLock { entries in
            let count = entries.values.reduce(rules.count) { $0 + $1.rules.count + 1 }
            if count > Self.mostRules { entries = [:] }
            entries[organization] = Entry(stamp: stamp, rules: rules, readAt: .now)
        }
    }
}
