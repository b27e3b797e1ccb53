import Metrics
import Testing

@testable import MLOpsOperations

@Suite struct MonitorMetricsFactoryTests {
    @Test func everyKindOfMetricIsMonitored() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor()
        let factory = MonitorMetricsFactory(monitor)
        let requests = Counter(label: "requests", factory: factory)
        requests.increment(by: 11)
        requests.reset()
        requests.increment()
        FloatingPointCounter(label: "cost", factory: factory).increment(by: 0.25)
        let size = Recorder(label: "size", factory: factory)
        for value in 1...100 { size.record(value) }
        size.record(0.5)
        Gauge(label: "temperature", factory: factory).record(21.5)
        let connections = Meter(label: "connections", factory: factory)
        connections.increment(by: 3.0)
        connections.decrement()
        Metrics.Timer(label: "latency", factory: factory).recordNanoseconds(1_500_000)
        Metrics.Timer(label: "wait_ms", factory: factory).recordMilliseconds(2)
        fixture.pass(60)
        #expect(await monitor.flush())
        for (name, value) in [
            ("requests.count", 12), ("requests.rate", 0.2), ("cost.count", 0.25),
            ("size.count", 101), ("size.p95", 95), ("size.min", 0.5), ("temperature.last", 21.5),
            ("connections.last", 2), ("connections.max", 3), ("latency_ms.p50", 1.5),
            ("wait_ms.p50", 2),
        ] {
            #expect(try await fixture.series(name) == [value], "\(name)")
        }
        for metric in [size, connections] as [any Destroyable] { metric.destroy() }
    }

    @Test func dimensionsArePartOfTheName() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor()
        let factory = MonitorMetricsFactory(monitor)
        for dimensions in [
            [("status", "200"), ("method", "GET")], [("method", "GET"), ("status", "200")],
            [("method", "{a=b,\n}"), ("status", "200")],
        ] {
            Counter(label: "requests", dimensions: dimensions, factory: factory).increment()
        }
        Metrics.Timer(label: "time", dimensions: [("route", "/")], factory: factory)
            .recordMilliseconds(4)
        await monitor.flush()
        #expect(try await fixture.series("requests{method=GET,status=200}.count") == [2])
        #expect(try await fixture.series("requests{method=_a_b___,status=200}.count") == [1])
        #expect(try await fixture.series("time_ms{route=/}.max") == [4])
    }

    @Test func dimensionsCanBeChosen() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor { $0.maximumMetrics = 2 }
        let factory = MonitorMetricsFactory(monitor, dimensions: ["status"])
        for user in 0..<100 {
            for status in ["200", "500"] {
                Counter(
                    label: "requests", dimensions: [("user", "\(user)"), ("status", status)],
                    factory: factory
                ).increment()
            }
        }
        await monitor.flush()
        #expect(try await fixture.series("requests{status=500}.count") == [100])
        #expect(monitor.refusedRecords == 0)
    }
}

private protocol Destroyable {
    func destroy()
}

extension Recorder: Destroyable {}
extension Meter: Destroyable {}
