import Foundation
import Testing

@testable import MLOpsCore

/// A run finds its project by the given name, in any script.
@Suite struct ProjectNameTests {
    private func started(_ names: [String]) async throws -> [Project] {
        let workspace = try await SQLiteStore.inMemory().localWorkspace()
        for name in names + names {
            try await workspace.startRun(project: name, experiment: "e").finish()
        }
        #expect(try await workspace.runs.count() == 2 * names.count)
        return try await workspace.projects.all()
    }

    @Test(arguments: [
        ["数字認識"], ["🎯"], ["Приве́т", "привет"], ["数字 1", "文字 1"], ["A/B", "A B", "a-B"],
        ["🎯", "🎲", "!"], ["ひらがな", "カタカナ"],
    ]) func eachNameHasAProjectOfItsOwn(names: [String]) async throws {
        let projects = try await started(names)
        #expect(projects.map(\.name) == names)
        #expect(Set(projects.map(\.slug)).count == names.count)
    }

    @Test func slugsAreReadableAndTheSameInEveryProcess() async throws {
        // printf 🎯 | sha256sum
        #expect(try await started(["🎯"]).map(\.slug) == ["project-aada6251"])
        #expect(try await started(["Über uns"]).map(\.slug) == ["uber-uns"])
        #expect(try await started(["Привет"]).map(\.slug) == ["privet"])
        #expect(try await started(["A B", "A/B"]).map(\.slug) == ["a-b", "a-b-998d3ed8"])
    }

    @Test func aSlugFindsItsProject() async throws {
        #expect(try await started(["Fraud Detection", "fraud-detection"]).count == 1)
    }

    @Test func anEmptyNameIsRefused() async throws {
        let workspace = try await SQLiteStore.inMemory().localWorkspace()
        #expect(
            await code { _ = try await workspace.startRun(project: "", experiment: "e") }
                == .checkViolation)
    }
}
