// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "TrainDigits",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-mlops", path: "../.."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        .executableTarget(
            name: "TrainDigits",
            dependencies: [
                .product(name: "MLOpsCore", package: "swift-mlops"),
                .product(name: "MLOpsPostgres", package: "swift-mlops"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ])
    ]
)
