import Foundation
import MLOpsCore
import MLOpsTesting
import Testing

@Suite(.freshWorkspace) struct FreshWorkspaceTests {
    @Test(arguments: 1...4)
    func eachCaseHasItsOwn(_ number: Int) async throws {
        let workspace = try Workspace.current
        #expect(try await workspace.projects.count() == 0)
        // The same id in every case would collide in a shared store.
        try await workspace.projects.insert(Fixtures.project())
        #expect(try await Workspace.current.projects.count() == 1)
    }

    @Suite struct Inside {
        @Test func aSuiteInsideHasItToo() async throws {
            #expect(try await Workspace.current.projects.count() == 0)
        }
    }
}

@Test func withoutTheTraitTheErrorSaysWhatToDo() {
    let error = #expect(throws: MissingWorkspaceError.self) { try Workspace.current }
    #expect(error?.description.contains(".freshWorkspace") == true)
}

@Test func theStoreIsClosedAfterTheTest() async throws {
    let trait: FreshWorkspaceTrait = .freshWorkspace
    let test = try #require(Test.current)
    let kept = Kept()
    try await trait.provideScope(for: test, testCase: nil) {
        await kept.keep(try Workspace.current)
    }
    let workspace = try #require(await kept.workspace)
    let error = await #expect(throws: StoreError.self) { try await workspace.projects.count() }
    #expect(error?.code == .closed)
}

@Test func anErrorOfTheTestPassesThrough() async throws {
    struct Failure: Error {}
    let trait: FreshWorkspaceTrait = .freshWorkspace
    let test = try #require(Test.current)
    await #expect(throws: Failure.self) {
        try await trait.provideScope(for: test, testCase: nil) { throw Failure() }
    }
}

@Test(.freshWorkspace { try await Workspace.inMemory() })
func aWorkspaceOfOnesOwnMaking() async throws {
    #expect(try await Workspace.current.organizations.count() == 1)
}

private actor Kept {
    var workspace: Workspace?
    func keep(_ workspace: Workspace) { self.workspace = workspace }
}
