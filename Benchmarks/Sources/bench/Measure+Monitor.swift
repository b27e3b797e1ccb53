import Foundation
import MLOpsCore
import MLOpsOperations

/// The cases of a deployment's monitor, of 50 metrics.
extension Measure {
    private static let names = (0..<50).map { "latency_of_route_\($0)_ms" }

    private func monitor(
        _ store: some Store, _ detector: DriftDetector? = nil
    ) async throws -> DeploymentMonitor {
        let workspace = try await store.localWorkspace()
        let deployment = try await workspace.write { tx in
            let project = try tx.projects.insert(Project(name: "monitored"))
            let model = try tx.models.insert(Model(project: project.id, name: "model"))
            let version = try tx.modelVersions.insert(ModelVersion(model: model.id, version: "1"))
            return try tx.deployments.deploy(
                Deployment(
                    project: project.id, modelVersion: version.id, name: "api",
                    environment: .production))
        }
        return DeploymentMonitor(of: deployment.id, in: workspace, detector: detector)
    }

    /// Values as unlike each other as latencies are.
    private static func value(_ index: Int) -> Double {
        Double((index &* 2_654_435_761) & 0xFFFFF) / 1000
    }

    /// Microseconds of a call, the clock's own time included, and records a second of threads.
    func monitorCost(_ store: some Store) async throws -> [String: Figure] {
        let numbers = (0..<1000).map(Self.value)
        let monitor = try await monitor(
            store,
            DriftDetector(
                profile: ReferenceProfile(of: (0..<20).map { ("feature_\($0)", .numeric(numbers)) })
            ))
        let row = Dictionary(uniqueKeysWithValues: (0..<20).map { ("feature_\($0)", 0.5) })
        let handles = Self.names.map { monitor.metric($0) }
        var figures: [String: Figure] = [:]
        func time(_ title: String, _ call: (Int) -> Void) {
            var times = [UInt64](repeating: 0, count: count)
            for index in 0..<count {
                let start = DispatchTime.now().uptimeNanoseconds
                call(index)
                times[index] = DispatchTime.now().uptimeNanoseconds - start
            }
            times.sort()
            figures["\(title) p50"] = .number(Double(times[count / 2]) / 1000)
            figures["\(title) p99"] = .number(Double(times[count * 99 / 100]) / 1000)
        }
        time("by name") { monitor.record(Self.names[$0 % 50], Self.value($0)) }
        time("by handle") { handles[$0 % 50].record(Self.value($0)) }
        time("observe") { _ in monitor.observe(row) }
        time("clock") { _ in }
        figures["clock p99"] = nil
        for threads in [1, 2] {
            let suffix = threads == 1 ? "" : ", \(threads) threads"
            figures["by name\(suffix)"] = rate(threads) {
                monitor.record(Self.names[$0 % 50], Self.value($0))
            }
            figures["by handle\(suffix)"] = rate(threads) {
                handles[$0 % 50].record(Self.value($0))
            }
        }
        figures["one handle, 2 threads"] = rate(2) { handles[0].record(Self.value($0)) }
        let (isStored, duration) = await seconds { await monitor.flush() }
        guard isStored else { throw StoreError(.database, "The monitor has stored nothing.") }
        figures["end of a window"] = .number(duration * 1000)
        try await store.close()
        return figures
    }

    private func rate(_ threads: Int, _ call: @escaping @Sendable (Int) -> Void) -> Figure {
        let each = count
        let start = ContinuousClock.now
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            for index in 0..<each { call(index &+ thread &* 7) }
        }
        return .number(Double(threads * each) / ((ContinuousClock.now - start) / .seconds(1)))
    }

    /// The allocations of `count` records of each way, after a window of as many.
    func monitorAllocations(_ store: some Store) async throws -> [String: Figure] {
        let allocations = try AllocationCounter()
        let monitor = try await monitor(store)
        let handles = Self.names.map { monitor.metric($0) }
        var counted: UInt64 = 0
        for _ in 0..<2 {
            let before = allocations.ofThisThread()
            for index in 0..<count {
                monitor.record(Self.names[index % 50], Self.value(index))
                handles[index % 50].record(Self.value(index))
                monitor.count("requests")
                monitor.set("queue", Double(index))
            }
            counted = allocations.ofThisThread() - before
            await monitor.flush()
        }
        try await store.close()
        return ["allocations": .number(Double(counted))]
    }

    /// How far resident memory grows over windows of 1,000,000 records, after the first three.
    func monitorMemory() async throws -> [String: Figure] {
        // The pages of 16 MiB of cache would be all that is seen.
        var configuration = SQLiteConfiguration()
        configuration.cacheSize = 1 << 18
        let store = try await SQLiteStore.open(database, configuration: configuration)
        let monitor = try await monitor(store)
        let window = min(1_000_000, max(count / 10, 1))
        var start = 0.0
        for round in 0..<count / window {
            for index in 0..<window { monitor.record(Self.names[index % 50], Self.value(index)) }
            await monitor.flush()
            if round == 2 { start = try ResidentMemory.now() }
        }
        let growth = try ResidentMemory.now() - start
        try await store.close()
        return ["memory growth": .number(growth)]
    }
}

/// The short form of the monitor's case: allocations and memory do not depend on the machine.
enum MonitorCheck {
    /// The figures that are too large, by name.
    static func failures(_ bench: Workbench) throws -> [String] {
        let figures = try bench.figures(bench.monitorAllocations(1_000_000)).merging(
            bench.measure("monitorMemory", bench.prepared().path, count: 10_000_000))
        return Target.all.filter { $0.name == "monitor" }.compactMap { target in
            guard case .most(let most) = target.bound, let figure = figures.numbers[target.measure]
            else { return nil }
            let isEnough = figure <= most
            print(
                String(
                    format: "monitor, %@: %.2f, at most %.2f asked%@", target.measure, figure, most,
                    isEnough ? "" : ": TOO MUCH"))
            return isEnough ? nil : "monitor, \(target.measure)"
        }
    }
}

extension Workbench {
    func monitorAllocations(_ count: Int) throws -> Command {
        var command = library("monitorAllocations", try prepared().path, count)
        command.environment["LD_PRELOAD"] = path("libcount-allocations.so")
        return command
    }
}
