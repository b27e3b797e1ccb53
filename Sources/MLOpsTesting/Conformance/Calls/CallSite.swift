import Crypto
import MLOpsCore

/// The rows that calls are made on: a project with a row of every entity below it, others that are
/// deleted, and others yet to be stored.
@dynamicMemberLookup
struct CallSite: Sendable {
    /// The number of the rows that are not stored yet.
    let number: Int
    /// The stored rows: the membership, the role in the project and the key are those of three
    /// members, the other people's rows those of the owner who acts.
    var rows: FixtureTree
    /// Deleted rows; those of the tree where an entity's rows cannot be deleted.
    let goneRows: FixtureTree
    /// Rows that the caller sees, below which a new row hangs by every parent but its first.
    var own: FixtureTree
    /// A user who belongs to no organization.
    let stranger: Identifier<User>
    /// The owner's membership, and that of a former owner.
    let owner, formerOwner: OrganizationMembership
    /// A version in production, and a deleted one that was.
    let live, formerLive: ModelVersion
    /// A running child of the tree's run, and one of the caller's own run.
    let child: ExperimentRun
    var ownChild: ExperimentRun
    /// A scaling of the deployment that is not complete.
    let pending: DeploymentHistoryEntry
    /// An alert of no project.
    let generalAlert: Alert
    /// A rule of no project, and a deleted one, on a channel of their own.
    let generalRule, formerGeneralRule: NotificationRule
    /// A seal of the audit trail.
    let seal: AuditSeal
    /// What rows are called, by their ids: `row`, `new`, `gone` or `other`, and of what.
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

    /// The same rows, called by somebody who sees those of another site.
    func called(from site: CallSite) -> CallSite {
        var copy = self
        (copy.own, copy.ownChild) = (site.rows, site.child)
        return copy
    }

    /// A text in which each id of the site is replaced by its place in the site.
    func anonymized(_ text: String) -> String {
        text.replacing(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/) { match in
            names[String(match.output.0)].map { "<\($0)>" } ?? String(match.output.0)
        }
    }

    /// What an audit entry says, as ``Call/entries`` has it: the action, the row (`row`, `new` or
    /// `gone`, `other` for another one, `many` for a batch), and the names of the details, of which
    /// `changes` and `rows` are followed by their fields and tables.
    func line(_ entry: AuditLog) -> String {
        let row = entry.resourceID.map { names[$0]?.prefix { $0 != " " } ?? "other" } ?? "many"
        let details = (entry.details.object ?? [:]).sorted { $0.key < $1.key }.map { name, value in
            let members = (value.object ?? [:]).keys.sorted().joined(separator: " ")
            return members.isEmpty ? name : "\(name) \(members)"
        }
        return "\(entry.action) of \(row): \(details.joined(separator: "; "))"
    }
}
