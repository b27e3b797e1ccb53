// swift-tools-version: 6.2
import PackageDescription

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let inMemoryLogging: Target.Dependency = .product(name: "InMemoryLogging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let lifecycle: Target.Dependency = .product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(
    name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioTLS: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let arguments: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")

/// The SQL files of one dialect, embedded in code: a bundle would not move with a binary.
func schema(_ name: String, path: String) -> Target {
    let migrations = [
        "001_initial_schema", "002_models_experiments", "003_deployments_monitoring",
        "004_security_notifications",
    ]
    return .target(
        name: name, path: path,
        resources: migrations.flatMap { migration in
            ["up", "down"].map { .embedInCode("\(migration).\($0).sql") }
        })
}

let package = Package(
    name: "swift-mlops",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "MLOpsCore", targets: ["MLOpsCore"]),
        .library(name: "MLOpsDelivery", targets: ["MLOpsDelivery"]),
        .library(name: "MLOpsOperations", targets: ["MLOpsOperations"]),
        .library(name: "MLOpsPostgres", targets: ["MLOpsPostgres"]),
        .library(name: "MLOpsSampleData", targets: ["MLOpsSampleData"]),
        .library(name: "MLOpsServer", targets: ["MLOpsServer"]),
        .library(name: "MLOpsTesting", targets: ["MLOpsTesting"]),
        .library(name: "MLOpsTransfer", targets: ["MLOpsTransfer"]),
        .executable(name: "mlops", targets: ["mlops"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CSQLite", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        .systemLibrary(name: "CLibPQ", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .systemLibrary(
            name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
        .systemLibrary(
            name: "CArchive", providers: [.apt(["libarchive-dev"]), .brew(["libarchive"])]),
        schema("SQLiteSchema", path: "Schema/SQLite"),
        schema("PostgresSchema", path: "Schema/Postgres"),

        // The core, and what shares its `package` declarations.
        .target(
            name: "MLOpsCore",
            dependencies: ["CSQLite", "SQLiteSchema", crypto, cryptoExtras, logging]),
        .target(
            name: "MLOpsPostgres",
            dependencies: ["CLibPQ", "MLOpsCore", "PostgresSchema", logging],
            exclude: ["README.md"]),
        .target(name: "MLOpsSampleData", dependencies: ["MLOpsCore"]),
        .target(
            name: "MLOpsTesting", dependencies: ["MLOpsCore", "MLOpsSampleData", crypto, logging]),

        // What stands above the core uses its public declarations alone.
        .target(
            name: "MLOpsOperations", dependencies: ["MLOpsCore", lifecycle, logging, metrics],
            packageAccess: false),
        .target(
            name: "MLOpsDelivery", dependencies: ["CCurl", "MLOpsCore", "MLOpsOperations", crypto],
            packageAccess: false),
        .target(
            name: "MLOpsTransfer",
            dependencies: ["CArchive", "CCurl", "CSQLite", "MLOpsCore", crypto],
            packageAccess: false),
        .target(
            name: "MLOpsServer",
            dependencies: [
                "MLOpsCore", "MLOpsOperations", crypto, httpTypes, hummingbird, hummingbirdCore,
                hummingbirdTLS,
                lifecycle, logging, nio, nioHTTP, nioTLS,
            ],
            packageAccess: false),
        .executableTarget(
            name: "mlops",
            dependencies: [
                "MLOpsCore", "MLOpsDelivery", "MLOpsOperations", "MLOpsPostgres",
                "MLOpsSampleData", "MLOpsServer", "MLOpsTransfer", arguments, crypto, lifecycle,
                logging,
            ],
            packageAccess: false),

        .executableTarget(
            name: "FaultWorker", dependencies: ["CSQLite", "MLOpsCore", crypto, logging],
            path: "Tests/FaultWorker"),
        .testTarget(
            name: "MLOpsCoreTests",
            dependencies: [
                "CSQLite", "FaultWorker", "MLOpsCore", "MLOpsSampleData", "MLOpsTesting", crypto,
                inMemoryLogging,
            ]),
        .testTarget(
            name: "MLOpsPostgresTests",
            dependencies: [
                "CLibPQ", "MLOpsCore", "MLOpsPostgres", "MLOpsSampleData", "MLOpsTesting",
                "MLOpsTransfer", crypto, inMemoryLogging,
            ]),
        .testTarget(
            name: "MLOpsOperationsTests",
            dependencies: [
                "MLOpsCore", "MLOpsDelivery", "MLOpsOperations", "MLOpsTesting", inMemoryLogging,
                lifecycle, logging, metrics, signals,
            ],
            exclude: ["Data"]),
        .testTarget(
            name: "MLOpsDeliveryTests",
            dependencies: ["MLOpsCore", "MLOpsDelivery", "MLOpsOperations", "MLOpsTesting"],
            exclude: ["Servers"]),
        .testTarget(
            name: "MLOpsTransferTests",
            dependencies: [
                "CSQLite", "MLOpsCore", "MLOpsSampleData", "MLOpsTesting", "MLOpsTransfer",
            ],
            exclude: ["Sources"]),
        .testTarget(
            name: "MLOpsServerTests",
            dependencies: [
                "MLOpsCore", "MLOpsSampleData", "MLOpsServer", "MLOpsTesting", lifecycle, logging,
            ]),
        .testTarget(
            name: "MLOpsSampleDataTests", dependencies: ["MLOpsCore", "MLOpsSampleData"]),
        .testTarget(
            name: "MLOpsTestingTests",
            dependencies: ["MLOpsCore", "MLOpsSampleData", "MLOpsTesting"]),
        .testTarget(
            name: "MLOpsCLITests",
            dependencies: [
                "MLOpsCore", "MLOpsDelivery", "MLOpsOperations", "MLOpsPostgres", "MLOpsTransfer",
                "mlops", crypto, inMemoryLogging, logging,
            ], exclude: ["Servers"]),
    ]
)

// Swift 6 mode, with the features that later language versions make the default.
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
