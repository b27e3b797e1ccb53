// swift-tools-version: 6.2
import PackageDescription

/// Swift 6 mode, with the features that later language versions make the default.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "swift-mlops",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "MLOpsCore", targets: ["MLOpsCore"]),
        .library(name: "MLOpsPostgres", targets: ["MLOpsPostgres"]),
        .library(name: "MLOpsTesting", targets: ["MLOpsTesting"]),
        .executable(name: "mlops", targets: ["mlops"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CSQLite",
            providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        .target(
            name: "SQLiteSchema",
            path: "Schema/SQLite",
            resources: [
                .embedInCode("001_initial_schema.up.sql"),
                .embedInCode("001_initial_schema.down.sql"),
                .embedInCode("002_models_experiments.up.sql"),
                .embedInCode("002_models_experiments.down.sql"),
                .embedInCode("003_deployments_monitoring.up.sql"),
                .embedInCode("003_deployments_monitoring.down.sql"),
                .embedInCode("004_security_notifications.up.sql"),
                .embedInCode("004_security_notifications.down.sql"),
            ],
            swiftSettings: settings),
        .systemLibrary(
            name: "CLibPQ",
            providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .target(
            name: "PostgresSchema",
            path: "Schema/Postgres",
            resources: [
                .embedInCode("001_initial_schema.up.sql"),
                .embedInCode("001_initial_schema.down.sql"),
                .embedInCode("002_models_experiments.up.sql"),
                .embedInCode("002_models_experiments.down.sql"),
                .embedInCode("003_deployments_monitoring.up.sql"),
                .embedInCode("003_deployments_monitoring.down.sql"),
                .embedInCode("004_security_notifications.up.sql"),
                .embedInCode("004_security_notifications.down.sql"),
            ],
            swiftSettings: settings),
        .target(
            name: "MLOpsCore",
            dependencies: [
                "CSQLite",
                "SQLiteSchema",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .target(
            name: "MLOpsPostgres",
            dependencies: [
                "CLibPQ",
                "MLOpsCore",
                "PostgresSchema",
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["README.md"],
            swiftSettings: settings),
        .target(
            name: "MLOpsTesting",
            dependencies: [
                "MLOpsCore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "mlops",
            dependencies: [
                "MLOpsCore",
                "MLOpsPostgres",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "FaultWorker",
            dependencies: [
                "MLOpsCore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/FaultWorker",
            swiftSettings: settings),
        .testTarget(
            name: "MLOpsCoreTests",
            dependencies: [
                "CSQLite", "MLOpsCore", "MLOpsTesting", "FaultWorker",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "InMemoryLogging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "MLOpsPostgresTests",
            dependencies: [
                "CLibPQ", "MLOpsCore", "MLOpsPostgres", "MLOpsTesting",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "InMemoryLogging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "MLOpsTestingTests",
            dependencies: ["MLOpsCore", "MLOpsTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "MLOpsCLITests",
            dependencies: [
                "MLOpsCore", "MLOpsPostgres", "mlops",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
    ]
)
