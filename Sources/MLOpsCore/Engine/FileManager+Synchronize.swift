import Foundation

extension FileManager {
    /// Flushes the directory of a file to the disk, and with it the file's name.
    ///
    /// Errors are ignored, because some file systems cannot flush a directory.
    func synchronizeDirectory(of path: String) {
        let directory = open(URL(filePath: path).deletingLastPathComponent().path, O_RDONLY)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }
}
