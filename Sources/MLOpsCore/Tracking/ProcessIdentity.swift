import Foundation

/// Identifies a process on its host, also against a later one with the same number.
struct ProcessIdentity: Equatable {
    let number: Int32
    /// When it started, in the kernel's units; `nil` where the kernel does not report it.
    let start: String?
    /// The boot and the namespace of process numbers; `nil` where the kernel does not report them.
    ///
    /// They are needed because two containers may have the same host name.
    let namespace: String?

    enum Life { case alive, gone, unknown }

    static var current: ProcessIdentity {
        let number = ProcessInfo.processInfo.processIdentifier
        return ProcessIdentity(
            number: number, start: status(of: number).flatMap(start), namespace: currentNamespace)
    }

    /// Whether the process still exists, as far as this process can tell.
    var life: Life {
        guard namespace == Self.currentNamespace else { return .unknown }
        guard exists else { return .gone }
        guard let status = Self.status(of: number) else {
            // Hidden, as processes of other users are with `hidepid` (proc(5)).
            return start == nil ? .alive : exists ? .unknown : .gone
        }
        return start == Self.start(in: status) ? .alive : .gone
    }

    private var exists: Bool { kill(number, 0) == 0 || errno == EPERM }

    var json: JSONValue {
        [
            "id": .int(Int64(number)), "start": start.map(JSONValue.string) ?? .null,
            "namespace": namespace.map(JSONValue.string) ?? .null,
        ]
    }

    init?(json: JSONValue?) {
        guard let number = json?["id"]?.int.flatMap(Int32.init(exactly:)) else { return nil }
        self.init(
            number: number, start: json?["start"]?.string, namespace: json?["namespace"]?.string)
    }

    private init(number: Int32, start: String?, namespace: String?) {
        self.number = number
        self.start = start
        self.namespace = namespace
    }

    private static let currentNamespace: String? = {
        guard let boot = text("/proc/sys/kernel/random/boot_id"),
            let link = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/ns/pid")
        else { return nil }
        return "\(boot.prefix(36))/\(link)"
    }()

    /// The start time in clock ticks since the boot, field 22 of `/proc/<pid>/stat` (proc(5)).
    ///
    /// The second field may contain spaces and brackets, so fields are counted from the last
    /// bracket. A zombie (state Z), whose parent has not collected its status, counts as gone.
    private static func start(in status: String) -> String? {
        guard let bracket = status.lastIndex(of: ")") else { return nil }
        let fields = status[status.index(after: bracket)...].split(separator: " ")
        guard fields.count > 19, !["Z", "X"].contains(fields[0]) else { return nil }
        return String(fields[19])
    }

    private static func status(of number: Int32) -> String? { text("/proc/\(number)/stat") }

    private static func text(_ path: String) -> String? {
        // Files of /proc report no size, so they are read to the end.
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        return (try? handle.readToEnd()).flatMap { String(data: $0, encoding: .utf8) }
    }
}
