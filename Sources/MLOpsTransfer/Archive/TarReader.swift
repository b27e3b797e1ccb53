import CArchive
import Foundation

/// Reads the regular files of a tar, one after another; nothing in it is trusted.
final class TarReader {
    private let archive: OpaquePointer
    /// The entry that is being read, for messages.
    private(set) var name = "its beginning"

    /// Opens a tar, plain or compressed by gzip, at its beginning.
    ///
    /// - Parameter descriptor: An open file, whose position is changed.
    /// - Throws: ``ImportSourceError``.
    init(_ descriptor: Int32) throws {
        guard let archive = archive_read_new() else {
            throw ImportSourceError(.unreadable, "libarchive has no memory.")
        }
        self.archive = archive
        archive_read_support_format_tar(archive)
        archive_read_support_filter_gzip(archive)
        guard lseek(descriptor, 0, SEEK_SET) == 0,
            archive_read_open_fd(archive, descriptor, 1 << 16) == ARCHIVE_OK
        else {
            throw ImportSourceError(.anotherKind, "The file is not an archive of a project.")
        }
    }

    deinit { archive_read_free(archive) }

    /// The name and size of the next file; `nil` at the end.
    ///
    /// - Throws: ``ImportSourceError``, also for what is no regular file, such as a link.
    func next() throws -> (name: String, size: Int64)? {
        var entry: OpaquePointer?
        let previous = name
        switch archive_read_next_header(archive, &entry) {
        case ARCHIVE_OK: break
        case ARCHIVE_EOF: return nil
        default: throw ImportSourceError.damaged(previous, "or what follows it cannot be read")
        }
        guard let entry, let path = archive_entry_pathname(entry),
            let name = String(validatingCString: path)
        else { throw ImportSourceError.damaged(previous, "is followed by a file without a name") }
        self.name = name.debugDescription
        guard archive_entry_filetype(entry) == carchive_regular,
            archive_entry_hardlink(entry) == nil, archive_entry_symlink(entry) == nil,
            archive_entry_size_is_set(entry) != 0
        else { throw ImportSourceError.damaged(self.name, "is not a regular file") }
        return (name, archive_entry_size(entry))
    }

    /// Hands the bytes of the current file over, a piece at a time.
    func read(_ body: (Data) throws -> Void) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = archive_read_data(archive, &buffer, buffer.count)
            if count == 0 { return }
            guard count > 0 else { throw ImportSourceError.damaged(name, "cannot be read whole") }
            try body(Data(buffer[..<count]))
        }
    }
}
