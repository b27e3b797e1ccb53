// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "TestingWithMLOps",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-mlops", path: "../..")
    ],
    targets: [
        .target(
            name: "Promotion",
            dependencies: [.product(name: "MLOpsCore", package: "swift-mlops")]),
        .testTarget(
            name: "PromotionTests",
            dependencies: [
                "Promotion",
                .product(name: "MLOpsCore", package: "swift-mlops"),
                .product(name: "MLOpsTesting", package: "swift-mlops"),
            ]),
    ]
)
