import Foundation
import MLOpsCore
import MLOpsOperations
import MLOpsTesting
import Testing

// The snippet of the module's page, to the letter: it compiles, and runs.

private func profile(ages: [Double], countries: [String?], at file: URL) throws {
    let profile = try ReferenceProfile(of: [
        ("age", .numeric(ages)), ("country", .categorical(countries)),
    ])
    try profile.jsonData().write(to: file)
}

private func check(
    _ window: [String: DriftColumn], of deployment: Identifier<Deployment>, from start: Date,
    to end: Date, with file: URL, in workspace: Workspace
) async throws -> Bool {
    let detector = try DriftDetector(
        profile: ReferenceProfile(jsonData: Data(contentsOf: file)),
        checks: ["age": DriftCheck(.kolmogorovSmirnov, threshold: 0.001)])
    let report = try detector.report(window, deployment: deployment, from: start, to: end)
    guard let report else { return false }  // fewer than 100 rows
    return try await workspace.driftReports.insert(report).isDriftDetected
}

@Test func theExampleOfTheGuideRuns() async throws {
    let workspace = try await Workspace.inMemory()
    let deployment = try await Fixtures.insertTree(into: workspace).deployment.id
    let file = FileManager.default.temporaryDirectory
        .appending(path: "profile-\(Identifier<Deployment>()).json")
    defer { try? FileManager.default.removeItem(at: file) }
    let ages = (0..<500).map { 20 + Double(($0 * 37) % 50) }
    let countries = (0..<500).map { $0 % 3 == 0 ? "SE" : "DE" }
    try profile(ages: ages, countries: countries, at: file)
    func hasDrifted(_ rows: Int, older: Double) async throws -> Bool {
        let window: [String: DriftColumn] = [
            "age": .numeric(ages.prefix(rows).map { $0 + older }),
            "country": .categorical(Array(countries.prefix(rows))),
        ]
        return try await check(
            window, of: deployment, from: .now, to: .now, with: file, in: workspace)
    }
    #expect(try await !hasDrifted(200, older: 0))
    #expect(try await hasDrifted(200, older: 20))
    #expect(try await !hasDrifted(50, older: 20))
}
