import Foundation

/// The checked-out commit, read from git's files, so that git need not be installed.
///
/// Whoever wrote a working directory wrote these files too. So they may name no file but those that
/// git keeps a commit in, and of what they hold nothing is recorded but the hash of a commit.
enum GitCommit {
    static func current(from directory: String) -> String? {
        var directory = URL(filePath: directory)
        while directory.path != "/" {
            let git = directory.appending(path: ".git")
            if FileManager.default.fileExists(atPath: git.path) {
                return commit(git).flatMap { isHash($0) ? $0 : nil }
            }
            directory.deleteLastPathComponent()
        }
        return nil
    }

    private static func commit(_ path: URL) -> String? {
        var git = path
        // In a worktree `.git` is a file that names the directory.
        if let pointer = text(git), let target = value(of: "gitdir: ", in: pointer) {
            git = URL(
                filePath: target, directoryHint: .isDirectory,
                relativeTo: git.deletingLastPathComponent())
        }
        guard let head = text(git.appending(path: "HEAD")) else { return nil }
        guard let reference = value(of: "ref: ", in: head) else { return trimmed(head) }
        guard isReference(reference) else { return nil }
        var common = git
        if let shared = text(git.appending(path: "commondir")) {
            common = URL(
                filePath: trimmed(shared), directoryHint: .isDirectory, relativeTo: git)
        }
        let file = common.appending(path: reference)
        // A link on the way, such as that of a shared `refs`, still ends at the reference's name.
        if file.resolvingSymlinksInPath().path.hasSuffix("/\(reference)"), let hash = text(file) {
            return trimmed(hash)
        }
        let packed = text(common.appending(path: "packed-refs")) ?? ""
        return packed.split(separator: "\n").first { $0.hasSuffix(" \(reference)") }
            .map { String($0.prefix { $0 != " " }) }
    }

    /// Whether a text is the hash of a commit: SHA-1 or SHA-256.
    private static func isHash(_ text: String) -> Bool {
        [40, 64].contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }

    /// Whether a text is the path of a reference below git's directory.
    private static func isReference(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count > 1 && parts[0] == "refs" && !text.utf8.contains(0)
            && parts.allSatisfy { !["", ".", ".."].contains($0) }
    }

    /// The largest file that is read; `packed-refs` has a line for each branch and tag.
    private static let maximumBytes = 16 << 20

    /// The text of a regular file that is no link.
    private static func text(_ url: URL) -> String? {
        // Without `O_NONBLOCK`, a FIFO would wait for a writer.
        let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        let descriptor = open(url.path, flags)
        guard descriptor >= 0 else { return nil }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= maximumBytes,
            let data = try? file.read(upToCount: maximumBytes)
        else { return nil }
        return String(data: data, encoding: .utf8)
    }

    private static func value(of key: String, in text: String) -> String? {
        text.hasPrefix(key) ? trimmed(String(text.dropFirst(key.count))) : nil
    }

    private static func trimmed(_ text: String) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
