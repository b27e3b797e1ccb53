import Foundation

/// Who may read and write the files that a store makes.
public enum FileAccess: Sendable, Hashable {
    /// The user alone: files 0600, directories 0700.
    case owner
    /// The user and the group of the files: 0660 and 0770.
    case group

    var ofFiles: mode_t { self == .owner ? 0o600 : 0o660 }
    private var ofDirectories: mode_t { self == .owner ? 0o700 : 0o770 }

    /// Makes an empty file.
    ///
    /// The mask of the process does not apply, which would take rights from the group.
    ///
    /// - Returns: A descriptor that may write; `nil`, with the reason in `errno`, when the file
    ///   exists or cannot be made.
    func makeFile(_ path: String) -> Int32? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, ofFiles)
        guard descriptor >= 0 else { return nil }
        fchmod(descriptor, ofFiles)
        return descriptor
    }

    /// Makes a directory and those above it, unless it exists.
    ///
    /// Its name is flushed to the disk, as what is put into it will be.
    func makeDirectory(_ directory: URL) throws {
        let isThere = FileManager.default.fileExists(atPath: directory.path)
        if isThere { return }
        try makeDirectory(directory.deletingLastPathComponent())
        if mkdir(directory.path, ofDirectories) == 0 {
            chmod(directory.path, ofDirectories)
            FileManager.default.synchronizeDirectory(of: directory.path)
        } else if errno != EEXIST {
            throw POSIXError.last
        }
    }
}

extension POSIXError {
    /// The error of the last system call of this thread.
    static var last: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
