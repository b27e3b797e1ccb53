import Foundation
import MLOpsCore

/// A file of rows that is being written, and that only the user reads.
final class ScratchFile {
    private let descriptor: Int32

    /// Makes the file, in place of an earlier one.
    ///
    /// - Throws: `.diskFull`, `.inputOutput`.
    init(_ file: URL) throws {
        descriptor = open(file.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(errno) }
    }

    deinit { close(descriptor) }

    /// Adds bytes.
    func write(_ data: Data) throws {
        try data.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Foundation.write(
                    descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                guard count >= 0 || errno == EINTR else { throw Self.failure(errno) }
                rest = rest.dropFirst(max(0, count))
            }
        }
    }

    /// Makes a directory that only the user reads.
    static func makeDirectory(_ directory: URL) throws {
        guard mkdir(directory.path, 0o700) == 0 else { throw failure(errno) }
    }

    /// The error of a system call that writes.
    ///
    /// A user or a file may have less room than the disk.
    static func failure(_ code: Int32) -> StoreError {
        StoreError(
            [ENOSPC, EDQUOT, EFBIG].contains(code) ? .diskFull : .inputOutput,
            "The archive cannot be written: \(String(cString: strerror(code))).")
    }
}
