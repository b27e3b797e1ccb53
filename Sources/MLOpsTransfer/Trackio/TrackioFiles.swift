import Foundation

/// The files of one of Trackio's projects, which are beside its database.
///
/// What a row says of a place is not trusted: only regular files below `media` and `artifacts` are
/// read.
struct TrackioFiles: Sendable {
    private let directory: URL
    private let project: String

    init(beside database: URL) {
        directory = database.deletingLastPathComponent()
        project = database.deletingPathExtension().lastPathComponent
    }

    /// A picture, sound or other file that was logged with a step.
    func media(_ path: String) -> URL? { file(path, below: directory.appending(path: "media")) }

    /// A file of an artifact, which is named by its SHA-256.
    func artifact(_ digest: String) -> URL? {
        guard digest.utf8.count == 64, digest.allSatisfy(\.isHexDigit) else { return nil }
        let place = directory.appending(path: "artifacts/\(project)/blobs/sha256")
        return file("\(digest.prefix(2))/\(digest)", below: place)
    }

    private func file(_ path: String, below root: URL) -> URL? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }),
            !path.utf8.contains(0)
        else { return nil }
        var place = root
        for part in parts {
            guard FileTree.isDirectory(place) else { return nil }
            place.append(path: String(part))
        }
        return FileTree.isFile(place) ? place : nil
    }
}
