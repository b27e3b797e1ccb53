import Foundation

/// The address of a version's file or directory that the store keeps, in `artifact_uri`:
/// `sha256:HASH`, and after `#` the name that the run gave it, percent-encoded.
struct ArtifactAddress: Equatable {
    /// The SHA-256.
    let sha256: String
    /// The name in the run; several names may have the same bytes.
    let name: String?

    private static let scheme = "sha256:"
    private static let plain = CharacterSet(
        charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/")

    init(sha256: String, name: String?) {
        (self.sha256, self.name) = (sha256, name)
    }

    /// Reads an address; `nil` for any other text.
    init?(_ uri: String) {
        guard Self.isOne(uri) else { return nil }
        let parts = uri.dropFirst(Self.scheme.count).split(
            separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        guard let hash = parts.first.map(String.init), hash.isSHA256 else { return nil }
        sha256 = hash
        guard parts.count == 2 else {
            name = nil
            return
        }
        guard let decoded = parts[1].removingPercentEncoding else { return nil }
        name = decoded
    }

    /// Whether a URI claims that the store keeps the artifact, whatever follows.
    static func isOne(_ uri: String) -> Bool { uri.lowercased().hasPrefix(scheme) }

    var uri: String {
        let fragment = name.flatMap { $0.addingPercentEncoding(withAllowedCharacters: Self.plain) }
        return Self.scheme + sha256 + (fragment.map { "#\($0)" } ?? "")
    }

    /// The artifact of a run that it names, with its name there.
    func artifact(in run: ExperimentRun) -> (artifact: Artifact, name: String)? {
        if let name, let artifact = run.artifacts[name], isOf(artifact) { return (artifact, name) }
        return run.artifacts.filter { isOf($0.value) }.min { $0.key < $1.key }
            .map { ($0.value, $0.key) }
    }

    private func isOf(_ artifact: Artifact) -> Bool {
        artifact.sha256 == sha256 && artifact.kind.isOfAVersion
    }
}

extension Artifact.Kind {
    /// Whether such an artifact can be that of a version: its hash leads to all of it.
    var isOfAVersion: Bool { self == .file || self == .directory }
}
