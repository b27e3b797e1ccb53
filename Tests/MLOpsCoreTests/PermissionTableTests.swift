import Foundation
import Testing

@testable import MLOpsTesting

/// The table of permissions forgets no method; a scenario checks that each of its lines is called.
@Suite struct PermissionTableTests {
    private let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/MLOpsCore/Store")

    private struct Declaration {
        let parent: String?
        let methods: [String]
    }

    /// The protocols of a file, with the names of their methods, once for each overload.
    private func protocols(in file: URL) throws -> [String: Declaration] {
        let text = try String(contentsOf: file, encoding: .utf8)
        var found: [String: Declaration] = [:]
        for match in text.matches(of: /public protocol (\w*Repository)(?:<Record>)?(?:: (\w+))?/) {
            let body = text[match.range.upperBound...].prefix { _ in true }
            let end = body.range(of: "\n}")?.lowerBound ?? body.endIndex
            found[String(match.1)] = Declaration(
                parent: match.2.map { String($0) },
                methods: body[..<end].matches(of: /func (\w+)\(/).map { String($0.1) })
        }
        return found
    }

    @Test func everyMethodHasALine() throws {
        var declarations = try protocols(in: folder.appending(path: "Repository.swift"))
        let common = Set(declarations.keys)
        let files = try FileManager.default.contentsOfDirectory(
            at: folder.appending(path: "Repositories"), includingPropertiesForKeys: nil)
        for file in files { declarations.merge(try protocols(in: file)) { $1 } }
        let repositories = Set(declarations.keys).subtracting(common)
        #expect(repositories.count == 19 && common.count == 3)

        let lines = try PermissionTable.expectedAnswers().keys.map { $0.split(separator: ".") }
        #expect(Set(lines.map { String($0[0]) }) == repositories)
        for repository in repositories {
            var needed: [String: Int] = [:]
            var next: String? = repository
            while let name = next, let declaration = declarations[name] {
                for method in declaration.methods { needed[method, default: 0] += 1 }
                next = declaration.parent
            }
            let present = lines.filter { $0[0] == repository }.map {
                $0[1].prefix(while: \.isLetter)
            }
            for (method, count) in needed {
                let found = present.filter { $0 == method }.count
                #expect(found >= count, "\(repository).\(method): \(found) lines of \(count)")
            }
            #expect(Set(present.map(String.init)) == Set(needed.keys), "\(repository)")
        }
    }
}
