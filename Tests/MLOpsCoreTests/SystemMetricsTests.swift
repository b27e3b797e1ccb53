import Foundation
import Testing

@testable import MLOpsCore

/// The metrics of the machine.
@Suite struct SystemMetricsTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func theTextsOfTheKernelAreRead() throws {
        let stat = "cpu  100 0 50 800 50 0 0 0 30 0\ncpu0 1 2 3 4\n"
        let cpu = try #require(SystemCounters.cpu(in: stat))
        #expect(cpu.total == 1000 && cpu.busy == 150)
        let memory = try #require(
            SystemCounters.memory(in: "MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 400 kB\n"))
        #expect(memory.used == 600 * 1024 && memory.total == 1000 * 1024)
        #expect(SystemCounters.processMemory(in: "10 7 3 1 0 2 0\n", pageSize: 4096) == 28_672)
        let disks = """
               8       0 sda 10 0 100 5 20 0 200 5 0 1 1
               8       1 sda1 10 0 100 5 20 0 200 5 0 1 1
             253       0 dm-0 10 0 100 5 20 0 200 5 0 1 1
            """
        let disk = try #require(SystemCounters.disk(in: disks, of: ["sda"]))
        #expect(disk.read == 51_200 && disk.written == 102_400)
        let cards = """
            Inter-|   Receive                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes packets
                lo: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0
              eth0:100 1 0 0 0 0 0 0 200 1 0 0 0 0 0 0
              veth1: 7 1 0 0 0 0 0 0 9 1 0 0 0 0 0 0
            """
        let card = try #require(SystemCounters.network(in: cards, of: ["eth0"]))
        #expect(card.received == 100 && card.sent == 200)
        let all = try #require(SystemCounters.network(in: cards, of: []))
        #expect(all.received == 107 && all.sent == 209)
    }

    @Test(arguments: ["", "cpu", "cpu x y z", "MemTotal: kB", "a:b", "x 2 sda", "\0\u{FFFD}"])
    func otherTextsSayNothing(text: String) {
        #expect(SystemCounters.cpu(in: text) == nil && SystemCounters.memory(in: text) == nil)
        #expect(SystemCounters.processMemory(in: text, pageSize: 1) == nil)
        #expect(SystemCounters.disk(in: text, of: ["sda"]) == nil)
        #expect(SystemCounters.network(in: text, of: []) == nil)
    }

    @Test func ratesNeedTwoSamples() {
        var (before, now) = (SystemCounters(), SystemCounters())
        before.cpu = (1000, 100)
        before.disk = (100, 100)
        before.network = (500, 0)
        now.cpu = (1100, 150)
        now.disk = (300, 50)
        now.network = (500, 10)
        #expect(now.values(since: nil, seconds: 0).isEmpty)
        let values = Dictionary(uniqueKeysWithValues: now.values(since: before, seconds: 2))
        // The counter of what was written went back.
        #expect(
            values == [
                "system/cpu_percent": 50, "system/disk_read_bytes_per_second": 100,
                "system/network_received_bytes_per_second": 0,
                "system/network_sent_bytes_per_second": 5,
            ])
    }

    @Test(.timeLimit(.minutes(5))) func theMachineIsLoggedUntilTheEnd() async throws {
        let workspace = try await SQLiteStore.inMemory().localWorkspace()
        var options = TrackingOptions()
        options.systemMetrics = .milliseconds(1)
        options.flushInterval = .milliseconds(50)
        let run = try await workspace.startRun(project: "p", experiment: "e", options: options)
        var expected = ["system/process_cpu_percent", "system/disk_free_bytes"]
        #if os(Linux)
            expected += [
                "system/cpu_percent", "system/memory_bytes", "system/process_memory_bytes",
            ]
        #endif
        while true {
            let metrics = try await workspace.runs.find(run.id).metrics
            if expected.allSatisfy({ metrics[$0]?.count ?? 0 >= 2 }) { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        run.log("loss", 1, step: 1)
        try await run.finish()
        let ended = try await workspace.runs.find(run.id)
        try await Task.sleep(for: .milliseconds(300))
        let later = try await workspace.runs.find(run.id)
        #expect(later.metrics == ended.metrics)
        // The end refuses none, and warns of none.
        #expect(run.refusedPoints == 0)
        #expect(ended.metrics.values.allSatisfy { $0.min >= 0 })
    }

    /// A logger that is let go ends its run, and the timer does not keep it.
    @Test(.timeLimit(.minutes(5))) func theTimerKeepsNoLogger() async throws {
        let workspace = try await SQLiteStore.inMemory().localWorkspace()
        var options = TrackingOptions()
        options.systemMetrics = .milliseconds(100)
        let id = try await workspace.startRun(
            project: "p", experiment: "e", options: options
        ).id
        while try await workspace.runs.find(id).status == .running {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    // MARK: NVIDIA's library

    #if os(Linux)
        /// A library with the functions of NVIDIA's, built for the test.
        private func library(_ source: String) async throws -> String {
            let (file, library) = (scratch.path("nvml.c"), scratch.path("libnvidia-ml.so.1"))
            try Data(source.utf8).write(to: URL(filePath: file))
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["cc", "-shared", "-fPIC", "-o", library, file]
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
            return library
        }

        private static let devices = """
            static int running;
            int nvmlInit_v2(void) { running++; return 0; }
            int nvmlShutdown(void) { running--; return 0; }
            int nvmlDeviceGetCount_v2(unsigned *count) { *count = 3; return 0; }
            int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) {
                static char devices[3];
                *device = &devices[index];
                return index == 1 ? 15 : 0;
            }
            int nvmlDeviceGetUtilizationRates(void *device, unsigned *rates) {
                rates[0] = 87; rates[1] = 5;
                return 0;
            }
            int nvmlDeviceGetMemoryInfo(void *device, unsigned long long *memory) {
                memory[0] = 80000000000; memory[1] = 20000000000; memory[2] = 60000000000;
                return 0;
            }
            int nvmlDeviceGetPowerUsage(void *device, unsigned *power) {
                *power = 250500;
                return 0;
            }
            int nvmlDeviceGetTemperature(void *device, unsigned sensor, unsigned *degrees) {
                *degrees = 61;
                return sensor == 0 ? 3 : 0;
            }
            """

        @Test func devicesAreReadThroughTheLibrary() async throws {
            let path = try await library(Self.devices)
            let values = try #require(NVIDIALibrary(path)).values()
            let found = Dictionary(uniqueKeysWithValues: values)
            var expected: [String: Double] = [:]
            // The device 1 is lost, and none has a sensor of its temperature.
            for index in [0, 2] {
                expected["system/gpu_\(index)_percent"] = 87
                expected["system/gpu_\(index)_memory_bytes"] = 60_000_000_000
                expected["system/gpu_\(index)_power_watts"] = 250.5
            }
            #expect(found == expected)
        }

        @Test(arguments: [
            "int nvmlInit_v2(void) { return 9; }", "int other(void) { return 0; }",
            """
            int nvmlInit_v2(void) { return 0; }
            int nvmlDeviceGetCount_v2(unsigned *count) { return 999; }
            int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) { return 999; }
            """,
        ]) func aLibraryThatDoesNotStartIsLeftOut(source: String) async throws {
            #expect(NVIDIALibrary(try await library(source)) == nil)
            #expect(NVIDIALibrary(scratch.path("missing.so")) == nil)
        }
    #endif
}
