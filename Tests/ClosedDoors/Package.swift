// swift-tools-version: 6.2
import PackageDescription

// A program that uses what the library does not offer. `Scripts/closed-doors` builds it, and
// expects the compiler to refuse each marked line.
let package = Package(
    name: "closed-doors",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "swift-mlops", path: "../..")],
    targets: [
        .target(
            name: "ClosedDoors",
            dependencies: [.product(name: "MLOpsCore", package: "swift-mlops")])
    ]
)
