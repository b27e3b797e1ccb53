// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    products: [
        // Preloaded only into the process whose allocations are counted.
        .library(name: "count-allocations", type: .dynamic, targets: ["CountAllocations"])
    ],
    dependencies: [
        .package(name: "swift-mlops", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        .executableTarget(
            name: "bench",
            dependencies: [
                .product(name: "MLOpsCore", package: "swift-mlops"),
                .product(name: "MLOpsDelivery", package: "swift-mlops"),
                .product(name: "MLOpsOperations", package: "swift-mlops"),
                .product(name: "MLOpsPostgres", package: "swift-mlops"),
                .product(name: "MLOpsSampleData", package: "swift-mlops"),
                .product(name: "MLOpsTransfer", package: "swift-mlops"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        // Peers for comparison: careful C programs with the same schema, pragmas and rows.
        .executableTarget(
            name: "sqlite-peer", dependencies: ["PeerAudit"], path: "Sources/SQLitePeer",
            linkerSettings: [.linkedLibrary("sqlite3")]),
        .executableTarget(
            name: "postgres-peer", dependencies: ["PeerAudit"], path: "Sources/PostgresPeer",
            linkerSettings: [.linkedLibrary("pq")]),
        .target(name: "CountAllocations"),
        .target(name: "PeerAudit", linkerSettings: [.linkedLibrary("crypto")]),
    ]
)
