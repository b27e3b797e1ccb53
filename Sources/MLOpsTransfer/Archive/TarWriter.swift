import CArchive
import Foundation
import MLOpsCore

/// Writes a tar of regular files, the same bytes for the same content.
///
/// No time, owner or name of a user of this machine gets into it.
final class TarWriter {
    private let archive: OpaquePointer
    private let descriptor: Int32

    /// Makes a file that only its owner reads and writes.
    ///
    /// - Throws: `.diskFull`, `.inputOutput`.
    init(_ file: URL, isCompressed: Bool) throws {
        guard let archive = archive_write_new() else {
            throw StoreError(.inputOutput, "libarchive has no memory.")
        }
        self.archive = archive
        descriptor = open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ScratchFile.failure(errno) }
        // The extended form is used only where the plain one has no room.
        try check(archive_write_set_format_pax_restricted(archive))
        if isCompressed {
            try check(archive_write_add_filter_gzip(archive))
            try check(archive_write_set_filter_option(archive, "gzip", "timestamp", nil))
        }
        try check(archive_write_open_fd(archive, descriptor))
    }

    deinit {
        archive_write_free(archive)
        close(descriptor)
    }

    /// Adds a file.
    ///
    /// - Parameter pieces: Calls its argument with each piece, of this size in all.
    /// - Throws: `.diskFull`, `.inputOutput`; what the pieces throw.
    func add(
        _ name: String, size: Int64, pieces: ((Data) throws -> Void) throws -> Void
    ) throws {
        guard let entry = archive_entry_new() else {
            throw StoreError(.inputOutput, "libarchive has no memory.")
        }
        defer { archive_entry_free(entry) }
        archive_entry_set_pathname(entry, name)
        archive_entry_set_size(entry, size)
        archive_entry_set_filetype(entry, UInt32(carchive_regular))
        archive_entry_set_perm(entry, 0o600)
        archive_entry_set_mtime(entry, 0, 0)
        try check(archive_write_header(archive, entry))
        try pieces { data in
            // It writes no more than the size says.
            let written = data.withUnsafeBytes {
                archive_write_data(archive, $0.baseAddress, $0.count)
            }
            guard written == data.count else { throw failure() }
        }
        try check(archive_write_finish_entry(archive))
    }

    /// Writes the end, and returns when everything is on the disk.
    func finish() throws {
        try check(archive_write_close(archive))
        guard fsync(descriptor) == 0 else { throw ScratchFile.failure(errno) }
    }

    private func check(_ code: Int32) throws {
        guard code == ARCHIVE_OK else { throw failure() }
    }

    private func failure() -> StoreError { ScratchFile.failure(archive_errno(archive)) }
}
