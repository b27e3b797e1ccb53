import Foundation

/// What tells one process from every other on its host, also from a later one of the same number.
struct ProcessIdentity: Equatable {
    let number: Int32
    /// When it started, in the kernel's own units; `nil` where the kernel does not tell.
    let start: String?
    /// Where the number means something: the boot and the namespace of process numbers, since two
    /// containers may have one host name; `nil` where the kernel does not tell.
    let namespace: String?

    enum Life { case alive, gone, unknown }

    static var current: ProcessIdentity {
        let number = ProcessInfo.processInfo.processIdentifier
        return ProcessIdentity(
            number: number, start: start(of: number), namespace: currentNamespace)
    }

    /// Whether this process still exists, as far as it can be told from here.
    var life: Life {
        guard namespace == Self.currentNamespace else { return .unknown }
        guard kill(number, 0) == 0 || errno == EPERM else { return .gone }
        return start == Self.start(of: number) ? .alive : .gone
    }

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

    /// Clock ticks since the boot, field 22 of `/proc/<pid>/stat` (proc(5)).
    ///
    /// The second field may hold spaces and brackets, so fields count from the last bracket. A
    /// process that has ended and that its parent has not looked at (state Z) is no more.
    private static func start(of number: Int32) -> String? {
        guard let stat = text("/proc/\(number)/stat"), let bracket = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[stat.index(after: bracket)...].split(separator: " ")
        guard fields.count > 19, !["Z", "X"].contains(fields[0]) else { return nil }
        return String(fields[19])
    }

    private static func text(_ path: String) -> String? {
        // Files of /proc have no size; they have to be read to their end.
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        return (try? handle.readToEnd()).flatMap { String(data: $0, encoding: .utf8) }
    }
}
