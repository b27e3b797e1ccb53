import ArgumentParser
import Foundation
import MLOpsCore

extension CompletionKind {
    /// The names of runs, newest first.
    static var runs: CompletionKind { names(of: ExperimentRun.self) { [$0.runName] } }
    /// The names of models.
    static var models: CompletionKind { names(of: Model.self) { [$0.name] } }
    /// The names of metrics of runs.
    static var metrics: CompletionKind {
        names(of: ExperimentRun.self) { $0.metrics.keys.sorted() }
    }
    /// The names of experiments.
    static var experiments: CompletionKind { names(of: Experiment.self) { [$0.name] } }
    /// The slugs of projects.
    static var projects: CompletionKind { names(of: Project.self) { [$0.slug] } }

    private static func names<Record: Mutable>(
        of type: Record.Type, _ names: @escaping @Sendable (Record) -> [String]
    ) -> CompletionKind {
        .custom { words, _, prefix in
            await Completion(words).names(beginningWith: prefix, of: type, names)
        }
    }
}

/// Lists names for the completion of a shell; nothing at all when anything is wrong.
///
/// Scripts of shells do not take names as text: that of bash passes them to `compgen -W`, which
/// runs `$(...)`, and that of zsh reads a colon as the end. Members of a project name runs and
/// metrics, so a name is listed only if it has no character that a shell reads in any way.
struct Completion: Sendable {
    private let words: [String]
    private static let rowsRead = 500
    private static let namesShown = 200
    private static let timeout = 2.0

    init(_ words: [String]) { self.words = words }

    /// The value that the command line gives an option, as `--name value` or `--name=value`.
    private func value(of option: String) -> String? {
        for (index, word) in words.enumerated() {
            if word == option, index + 1 < words.count { return words[index + 1].unquoted }
            if word.hasPrefix(option + "=") {
                return String(word.dropFirst(option.count + 1)).unquoted
            }
        }
        return nil
    }

    /// The names in the newest rows of an entity that begin with a text, each once.
    func names<Record: Mutable>(
        beginningWith prefix: String, of type: Record.Type,
        _ names: @escaping @Sendable (Record) -> [String]
    ) async -> [String] {
        var options = GlobalOptions()
        options.database = value(of: "--database")
        options.systemDatabase = value(of: "--system-database")
        options.timeout = Self.timeout
        var tenant = TenantOptions()
        tenant.organization = value(of: "--organization")
        let beginning = prefix.unquoted
        let found = try? await Database(options).workspace(tenant) { workspace in
            try await workspace.read { tx in
                let query = Query<Record>(
                    order: { [$0.id.descending] }, limit: Self.rowsRead)
                return try tx.repository(of: type).page(query).flatMap(names)
            }
        }
        var seen: Set<String> = []
        let wanted = (found ?? []).filter {
            $0.hasPrefix(beginning) && $0.isPlainInShells && seen.insert($0).inserted
        }
        return Array(wanted.prefix(Self.namesShown))
    }
}

extension String {
    /// Whether bash, zsh and fish take a completion for the text that it is.
    ///
    /// Letters, digits, spaces inside and a few signs; at the beginning no sign, which may be that
    /// of an option, a home directory or a command.
    var isPlainInShells: Bool {
        guard let first = unicodeScalars.first, first.isPlain || first == "_" else { return false }
        return last != " "
            && unicodeScalars.allSatisfy { $0.isPlain || " _-./+,=@".unicodeScalars.contains($0) }
    }

    /// A word of a shell without the quotes around it.
    fileprivate var unquoted: String {
        trimmingCharacters(in: CharacterSet(charactersIn: "\"'"))
    }
}

extension Unicode.Scalar {
    /// Whether it is a letter with its accents, or a digit.
    fileprivate var isPlain: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber:
            true
        default: false
        }
    }
}
