import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Every text column of every entity stores every text, and a filter finds it.
    static let texts = FixtureTree.entities.compactMap { texts(of: $0) }

    /// The columns that restrict the text, or that the store sets itself.
    private static let unkept: [String: Set<String>] = [
        "users": ["email"], "organizations": ["slug", "billingEmail"], "projects": ["slug"],
        "model_versions": ["artifactSHA256"], "audit_logs": ["previousHash", "hash"],
        "api_keys": ["keyPrefix", "keyHash"], "deployment_history": ["errorMessage"],
    ]

    /// Texts that a store, a query language or a reader could misinterpret.
    static let hostileTexts = [
        "", " ", "'", "\"", "''", "\\", "%", "_", ";--", "'; DROP TABLE models; --", "${jndi:x}",
        "NULL", "null", "true", "1", "{}", "[]", "\n\r\t", "\u{1}\u{7F}", "é", "e\u{301}",
        "\u{202E}rtl", "👩‍👩‍👧‍👦", "\u{FEFF}bom", "\u{FFFF}", "日本語", "\u{10FFFF}", "?1 $1 :a @b",
    ]

    /// - Returns: `nil` for an entity without a text column.
    private static func texts<Record: FixtureEntity>(of type: Record.Type) -> Scenario? {
        if textColumns(of: type).isEmpty { return nil }
        return Scenario("\(type): every text column keeps every text, and a filter finds it") {
            context in
            let tree = try await context.tree()
            var number = 10
            var seen: Set<String> = []
            for (field, isName, equals) in textColumns(of: type) {
                for text in hostileTexts {
                    number += 1
                    // The number makes values of unique columns distinct, and of required columns
                    // not empty.
                    let text = "\(number)\(text)"
                    let record = try await type.fixture(number, in: tree, context)
                        .with(field, text)
                    do {
                        let (stored, kept, found) = try await inTransaction(context, of: type) {
                            let stored = try $0.insert(record)
                            let kept = try stored.text(field)
                            // Any form of a name finds it.
                            let value = isName ? text : kept ?? ""
                            return (stored, kept, try $0.all { _ in equals(value) })
                        }
                        guard let kept else {
                            // Only the engine writes it.
                            seen.insert(field)
                            continue
                        }
                        let hint: Comment = "\(field): \(text.debugDescription)"
                        #expect(found == [stored], hint)
                        #expect(
                            try await inTransaction(context, of: type) { try $0.find(record.id) }
                                == stored, hint)
                        let expected = isName ? text.asName : text
                        if !kept.utf8.elementsEqual(expected.utf8) { seen.insert(field) }
                    } catch let error as StoreError
                        where [.invalidValue, .checkViolation].contains(error.code)
                    {
                        seen.insert(field)
                    }
                }
            }
            #expect(seen == unkept[type.table.name] ?? [])
            let report = try await context.read { try $0.auditLogs.verifyChain() }
            #expect(report.isIntact)
        }
    }

    /// Runs a body with a repository; under system access for users and organizations.
    private static func inTransaction<Record: Entity, Value: Sendable>(
        _ context: ConformanceContext, of type: Record.Type,
        _ body: @escaping @Sendable (any Repository<Record>) throws -> Value
    ) async throws -> Value {
        guard type is any TenantOwned.Type else {
            return try await context.system { try body(try $0.repository(of: type)) }
        }
        return try await context.write { try body(try $0.repository(of: type)) }
    }

    /// The text columns by the name of their field, with the filter for equality.
    private static func textColumns<Record: Entity>(
        of type: Record.Type
    ) -> [(field: String, isName: Bool, equals: @Sendable (String) -> Filter<Record>)] {
        Mirror(reflecting: type.columns).children.compactMap { child in
            guard let field = child.label else { return nil }
            if let column = child.value as? Column<Record, String> {
                return (field, column.holdsNames, { column == $0 })
            }
            if let column = child.value as? Column<Record, String?> {
                return (field, column.holdsNames, { column == $0 })
            }
            return nil
        }
    }
}

extension Entity {
    /// The members of the encoded entity.
    private var members: [String: JSONValue] {
        get throws { try JSONValue(parsing: JSONEncoder().encode(self)).object ?? [:] }
    }

    /// A copy with another text in one field, made by encoding and decoding.
    fileprivate func with(_ field: String, _ text: String) throws -> Self {
        var members = try members
        members[field] = .string(text)
        return try JSONDecoder().decode(Self.self, from: JSONEncoder().encode(members))
    }

    /// The text of one field.
    fileprivate func text(_ field: String) throws -> String? { try members[field]?.string }
}
