import Foundation

/// What the kernel has counted since the machine started, and what is in use now.
///
/// The texts of `/proc` are read by proc(5); what is absent or unreadable is left out.
struct SystemCounters: Sendable {
    /// The time of all processors, in ticks, and the part of it that was work.
    var cpu: (total: Double, busy: Double)?
    /// The processor time of this process, in seconds.
    var processSeconds: Double?
    /// The memory of the machine that is in use, in bytes, and all of it.
    var memory: (used: Double, total: Double)?
    /// The memory of this process, in bytes.
    var processMemory: Double?
    /// The bytes read from and written to disks.
    var disk: (read: Double, written: Double)?
    /// The free bytes of the file system of the working directory.
    var diskFree: Double?
    /// The bytes received from and sent to the network.
    var network: (received: Double, sent: Double)?

    /// The metrics that follow from these counters and from earlier ones.
    ///
    /// Rates are averages over the time between the two; a counter that went back gives none.
    func values(since earlier: SystemCounters?, seconds: Double) -> [(name: String, value: Double)]
    {
        var values: [(String, Double)] = []
        func add(_ name: String, _ value: Double?) {
            if let value, value.isFinite { values.append((SystemMetricName.prefix + name, value)) }
        }
        func rate(_ now: Double?, _ before: Double?) -> Double? {
            guard let now, let before, now >= before, seconds > 0 else { return nil }
            return (now - before) / seconds
        }
        if let cpu, let before = earlier?.cpu, cpu.total > before.total {
            let busy = (cpu.busy - before.busy) / (cpu.total - before.total)
            add("cpu_percent", min(100, max(0, 100 * busy)))
        }
        add("process_cpu_percent", rate(processSeconds, earlier?.processSeconds).map { 100 * $0 })
        add("memory_bytes", memory?.used)
        add("memory_percent", memory.map { 100 * $0.used / $0.total })
        add("process_memory_bytes", processMemory)
        add("disk_read_bytes_per_second", rate(disk?.read, earlier?.disk?.read))
        add("disk_written_bytes_per_second", rate(disk?.written, earlier?.disk?.written))
        add("disk_free_bytes", diskFree)
        add(
            "network_received_bytes_per_second", rate(network?.received, earlier?.network?.received)
        )
        add("network_sent_bytes_per_second", rate(network?.sent, earlier?.network?.sent))
        return values
    }

    /// The counters of now.
    static func now() -> SystemCounters {
        var counters = SystemCounters()
        // POSIX defines a million ticks a second.
        counters.processSeconds = Double(clock()) / 1_000_000
        let attributes = try? FileManager.default.attributesOfFileSystem(
            forPath: FileManager.default.currentDirectoryPath)
        counters.diskFree = (attributes?[.systemFreeSize] as? NSNumber)?.doubleValue
        #if os(Linux)
            counters.cpu = text("/proc/stat").flatMap(cpu(in:))
            counters.memory = text("/proc/meminfo").flatMap(memory(in:))
            counters.processMemory = text("/proc/self/statm").flatMap {
                processMemory(in: $0, pageSize: Double(sysconf(Int32(_SC_PAGESIZE))))
            }
            let (disks, cards) = (devices("/sys/block"), devices("/sys/class/net"))
            counters.disk = text("/proc/diskstats").flatMap { disk(in: $0, of: disks) }
            counters.network = text("/proc/net/dev").flatMap { network(in: $0, of: cards) }
        #endif
        return counters
    }

    // MARK: Texts of the kernel

    private static func text(_ path: String) -> String? {
        // Such files have no size before they are read.
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The entries of a directory that are hardware, not made of others.
    private static func devices(_ directory: String) -> Set<String> {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return Set(
            names.filter { FileManager.default.fileExists(atPath: "\(directory)/\($0)/device") })
    }

    private static func numbers(_ line: some StringProtocol) -> [Double] {
        line.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    }

    /// The first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal.
    static func cpu(in text: String) -> (total: Double, busy: Double)? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("cpu ") })
        else { return nil }
        // The times of guests are part of user and nice.
        let ticks = numbers(line.dropFirst(4)).prefix(8)
        guard ticks.count >= 4 else { return nil }
        let total = ticks.reduce(0, +)
        return (total, total - ticks[3] - (ticks.count > 4 ? ticks[4] : 0))
    }

    /// The lines `MemTotal` and `MemAvailable` of `/proc/meminfo`, in KiB.
    static func memory(in text: String) -> (used: Double, total: Double)? {
        func value(_ key: String) -> Double? {
            text.split(separator: "\n").first { $0.hasPrefix(key) }
                .flatMap { numbers($0.dropFirst(key.count)).first.map { $0 * 1024 } }
        }
        guard let total = value("MemTotal:"), let available = value("MemAvailable:"), total > 0
        else { return nil }
        return (max(0, total - available), total)
    }

    /// The second number of `/proc/self/statm`, in pages.
    static func processMemory(in text: String, pageSize: Double) -> Double? {
        let pages = numbers(text)
        return pages.count > 1 ? pages[1] * pageSize : nil
    }

    /// The sixth and the tenth field of `/proc/diskstats`, in sectors of 512 bytes.
    static func disk(in text: String, of devices: Set<String>) -> (read: Double, written: Double)? {
        var (read, written, isKnown) = (0.0, 0.0, false)
        for line in text.split(separator: "\n") {
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard fields.count >= 10, devices.contains(String(fields[2])),
                let sectorsRead = Double(fields[5]), let sectorsWritten = Double(fields[9])
            else { continue }
            read += sectorsRead * 512
            written += sectorsWritten * 512
            isKnown = true
        }
        return isKnown ? (read, written) : nil
    }

    /// The first and the ninth number of each line of `/proc/net/dev`.
    ///
    /// Without hardware, as in a container, every interface but the loopback counts.
    static func network(
        in text: String, of devices: Set<String>
    ) -> (received: Double, sent: Double)? {
        var (received, sent, isKnown) = (0.0, 0.0, false)
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].trimmingCharacters(in: .whitespaces)
            guard devices.isEmpty ? name != "lo" : devices.contains(name) else { continue }
            let bytes = numbers(line[line.index(after: colon)...])
            guard bytes.count >= 9 else { continue }
            received += bytes[0]
            sent += bytes[8]
            isKnown = true
        }
        return isKnown ? (received, sent) : nil
    }
}
