public import MLOpsCore
public import Testing

/// Gives each test a workspace of its own, in memory, and closes its store after the test.
///
/// ```swift
/// @Test(.freshWorkspace) func aProjectIsStored() async throws {
///     let project = try await Workspace.current.projects.insert(Project(name: "Digits"))
///     #expect(try await Workspace.current.projects.find(project.id) == project)
/// }
/// ```
///
/// On a suite it applies to every test of the suite; each case of a parameterised test gets its
/// own.
public struct FreshWorkspaceTrait: TestTrait, SuiteTrait, TestScoping {
    private let make: @Sendable () async throws -> Workspace

    init(_ make: @escaping @Sendable () async throws -> Workspace) { self.make = make }

    /// Tests of suites inside the suite have it too.
    public var isRecursive: Bool { true }

    /// Runs one test case with its workspace.
    public func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let workspace = try await make()
        do {
            try await CurrentWorkspace.$value.withValue(workspace) { try await function() }
        } catch {
            // The test's error is the one to report, whatever the store has to say at its end.
            try? await workspace.store.close()
            throw error
        }
        try await workspace.store.close()
    }
}

extension Trait where Self == FreshWorkspaceTrait {
    /// A fresh workspace in memory for each test, as ``MLOpsCore/Workspace/current``.
    public static var freshWorkspace: Self {
        FreshWorkspaceTrait { try await Workspace.inMemory() }
    }

    /// A workspace that the closure makes for each test, as ``MLOpsCore/Workspace/current``.
    public static func freshWorkspace(
        _ make: @escaping @Sendable () async throws -> Workspace
    ) -> Self { FreshWorkspaceTrait(make) }
}

/// The workspace of the running test.
private enum CurrentWorkspace {
    @TaskLocal static var value: Workspace?
}

extension Workspace {
    /// The workspace that the trait ``Testing/Trait/freshWorkspace`` made for the running test.
    ///
    /// - Throws: ``MissingWorkspaceError`` outside a test with the trait, and in detached tasks.
    public static var current: Workspace {
        get throws {
            guard let workspace = CurrentWorkspace.value else { throw MissingWorkspaceError() }
            return workspace
        }
    }
}

/// `Workspace.current` was used where there is none.
public struct MissingWorkspaceError: Error, Sendable, CustomStringConvertible {
    /// What to do about it.
    public var description: String {
        "There is no current workspace: add the trait `.freshWorkspace` to the test or its suite, "
            + "and read `Workspace.current` in the test's own task."
    }
}
