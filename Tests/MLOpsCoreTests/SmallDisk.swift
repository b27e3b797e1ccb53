import Foundation

/// A way to limit a process to writing 4 MiB.
enum SmallDisk: CaseIterable {
    /// A file system that only the process sees, and that is removed with it.
    case fileSystem
    /// The process's limit on the size of each file, which needs no permission.
    case fileLimit

    /// The ways that work on this machine; a container may not mount.
    static let available = mayMount ? allCases : [.fileLimit]

    private static let mayMount: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            SmallDisk.fileSystem.wrapper(FileManager.default.temporaryDirectory.path) + ["true"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// Whether an image of a file system can be made and mounted.
    static let mayMountImages =
        geteuid() == 0 && mayMount
        && FileManager.default.isReadableFile(atPath: "/dev/loop-control")
        && FileManager.default.isExecutableFile(atPath: "/usr/sbin/mkfs.ext4")

    /// The command that runs the following command with a small disk in a folder.
    func wrapper(_ folder: String) -> [String] {
        switch self {
        case .fileSystem:
            let script = "mount -t tmpfs -o size=4m none \"$0\" && exec \"$@\""
            return ["unshare", geteuid() == 0 ? "-m" : "-rm", "sh", "-c", script, folder]
        case .fileLimit:
            // In blocks of 512 bytes; with its signal ignored, a write beyond the limit is an
            // error.
            return ["sh", "-c", "trap '' XFSZ && ulimit -f 8192 && exec \"$@\"", "sh"]
        }
    }
}
