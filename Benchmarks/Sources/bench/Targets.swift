/// The program that runs a case.
enum Side: String, Encodable, CaseIterable {
    case library
    case c = "C"
    case manyC = "C, 8 processes"
    case handedOverC = "C, other thread"
    case untrailedC = "C, no trail"
    case psql
    case sqlite3 = "sqlite3 .backup"
    case sqliteCSV = "sqlite3 -csv"
    case mlflow = "MLflow"
    case trackio = "Trackio"
    case tensorboardX = "tensorboardX"
    case scipy, evidently
}

/// The unit of a measure, and which direction is better.
struct Unit {
    let name: String
    let moreIsBetter: Bool

    private init(_ name: String, moreIsBetter: Bool = false) {
        self.name = name
        self.moreIsBetter = moreIsBetter
    }

    private static let points = Unit("points/s", moreIsBetter: true)

    /// The unit of each measure that is reported.
    static let all = [
        "ingest": points, "read": points, "buckets": points, "csv": points, "lost": Unit("points"),
        "run": Unit("runs/s", moreIsBetter: true),
        "insert": Unit("us"), "find": Unit("us"), "update": Unit("us"),
        "last point": Unit("us"), "insert run": Unit("us"), "find run": Unit("us"),
        "p50": Unit("us"), "p99": Unit("us"),
        "allocations mean": Unit("a call"), "allocations p99": Unit("a call"),
        "new": Unit("ms"), "existing": Unit("ms"), "workspace": Unit("ms"), "search": Unit("ms"),
        "fill with points": Unit("s"), "backup": Unit("s"), "export by db copy": Unit("s"),
        "sample seed": Unit("ms"), "last value": Unit("s"),
        "kept": Unit("of its rate", moreIsBetter: true),
        "memory in": Unit("MiB"), "memory out": Unit("MiB"), "memory growth": Unit("MiB"),
        "by name p50": Unit("us"), "by name p99": Unit("us"),
        "by handle p50": Unit("us"), "by handle p99": Unit("us"), "clock p50": Unit("us"),
        "observe p50": Unit("us"), "observe p99": Unit("us"),
        "by name": Unit("records/s", moreIsBetter: true),
        "by handle": Unit("records/s", moreIsBetter: true),
        "by name, 2 threads": Unit("records/s", moreIsBetter: true),
        "by handle, 2 threads": Unit("records/s", moreIsBetter: true),
        "one handle, 2 threads": Unit("records/s", moreIsBetter: true),
        "four methods": Unit("s"), "ks": Unit("s"), "psi": Unit("s"), "wasserstein": Unit("s"),
        "js": Unit("s"), "sum of ks": Unit(""), "sum of psi": Unit(""),
        "sum of wasserstein": Unit(""), "sum of js": Unit(""),
        "raise, 1 rule": Unit("us"), "raise, 1000 rules": Unit("us"),
        "1000 rules / 1 rule": Unit("times"),
        "deliveries": Unit("messages/s", moreIsBetter: true),
        "to receiver p50": Unit("ms"), "to receiver p99": Unit("ms"),
        "across processes p50": Unit("ms"), "across processes p99": Unit("ms"),
        "storm, raised": Unit("alerts/min", moreIsBetter: true),
        "storm, messages": Unit("messages"), "storm, all told": Unit("s"),
        "storm, memory": Unit("MiB"),
        "allocations": Unit("in all"), "end of a window": Unit("ms"),
    ]
}

/// A figure that should be reached.
struct Target: Encodable {
    enum Bound: Encodable {
        /// The minimum number of times that the library is faster than a peer.
        case ratio(Side, Double)
        /// The maximum of the library's own figure.
        case most(Double)
        /// The minimum of the library's own figure.
        case least(Double)
    }

    let name: String
    let measure: String
    let bound: Bound

    private init(_ name: String, _ measure: String, _ bound: Bound) {
        self.name = name
        self.measure = measure
        self.bound = bound
    }

    static let all = [
        Target("ingest, 1 a step", "ingest", .ratio(.c, 0.9)),
        Target("ingest, 1 a step", "ingest", .ratio(.mlflow, 15)),
        Target("ingest, 1 a step", "ingest", .ratio(.trackio, 1.5)),
        Target("ingest, 5 a step", "ingest", .ratio(.c, 0.9)),
        Target("ingest, 5 a step", "ingest", .ratio(.mlflow, 15)),
        Target("ingest, 5 a step", "ingest", .ratio(.trackio, 1.5)),
        Target("log", "p50", .most(1)),
        Target("log", "p99", .most(20)),
        // One call in 32,768 passes a full batch to the writer, and allocates.
        Target("log", "allocations p99", .most(0)),
        Target("log", "allocations mean", .most(0.001)),
        Target("8 processes", "ingest", .ratio(.c, 0.8)),
        Target("whole runs", "run", .ratio(.mlflow, 20)),
        Target("operations", "insert", .ratio(.handedOverC, 0.8)),
        Target("operations", "find", .ratio(.handedOverC, 0.8)),
        Target("operations", "update", .ratio(.handedOverC, 0.8)),
        Target("operations, synchronous", "insert", .ratio(.c, 0.8)),
        Target("operations, synchronous", "find", .ratio(.c, 0.4)),
        Target("operations, synchronous", "update", .ratio(.c, 0.8)),
        Target("1,000 observers", "kept", .least(0.9)),
        Target("1,000 observers", "last value", .most(2)),
        Target("history", "read", .ratio(.c, 0.8)),
        Target("history", "read", .ratio(.mlflow, 20)),
        Target("history", "buckets", .ratio(.c, 0.8)),
        Target("search", "search", .ratio(.c, 1 / 1.2)),
        Target("search", "search", .ratio(.mlflow, 10)),
        Target("search", "search", .most(50)),
        Target("open", "new", .most(30)),
        Target("open", "existing", .most(5)),
        Target("open", "workspace", .most(15)),
        Target("backup", "backup", .ratio(.sqlite3, 0.8)),
        Target("tables", "csv", .ratio(.sqliteCSV, 0.5)),
        Target("memory", "memory in", .most(64)),
        Target("memory", "memory out", .most(64)),
        Target("monitor", "by name p50", .most(0.2)),
        Target("monitor", "by name p99", .most(20)),
        Target("monitor", "by handle p50", .most(0.2)),
        Target("monitor", "by handle p99", .most(20)),
        Target("monitor", "allocations", .most(0)),
        Target("monitor", "memory growth", .most(1)),
        Target("drift", "four methods", .ratio(.scipy, 5)),
        Target("drift", "four methods", .ratio(.evidently, 10)),
        Target("alerts", "1000 rules / 1 rule", .most(1.5)),
        Target("alerts", "deliveries", .least(500)),
        Target("alerts", "storm, raised", .least(10_000)),
        Target("alerts", "storm, messages", .most(60)),
        Target("alerts", "storm, memory", .most(64)),
        Target("alerts", "to receiver p99", .most(100)),
        Target("alerts", "across processes p99", .most(1500)),
        Target("PostgreSQL", "ingest", .ratio(.psql, 0.9)),
        Target("PostgreSQL", "insert", .ratio(.c, 0.8)),
        Target("PostgreSQL", "find", .ratio(.c, 0.8)),
    ]
}
