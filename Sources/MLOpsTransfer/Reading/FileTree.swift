import Foundation

/// Lists directories without following links, also not where it begins: a source resolves the
/// directory that a person has named.
enum FileTree {
    /// The names in a directory, sorted; empty if it cannot be listed.
    static func names(in directory: URL) -> [String] {
        guard isDirectory(directory) else { return [] }
        return (try? FileManager.default.contentsOfDirectory(atPath: directory.path))?.sorted()
            ?? []
    }

    /// Whether a path is a directory, and no link to one.
    static func isDirectory(_ url: URL) -> Bool {
        var status = stat()
        return lstat(url.path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether a path is a regular file, and no link to one.
    static func isFile(_ url: URL) -> Bool {
        var status = stat()
        return lstat(url.path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// The regular files below a directory by their path below it, sorted; links are noted.
    static func files(
        below directory: URL, _ notes: inout ImportNotes
    ) -> [(name: String, file: URL)] {
        var found: [(String, URL)] = []
        var status = stat()
        if lstat(directory.path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK {
            notes.leave("directory", "it is a link", directory.lastPathComponent)
            return []
        }
        visit(directory, [], &found, &notes)
        return found
    }

    private static func visit(
        _ directory: URL, _ path: [String], _ found: inout [(String, URL)],
        _ notes: inout ImportNotes
    ) {
        let name = path.joined(separator: "/")
        guard path.count <= 32 else {
            notes.leave("directory", "it has more than 32 levels", name)
            return
        }
        for entry in names(in: directory) {
            let url = directory.appending(path: entry)
            let full = path + [entry]
            if isDirectory(url) {
                visit(url, full, &found, &notes)
            } else if isFile(url) {
                found.append((full.joined(separator: "/"), url))
            } else {
                notes.leave(
                    "file", "it is a link, or no regular file", full.joined(separator: "/"))
            }
        }
    }

    /// The text of a small file.
    ///
    /// - Throws: ``ImportSourceError`` when it is missing, too large, or not UTF-8.
    static func text(of file: URL, limit: Int = 1 << 20) throws -> String {
        guard isFile(file) else {
            throw ImportSourceError(.missing, "\(file.path) is not a file.")
        }
        let data = try ByteReader(file).read(at: 0, count: limit + 1)
        guard data.count <= limit else {
            throw ImportSourceError(.damaged, "\(file.path) is larger than \(limit) bytes.")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw ImportSourceError(.damaged, "\(file.path) is not UTF-8.")
        }
        return text
    }
}
