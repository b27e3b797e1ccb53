import Foundation
import Testing

@testable import MLOpsCore
@testable import MLOpsTesting

/// The list of calls covers every method of every repository.
@Suite struct RepositoryCallsTests {
    private let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/MLOpsCore/Store")

    private struct Declaration {
        let parent: String?
        /// The methods with their labels, such as `of(project:)`.
        var methods: [String]
    }

    /// The protocols of a file.
    private func protocols(in file: URL) throws -> [String: Declaration] {
        let text = try String(contentsOf: file, encoding: .utf8)
        var found: [String: Declaration] = [:]
        for match in text.matches(
            of: /(?:public|package) protocol (\w*Repository)(?:<Record>)?(?:: (\w+))?/)
        {
            let rest = text[match.range.upperBound...]
            let body = rest[..<(rest.range(of: "\n}")?.lowerBound ?? rest.endIndex)]
            found[String(match.1)] = Declaration(
                parent: match.2.map { String($0) },
                methods: body.matches(of: /func (\w+)\(/).map {
                    "\($0.1)(\(labels(in: body[$0.range.upperBound...])))"
                })
        }
        return found
    }

    /// The parameter labels at the start of a text, up to the closing parenthesis.
    private func labels(in text: Substring) -> String {
        var (depth, parameters) = (0, [""])
        for character in text.replacing("->", with: "") {
            if character == ")" && depth == 0 { break }
            if "(<[".contains(character) { depth += 1 }
            if ")>]".contains(character) { depth -= 1 }
            if character == "," && depth == 0 {
                parameters.append("")
            } else {
                parameters[parameters.count - 1].append(character)
            }
        }
        return parameters.compactMap { $0.firstMatch(of: /\w+/).map { "\($0.output):" } }.joined()
    }

    /// The method that a call names by its labels.
    ///
    /// The bare name suffices for the only method of that name; of several, it means the one
    /// without labels.
    private func method(_ call: Call, among methods: [String]) -> String? {
        let word = call.method.prefix { $0 != " " }
        if word.contains("(") { return methods.first { $0 == word } }
        let found = methods.filter { $0.prefix { $0 != "(" } == word }
        return found.count == 1 ? found[0] : found.first { $0 == "\(word)(_:)" }
    }

    @Test func everyMethodIsCalled() throws {
        var declarations = try protocols(in: folder.appending(path: "Repository.swift"))
        let common = Set(declarations.keys)
        let files = try FileManager.default.contentsOfDirectory(
            at: folder.appending(path: "Repositories"), includingPropertiesForKeys: nil)
        for file in files { declarations.merge(try protocols(in: file)) { $1 } }
        // The run logger's methods are a part of the runs' repository.
        let logged = declarations.removeValue(forKey: "LoggedRunRepository")
        declarations["ExperimentRunRepository"]?.methods += try #require(logged).methods
        let repositories = Set(declarations.keys).subtracting(common)
        #expect(repositories.count == Schema.tables.count && common.count == 3)
        #expect(Set(Call.repositories) == repositories)
        for repository in repositories {
            var methods: [String] = []
            var next: String? = repository
            while let name = next, let declaration = declarations[name] {
                methods += declaration.methods
                next = declaration.parent
            }
            #expect(Set(methods).count == methods.count)
            var called: Set<String> = []
            for call in Call.all where call.repository == repository {
                let method = method(call, among: methods)
                #expect(method != nil, "\(call.name) is no method")
                if let method { called.insert(method) }
            }
            #expect(called == Set(methods), "\(repository)")
        }
    }

    /// Methods that a workspace does not offer outside a transaction, and why.
    private static let insideOnly = [
        "insert(history:)": "system access alone may call it",
        "append(history:artifacts:to:)": "system access alone may call it",
        "raiseSilences(limit:)": "system access alone may call it",
        "forEach(_:_:)": "its body cannot wait; `stream` can",
        "forEachPoint(of:metric:in:_:)": "its body cannot wait; `history` returns the points",
        "nextVersion(of:)": "another program may take the version before it is inserted",
    ]

    @Test func aWorkspaceOffersWhatATransactionOffers() throws {
        let records = folder.appending(path: "Records")
        let files = try FileManager.default.contentsOfDirectory(
            at: records, includingPropertiesForKeys: nil)
        var offered: [String: Set<String>] = [:]
        for file in files + [folder.appending(path: "Records.swift")] {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(
                of: /(?:public struct|extension) Records(?:<.*>| where Record(?:: | == )(\w+))/)
            {
                let rest = text[match.range.upperBound...]
                let body = rest[..<(rest.range(of: "\n}")?.lowerBound ?? rest.endIndex)]
                let entity = match.1.map { String($0) } ?? ""
                for method in body.matches(of: /public func (\w+)\(/) {
                    let labels = labels(in: body[method.range.upperBound...])
                    offered[entity, default: []].insert("\(method.1)(\(labels))")
                }
            }
        }
        let common = [
            "Repository": "", "MutableRepository": "Mutable",
            "SoftDeletableRepository": "SoftDeletable",
            "DeploymentHistoryRepository": "DeploymentHistoryEntry",
        ]
        var declarations = try protocols(in: folder.appending(path: "Repository.swift"))
        for file in try FileManager.default.contentsOfDirectory(
            at: folder.appending(path: "Repositories"), includingPropertiesForKeys: nil)
        {
            declarations.merge(try protocols(in: file)) { $1 }
        }
        declarations["LoggedRunRepository"] = nil
        #expect(declarations.count == Schema.tables.count + 3)
        for (name, declaration) in declarations {
            let entity = common[name] ?? String(name.dropLast("Repository".count))
            let missing = Set(declaration.methods).subtracting(offered[entity] ?? [])
            #expect(missing.filter { Self.insideOnly[$0] == nil } == [], "\(name)")
            #expect(missing.count == declaration.methods.count { Self.insideOnly[$0] != nil })
        }
    }

    @Test func labelsAreRead() {
        #expect(labels(in: "_ a: Int, to b: [A: B], _ c: (Int, A) -> B) throws") == "_:to:_:")
        #expect(labels(in: ") throws -> A") == "")
    }
}
