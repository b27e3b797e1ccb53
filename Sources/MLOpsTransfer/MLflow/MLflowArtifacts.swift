import Foundation

/// Finds the files of runs on this machine.
///
/// What a run says of its place is not trusted: only what is below one of the roots is read, after
/// links were followed, and no link below it is followed at all.
struct MLflowArtifacts: Sendable {
    private let roots: [String]
    /// What relative paths are relative to.
    private let base: URL

    /// The most files of a run that are taken.
    static let maximumFiles = 10_000

    init(roots: [URL], base: URL) {
        self.roots = roots.map { Self.real($0.path) }
        self.base = base
    }

    /// The path without links, as far as it exists.
    private static func real(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return URL(filePath: path).standardized.path }
        defer { free(real) }
        return String(cString: real)
    }

    /// The files at the place that a run names, by their path below it.
    func files(
        at place: String, experiment: String?, run: String, _ notes: inout ImportNotes
    ) -> [String: SourceArtifact] {
        guard let path = path(of: place) else {
            if !place.isEmpty {
                notes.leave(
                    "artifact URI", "it is not on this machine; the URI is kept", place)
            }
            return [:]
        }
        let candidates =
            [path]
            + roots.flatMap { root in
                [experiment.map { "\(root)/\($0)/\(run)/artifacts" }, "\(root)/\(run)/artifacts"]
                    .compactMap(\.self)
            }
        for candidate in candidates {
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: candidate, isDirectory: &isDirectory),
                isDirectory.boolValue
            else { continue }
            let real = Self.real(candidate)
            guard roots.contains(where: { real == $0 || real.hasPrefix($0 + "/") }) else {
                notes.leave(
                    "artifact URI",
                    "it is outside of the directories that may be read; the URI is kept",
                    candidate)
                continue
            }
            return Self.files(below: real, &notes)
        }
        return [:]
    }

    /// The path of a `file:` URI or of a plain path.
    private func path(of place: String) -> String? {
        if place.hasPrefix("file:") {
            let path = place.dropFirst(5)
            let plain = path.hasPrefix("///") ? String(path.dropFirst(2)) : String(path)
            guard plain.hasPrefix("/"), !plain.hasPrefix("//") else { return nil }
            return plain.removingPercentEncoding ?? plain
        }
        if place.contains(":") { return nil }
        return place.hasPrefix("/") ? place : base.appending(path: place).path
    }

    /// The regular files below a directory, without links.
    static func files(
        below directory: String, _ notes: inout ImportNotes
    ) -> [String: SourceArtifact] {
        var found: [String: SourceArtifact] = [:]
        guard
            let entries = FileManager.default.enumerator(
                at: URL(filePath: directory),
                includingPropertiesForKeys: [
                    .isRegularFileKey, .isSymbolicLinkKey,
                ], options: [])
        else {
            notes.leave("artifact URI", "it cannot be listed", directory)
            return found
        }
        let depth = URL(filePath: directory).pathComponents.count
        for case let entry as URL in entries {
            let name = entry.pathComponents.dropFirst(depth).joined(separator: "/")
            let values = try? entry.resourceValues(forKeys: [
                .isRegularFileKey, .isSymbolicLinkKey,
            ])
            if values?.isSymbolicLink == true {
                notes.leave("artifact", "it is a link", name)
                entries.skipDescendants()
            } else if values?.isRegularFile == true {
                guard found.count < maximumFiles else {
                    notes.leave("artifact", "the run has more than \(maximumFiles) files", name)
                    continue
                }
                found[name] = .file(entry)
            }
        }
        return found
    }
}
