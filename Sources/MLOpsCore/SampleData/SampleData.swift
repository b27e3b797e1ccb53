public import Foundation

/// A made-up organization whose rows fill every table and tell one story, for demonstrations and
/// tests.
///
/// "Acme ML Corp" (`acme-ml`) has an admin, a data scientist and an ML engineer. They tune a fraud
/// classifier on a grid and put version 1.0.0 into production on a Monday. On Wednesday version
/// 1.1.0, which was trained on a leaked feature, makes latency, accuracy and errors worse for four
/// hours and is rolled back. On Saturday the data drift. Alerts follow each of these, and the audit
/// trail tells who did what. A recommender waits in staging.
///
/// The same seed and start give the same rows, ids and times included.
public enum SampleData {
    /// What happens when the organization is there already.
    public enum WhenPresent: Sendable, Hashable {
        /// The call throws `.alreadyExists`.
        case refuse
        /// The call changes nothing.
        case skip
    }

    /// The organization's slug.
    public static let slug = "acme-ml"

    /// The beginning of the sample week unless told otherwise: Monday, 5 January 2026, 00:00 UTC.
    public static let defaultStart = Date(timeIntervalSince1970: 1_767_571_200)

    /// Stores the sample organization, all of it or nothing.
    ///
    /// - Parameters:
    ///   - store: Where it is stored.
    ///   - seed: Chooses ids and measured values.
    ///   - start: Midnight UTC of the Monday that the week begins with; what led to it lies in the
    ///     60 days before. `nil` is ``defaultStart``.
    ///   - whenPresent: What happens when the organization is there already, from any seed.
    /// - Throws: `.alreadyExists` when the organization is there and is not skipped, when another
    ///   one has its slug, or when the sample was deleted and its people are still there.
    @discardableResult
    public static func insert(
        into store: any Store, seed: UInt64 = 1, start: Date? = nil,
        whenPresent: WhenPresent = .refuse
    ) async throws -> SampleSummary {
        let reason = "The sample data make users and an organization."
        return try await store.withSystemAccess(reason: reason) { access in
            try await access.write { tx in
                if let present = try tx.organizations.withSlug(slug) {
                    guard whenPresent == .skip, present.settings[marker] != nil else {
                        throw refusal(of: present)
                    }
                    return try SampleSummary(of: present.id, in: tx, by: access)
                }
                var story = SampleStory(tx, seed: seed, start: start ?? defaultStart)
                try story.tell()
                return try SampleSummary(of: story.organization, in: tx, by: access)
            }
        }
    }

    /// The member of the organization's settings that tells the sample from another `acme-ml`.
    static let marker = "sample"

    private static func refusal(of organization: Organization) -> StoreError {
        let isSample = organization.settings[marker] != nil
        return StoreError(
            .alreadyExists,
            isSample
                ? "The sample organization is in this store already; skip it "
                    + "(`mlops seed --if-missing`), or delete it."
                : "Another organization has the slug of the sample, \(slug).",
            entity: Organization.entityName, field: "slug")
    }
}
