import Crypto
import MLOpsCore

/// The rows that calls use.
///
/// They are a project with a row of every entity below it, deleted rows, and rows to be stored.
@dynamicMemberLookup
struct CallSite: Sendable {
    /// The number of the fixtures that are not stored yet.
    let number: Int
    /// The stored rows.
    ///
    /// Membership, project role and API key belong to three members, the other rows to the acting
    /// owner.
    var rows: FixtureTree
    /// Deleted rows; the rows of the tree for entities without deletion.
    let goneRows: FixtureTree
    /// Rows that the caller sees; the parents of a new row, except its first, are among them.
    var own: FixtureTree
    /// A user who belongs to no organization.
    let stranger: Identifier<User>
    /// The owner's membership, and that of a former owner.
    let owner, formerOwner: OrganizationMembership
    /// A version in production, and a deleted one that was in production.
    let live, formerLive: ModelVersion
    /// A running child of the tree's run, and one of the caller's own run.
    let child: ExperimentRun
    var ownChild: ExperimentRun
    /// A scaling change of the deployment that has not ended.
    let pending: DeploymentHistoryEntry
    /// An alert without a project.
    let generalAlert: Alert
    /// A rule without a project, and a deleted one, on a separate channel.
    let generalRule, formerGeneralRule: NotificationRule
    /// A seal of the audit trail.
    let seal: AuditSeal
    /// The names of rows by id: `row`, `new`, `gone` or `other`, and the entity.
    var names: [String: String] = [:]
    static let signer = Curve25519.Signing.PrivateKey()

    /// A field of the stored rows.
    subscript<Value>(dynamicMember path: KeyPath<FixtureTree, Value>) -> Value {
        rows[keyPath: path]
    }

    /// The stored row of an entity.
    func row<Record: FixtureEntity>(_ type: Record.Type) -> Record { rows[keyPath: type.field] }

    /// The deleted row of an entity.
    func gone<Record: FixtureEntity>(_ type: Record.Type) -> Identifier<Record> {
        goneRows[keyPath: type.field].id
    }

    /// A row that is not stored yet.
    func new<Record: FixtureEntity>(_ type: Record.Type) -> Record {
        let user = type.newcomer == .stranger ? stranger : own.membership.userID
        return type.fixture(number, in: FixturePlace(tree: rows, own: own, newcomer: user))
    }

    /// The same rows, for a caller who sees the rows of another site.
    func called(from site: CallSite) -> CallSite {
        var copy = self
        (copy.own, copy.ownChild) = (site.rows, site.child)
        return copy
    }

    /// A text with each id of the site replaced by its name.
    func anonymized(_ text: String) -> String {
        text.replacing(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/) { match in
            names[String(match.output.0)].map { "<\($0)>" } ?? String(match.output.0)
        }
    }

    /// An audit entry as ``Call/entries`` writes it: action, row, and names of the details.
    ///
    /// The row is `row`, `new` or `gone`, `other` for another one, or `many` for a batch. `changes`
    /// and `rows` are followed by their fields and tables.
    func line(_ entry: AuditLog) -> String {
        let row = entry.resourceID.map { names[$0]?.prefix { $0 != " " } ?? "other" } ?? "many"
        let details = (entry.details.object ?? [:]).sorted { $0.key < $1.key }.map { name, value in
            let members = (value.object ?? [:]).keys.sorted().joined(separator: " ")
            return members.isEmpty ? name : "\(name) \(members)"
        }
        return "\(entry.action) of \(row): \(details.joined(separator: "; "))"
    }
}
