import Foundation
import MLOpsCore

/// The place of a file below the artifact URI of a run or a logged model:
/// `EXPERIMENT/RUN/artifacts/PATH`, or `EXPERIMENT/models/MODEL/artifacts/PATH`.
struct MLflowArtifactPath {
    private let owner: String
    private let isModel: Bool
    /// The name of the file in its run, or of a directory; empty for the root.
    let name: String

    private static let invalid = MLflowError.invalid("Invalid path")

    /// - Throws: `MLflowError` for a path that leads elsewhere in any spelling, and for one that is
    ///   no place of an artifact.
    init(_ text: String) throws {
        let parts = try Self.parts(text)
        isModel = parts.count >= 4 && parts[1] == "models" && parts[3] == "artifacts"
        guard isModel || parts.count >= 3 && parts[2] == "artifacts" else {
            throw MLflowError.absent("No such artifact: '\(text)'")
        }
        owner = parts[isModel ? 2 : 1]
        name = parts.dropFirst(isModel ? 4 : 3).joined(separator: "/")
    }

    /// The name of a file in a run, below its root.
    static func name(_ text: String) throws -> String {
        try parts(text).joined(separator: "/")
    }

    /// The components of a path that stays where it begins.
    private static func parts(_ text: String) throws -> [String] {
        // A path that means another one after one more decoding is refused too.
        var decoded = text
        for _ in 0..<4 {
            guard !decoded.contains("\\"), !decoded.contains("\0") else { throw invalid }
            let path = decoded.hasSuffix("/") ? decoded.dropLast() : decoded[...]
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            guard path.isEmpty || parts.allSatisfy({ !["", ".", ".."].contains($0) }) else {
                throw invalid
            }
            guard let next = decoded.removingPercentEncoding, next != decoded else { break }
            decoded = next
        }
        return text.split(separator: "/").map(String.init)
    }

    /// The run or the logged model.
    func run(at site: MLflowSite) throws -> ExperimentRun {
        let run =
            isModel
            ? try site.loggedModel(owner)
            : try site.run(owner, deleted: .excluded)
        return run
    }
}

extension ExperimentRun {
    /// The files and directories directly below a name.
    func mlflowFiles(below name: String) -> [JSONValue] {
        let prefix = name.isEmpty ? "" : name + "/"
        var sizes: [String: Int64?] = [:]
        for (path, artifact) in artifacts where artifact.kind == .file && path.hasPrefix(prefix) {
            let rest = path.dropFirst(prefix.count)
            let first = String(rest.prefix { $0 != "/" })
            // A directory has no size.
            sizes[first] = .some(first.count == rest.count ? artifact.sizeBytes : nil)
        }
        return sizes.sorted { $0.key < $1.key }.map { path, size in
            var members: [String: JSONValue] = [
                "path": .string(path), "is_dir": .bool(size == nil),
            ]
            // As in theirs, an empty file has no size.
            if let size, size > 0 { members["file_size"] = .int(size) }
            return .object(members)
        }
    }
}
