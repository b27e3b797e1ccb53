import Foundation

extension FileManager {
    /// Gives a file another name, which must be free; the reason of a failure is in `errno`.
    ///
    /// It keeps its first name where the file system has hard links. On others it is moved, and
    /// then another program may take the name in between.
    func link(_ path: String, as name: String) -> Bool {
        if Foundation.link(path, name) == 0 { return true }
        guard [EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(errno) else { return false }
        var status = stat()
        if lstat(name, &status) == 0 {
            errno = EEXIST
            return false
        }
        return rename(path, name) == 0
    }
}
