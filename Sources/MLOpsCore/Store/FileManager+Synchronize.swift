import Foundation

extension FileManager {
    /// Flushes the directory of a file to the disk, and with it the file's name.
    func synchronizeDirectory(of path: String) {
        synchronize(directory: URL(filePath: path).deletingLastPathComponent().path)
    }

    /// Flushes the names in a directory to the disk.
    ///
    /// Errors are ignored, because some file systems cannot flush a directory.
    func synchronize(directory path: String) {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }
}
