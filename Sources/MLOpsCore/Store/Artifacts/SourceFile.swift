import Foundation

/// A file or directory, open for reading.
///
/// Its kind is asked of the open descriptor, not of the path, which may lead elsewhere by then.
final class SourceFile {
    let kind: Artifact.Kind
    private let descriptor: Int32
    /// The path in messages.
    private let path: String

    /// Opens what a path leads to, through links.
    ///
    /// - Throws: `.inputOutput`; `.invalidValue` for a device, FIFO or socket, and for a file of an
    ///   open database.
    convenience init(_ path: String) throws {
        try self.init(path, at: AT_FDCWD, isLinkFollowed: true, shown: path)
    }

    /// Opens an entry of a directory.
    ///
    /// - Throws: As ``init(_:)`` does; `.invalidValue` for a link.
    convenience init(_ name: String, in directory: SourceFile) throws {
        try self.init(
            name, at: directory.descriptor, isLinkFollowed: false,
            shown: "\(directory.path)/\(name)")
    }

    private init(
        _ name: String, at directory: Int32, isLinkFollowed: Bool, shown path: String
    ) throws {
        var status = stat()
        // Asked first as well: opening a device may act on it, and whoever opens and closes a
        // database drops its locks.
        guard fstatat(directory, name, &status, isLinkFollowed ? 0 : AT_SYMLINK_NOFOLLOW) == 0
        else { throw Self.unreadable(path, errno) }
        _ = try Self.kind(of: status, path)
        try OpenDatabases.shared.check(FileIdentity(status), at: path)
        // Without `O_NONBLOCK`, a FIFO that has taken the name would wait for a writer.
        let descriptor = openat(
            directory, name,
            O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (isLinkFollowed ? 0 : O_NOFOLLOW))
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            throw Self.unreadable(path, errno)
        }
        // A database that has taken the name stays open, for the sake of its locks.
        try OpenDatabases.shared.check(FileIdentity(status), at: path)
        do {
            kind = try Self.kind(of: status, path)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    private static func kind(of status: stat, _ path: String) throws -> Artifact.Kind {
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        case S_IFLNK:
            throw StoreError(
                .invalidValue,
                "\(path) is a link inside a directory; replace it with what it leads to "
                    + "(`cp -RL` copies a directory so).")
        default:
            throw StoreError(
                .invalidValue, "\(path) is a device, FIFO or socket, not a file or directory.")
        }
    }

    private static func unreadable(_ path: String, _ code: Int32) -> StoreError {
        StoreError(.inputOutput, "\(path) cannot be read: \(String(cString: strerror(code))).")
    }

    /// Reads the bytes of a file, a piece at a time.
    func read(_ body: (Data) throws -> Void) throws {
        let input = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        while true {
            let chunk: Data?
            do {
                chunk = try input.read(upToCount: 1 << 20)
            } catch {
                throw StoreError(
                    .inputOutput, "\(path) cannot be read: \(error.localizedDescription)")
            }
            guard let chunk, !chunk.isEmpty else { return }
            try body(chunk)
        }
    }

    /// The names in a directory.
    ///
    /// - Throws: `.inputOutput`; `.invalidValue` for a name that is no UTF-8.
    func names() throws -> [String] {
        // A descriptor of its own, which the listing takes over.
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw Self.unreadable(path, errno) }
        guard let listing = fdopendir(copy) else {
            defer { close(copy) }
            throw Self.unreadable(path, errno)
        }
        defer { closedir(listing) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(listing) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                String(validatingCString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            guard let name else {
                throw StoreError(
                    .invalidValue, "A name in \(path) is no UTF-8; rename the file.")
            }
            if name != "." && name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw Self.unreadable(path, errno) }
        return names
    }
}
