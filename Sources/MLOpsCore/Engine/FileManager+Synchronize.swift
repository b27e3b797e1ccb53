import Foundation

extension FileManager {
    /// Returns when a file's name is on the disk: it is only when its directory is.
    ///
    /// A file system that cannot tell is taken at its word.
    func synchronizeDirectory(of path: String) {
        let directory = open(URL(filePath: path).deletingLastPathComponent().path, O_RDONLY)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }
}
