import Foundation
import MLOpsCore
import MLOpsTransfer
import Testing

// The snippets of the guides, to the letter: they compile, and run.

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

private func writePoints(of workspace: Workspace, to file: URL) async throws -> ExportSummary {
    let completed = Query<ExperimentRun>(where: { $0.status == .completed })
    return try await TableExport(workspace).metrics(
        of: completed, named: ["loss"], as: .csv, to: .file(file)
    ) { print("\($0.runs) of \($0.totalRuns) runs, \($0.points) points") }
}

@Test func theExamplesOfTheGuidesRun() async throws {
    let fixture = try await TransferFixture()
    let file = try fixture.file("metrics.csv", "run,metric,step,timestamp,value\na,loss,1,2,3\n")
    let report = try await takeMetrics(of: file, into: fixture.store)
    #expect(report.taken.points == 1 && report.project == "digits")
    let summary = try await writePoints(
        of: fixture.store.localWorkspace(), to: fixture.directory.appending(path: "points.csv"))
    #expect(summary.points == 1)
    let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    for guide in ["Importing", "Exporting"] {
        let page = URL(filePath: #filePath).appending(
            path: "../../../Sources/MLOpsTransfer/MLOpsTransfer.docc/\(guide).md")
        let text = try String(contentsOf: page.standardized, encoding: .utf8)
        let blocks = text.components(separatedBy: "```swift\n").dropFirst()
        #expect(blocks.count == 1)
        for block in blocks.compactMap({ $0.components(separatedBy: "```").first }) {
            #expect(source.contains("private " + block))
        }
    }
}
