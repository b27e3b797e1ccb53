import Foundation
import MLOpsCore

/// Where rows name people.
enum ArchivePeople {
    /// The columns that hold the id of a user.
    static let columns = [
        "created_by", "performed_by", "raised_by", "acknowledged_by", "resolved_by",
    ]

    /// Hands over every string of a document that has the length of an id.
    static func forEachText(of json: JSONValue, _ body: (String) throws -> Void) rethrows {
        switch json {
        case .string(let text): if text.utf8.count == 36 { try body(text) }
        case .array(let elements): for element in elements { try forEachText(of: element, body) }
        case .object(let members):
            for member in members.values { try forEachText(of: member, body) }
        case .null, .bool, .int, .double: break
        }
    }
}
