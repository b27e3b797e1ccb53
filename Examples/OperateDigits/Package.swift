// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "OperateDigits",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-mlops", path: "../.."),
        .package(path: "../TrainDigits"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "OperateDigits",
            dependencies: [
                .product(name: "MLOpsCore", package: "swift-mlops"),
                .product(name: "MLOpsDelivery", package: "swift-mlops"),
                .product(name: "MLOpsOperations", package: "swift-mlops"),
                .product(name: "MLOpsPostgres", package: "swift-mlops"),
                .product(name: "Digits", package: "TrainDigits"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ])
    ]
)
