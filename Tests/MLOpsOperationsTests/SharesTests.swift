import Testing

@testable import MLOpsOperations

@Suite struct SharesTests {
    @Test func missing() {
        #expect(Shares.missing([1, .nan, .infinity, .nan]) == 0.5)
        #expect(Shares.missing(["a", nil, "", "b"]) == 0.25)
        #expect(Shares.missing([] as [Double]) == nil && Shares.missing([] as [String?]) == nil)
    }

    @Test func unseen() {
        #expect(Shares.unseen(["a", "b", nil, "c", "a"], reference: ["a", "b"]) == 0.25)
        #expect(Shares.unseen([nil], reference: ["a"]) == nil)
        let sample = SortedSample([0, 1, 2, 3, .infinity, -.infinity, .nan, -1])
        #expect(Shares.unseen(sample, range: 0...2) == 4.0 / 7)
        #expect(Shares.unseen(sample, range: -.infinity ... .infinity) == 0)
        #expect(Shares.unseen(SortedSample([]), range: 0...1) == nil)
    }
}
