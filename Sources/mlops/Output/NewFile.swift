import Foundation

/// Files that a command makes.
enum NewFile {
    /// Makes a new file.
    ///
    /// - Throws: `Failure` when it exists or cannot be made.
    static func create(_ path: String, mode: mode_t = 0o644) throws -> FileHandle {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            throw Failure(
                .cannotCreate,
                errno == EEXIST
                    ? "\(path) exists already; choose another name" : "\(path) cannot be created")
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
