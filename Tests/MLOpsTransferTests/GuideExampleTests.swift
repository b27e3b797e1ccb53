import Foundation
import MLOpsCore
import MLOpsTransfer
import Testing

// The snippet of the guide "Importing", to the letter: it compiles, and runs.

private func takeMetrics(of file: URL, into store: any Store) async throws -> ImportReport {
    let source = try CSVSource(file)
    var options = ImportOptions()
    options.project = "digits"
    let report = try await Importer(from: source, options: options).run(into: store) {
        print("\($0.runs) of \($0.totalRuns) runs, \($0.points) points")
    }
    print(report)
    return report
}

@Test func theExampleOfTheGuideRuns() async throws {
    let fixture = try await TransferFixture()
    let file = try fixture.file("metrics.csv", "run,metric,step,timestamp,value\na,loss,1,2,3\n")
    let report = try await takeMetrics(of: file, into: fixture.store)
    #expect(report.taken.points == 1 && report.project == "digits")
    let page = URL(filePath: #filePath).appending(
        path: "../../../Sources/MLOpsTransfer/MLOpsTransfer.docc/Importing.md")
    let guide = try String(contentsOf: page.standardized, encoding: .utf8)
    let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    let blocks = guide.components(separatedBy: "```swift\n").dropFirst()
    for block in blocks.compactMap({ $0.components(separatedBy: "```").first }) {
        #expect(source.contains("private " + block))
    }
}
