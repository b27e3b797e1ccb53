public import Foundation
public import MLOpsCore

/// A fictional organization with rows in every table, for demonstrations and tests.
///
/// "Acme ML Corp" (`acme-ml`) has an admin, a data scientist and an ML engineer. They tune a fraud
/// classifier on a grid, and deploy version 1.0.0 to production on a Monday. On Wednesday version
/// 1.1.0, which was trained on a leaked feature, worsens latency, accuracy and errors for four
/// hours and is rolled back. On Saturday the data drift. Alerts follow each of these events, and
/// the audit trail records who did what. A recommender is in staging.
///
/// The same seed and start give the same rows, including ids and times.
/// The same seed and start give the same rows, ids and times included.
public enum SampleData {
    /// The behaviour when the organization already exists.
    public enum WhenPresent: Sendable, Hashable {
        /// The call throws `.alreadyExists`.
        case refuse
        /// The call changes nothing.
        case skip
    }

    /// The organization's slug.
    public static let slug = "acme-ml"

    /// The default start of the sample week: Monday, 5 January 2026, 00:00 UTC.
    public static let defaultStart = Date(timeIntervalSince1970: 1_767_571_200)

    /// Stores the whole sample organization, or nothing.
    ///
    /// - Parameters:
    ///   - store: The store to write to.
    ///   - seed: Determines ids and measured values.
    ///   - start: Midnight UTC of the Monday on which the week begins; earlier events are in the 60
    ///     days before. `nil` means ``defaultStart``.
    ///   - whenPresent: The behaviour when the organization already exists, from any seed.
    /// - Throws: `.alreadyExists` when the organization exists and is not skipped, when another
    ///   organization has its slug, or when the sample was deleted but its users still exist.
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

    /// The member of an organization's settings that identifies the sample.
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
