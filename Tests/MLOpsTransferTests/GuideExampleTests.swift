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

private func move(
    _ project: Identifier<Project>, in workspace: Workspace, of store: any Store,
    into other: any Store
) async throws {
    let archive = FileManager.default.temporaryDirectory
        .appending(path: "project-\(project).tar.gz")
    defer { try? FileManager.default.removeItem(at: archive) }
    let exporter = ProjectExporter(of: project, in: workspace, artifacts: store.artifacts)
    print(try await exporter.run(to: archive))
    print(try await ProjectImporter(from: archive).run(into: other))
}

@Test func theExamplesOfTheGuidesRun() async throws {
    let fixture = try await TransferFixture()
    let file = try fixture.file("metrics.csv", "run,metric,step,timestamp,value\na,loss,1,2,3\n")
    let report = try await takeMetrics(of: file, into: fixture.store)
    #expect(report.taken.points == 1 && report.project == "digits")
    let summary = try await writePoints(
        of: fixture.store.localWorkspace(), to: fixture.directory.appending(path: "points.csv"))
    #expect(summary.points == 1)
    try expectSnippets(of: "Importing")
    try expectSnippets(of: "Exporting")
}

@Test func theExampleOfTheGuideOfArchivesRuns() async throws {
    let fixture = try await ArchiveFixture(isSample: false)
    let other = try await SQLiteStore.inMemory()
    try await move(fixture.project, in: fixture.workspace, of: fixture.store, into: other)
    #expect(try await other.localWorkspace().projects.find(fixture.project).deletedAt == nil)
    try expectSnippets(of: "Archives")
}

/// Expects that the snippet of a guide stands in this file.
private func expectSnippets(of guide: String) throws {
    let page = URL(filePath: #filePath).appending(
        path: "../../../Sources/MLOpsTransfer/MLOpsTransfer.docc/\(guide).md")
    let text = try String(contentsOf: page.standardized, encoding: .utf8)
    let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    let blocks = text.components(separatedBy: "```swift\n").dropFirst()
    #expect(blocks.count == 1)
    for block in blocks.compactMap({ $0.components(separatedBy: "```").first }) {
        #expect(source.contains("private " + block))
    }
}
