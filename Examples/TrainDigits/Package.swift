// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "TrainDigits",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "TrainDigits", targets: ["TrainDigits"]),
        .library(name: "Digits", targets: ["Digits"]),
    ],
    dependencies: [
        .package(name: "swift-mlops", path: "../.."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        // The data and the classifiers, which the program that serves them uses as well.
        .target(
            name: "Digits",
            dependencies: [.product(name: "MLOpsOperations", package: "swift-mlops")]),
        .executableTarget(
            name: "TrainDigits",
            dependencies: [
                "Digits", .product(name: "MLOpsCore", package: "swift-mlops"),
                .product(name: "MLOpsOperations", package: "swift-mlops"),
                .product(name: "MLOpsPostgres", package: "swift-mlops"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
    ]
)
