import Foundation
import MLOpsCore

/// Which ids the rows of an archive get, also where documents name them.
struct ArchiveMap: Sendable {
    let ids: IdentityMap
    let index: ArchiveCheck.Index
    /// The ids that become others in any case: of the project, of people, and of joined rows.
    var replaced: [String: String] = [:]

    init(ids: IdentityMap, index: ArchiveCheck.Index) {
        self.ids = ids
        self.index = index
        replaced[index.project.description] = ids.project.description
    }

    /// The id that a row of the archive gets.
    func id<Record>(_ id: Identifier<Record>) -> Identifier<Record> {
        if let text = replaced[id.description], let other = Identifier<Record>(text) {
            return other
        }
        return ids.isMapped ? ids.mapped([id.description]) : id
    }

    /// A row with its new ids.
    func row(_ json: JSONValue) -> JSONValue {
        guard case .object(var members) = json else { return json }
        for (name, value) in members {
            if name == "id", case .string(let text) = value, let id = Identifier<Project>(text) {
                // Also of rows that nothing else names.
                members[name] = .string(self.id(id).description)
            } else {
                members[name] = replacing(value)
            }
        }
        return .object(members)
    }

    private func replacing(_ json: JSONValue) -> JSONValue {
        switch json {
        case .string(let text):
            guard text.utf8.count == 36 else { return json }
            if let other = replaced[text] { return .string(other) }
            guard ids.isMapped, let id = Identifier<Project>(text), id.description == text,
                index.names.contains(id.uuid) || index.deletions.contains(id.uuid)
            else { return json }
            return .string(self.id(id).description)
        case .array(let elements): return .array(elements.map(replacing))
        case .object(let members): return .object(members.mapValues(replacing))
        case .null, .bool, .int, .double: return json
        }
    }
}
