import Foundation
import MLOpsCore
import Testing

@testable import MLOpsOperations

@Suite struct ReferenceProfileTests {
    private let numbers = (0..<10_000).map { Double(($0 * 7919) % 10_007) }

    private func profile(_ values: DriftColumn) throws -> ReferenceProfile {
        try ReferenceProfile(of: [("x", values)])
    }

    @Test func numbersAreBounded() throws {
        let profile = try profile(.numeric(numbers + [.nan, .nan]))
        let feature = try #require(profile["x"])
        #expect(feature.count == 10_000 && feature.nulls == 2)
        guard case .numeric(let kept) = feature.content else { return #expect(Bool(false)) }
        #expect(kept.sample.count == 4096 && kept.counts.reduce(0, +) == 10_000)
        #expect(kept.counts.allSatisfy { $0 == 1000 })
        #expect(kept.minimum == numbers.min() && kept.maximum == numbers.max())
        // The sample is like the whole.
        let test = try KolmogorovSmirnov(
            SortedSample(numbers), kept.sample, method: .asymptotic)
        #expect(test.pValue > 0.01)
        #expect(try profile.jsonData().count < 100_000)
    }

    @Test func theSameDataGiveTheSameProfile() throws {
        let first = try profile(.numeric(numbers))
        #expect(try first.jsonData() == profile(.numeric(numbers)).jsonData())
        let other = try ReferenceProfile(of: [("x", .numeric(numbers))], seed: 1)
        #expect(first != other)
    }

    @Test func categoriesAreBounded() throws {
        let values = (0..<1000).map { $0 % 10 == 0 ? "rare\($0)" : "usual\($0 % 3)" }
        let profile = try ReferenceProfile(
            of: [("x", .categorical(values + [nil]))],
            limits: ReferenceProfile.Limits(sample: 1, categories: 3))
        let feature = try #require(profile["x"])
        guard case .categorical(let kept) = feature.content else { return #expect(Bool(false)) }
        #expect(feature.nulls == 1 && kept.other == 100)
        #expect(kept.categories.map(\.name) == ["usual0", "usual1", "usual2"])
    }

    @Test(
        arguments: [
            .numeric([]), .numeric([.nan]), .numeric([1]), .numeric([5, 5, 5]),
            .numeric([-.infinity, 1, .infinity]),
            .numeric([-0.0, 1e300, -1e300, .leastNonzeroMagnitude]),
            .numeric([1e308, 1e308, -1e308]), .categorical([]), .categorical([nil]),
            .categorical(["", "a\"b", "ä", nil]),
        ] as [DriftColumn])
    func jsonKeepsEverything(values: DriftColumn) throws {
        let profile = try profile(values)
        let data = try profile.jsonData()
        #expect(try ReferenceProfile(jsonData: data) == profile)
        // Also by the rules of the core, as an artifact's metadata would be.
        let value = try JSONValue(encoding: profile)
        #expect(try value.decode(as: ReferenceProfile.self) == profile)
        _ = try profile.features[0].compare(values, by: [DriftCheck()])
    }

    @Test func twoFeaturesHaveTwoNames() {
        let error = #expect(throws: StoreError.self) {
            try ReferenceProfile(of: [("x", .numeric([])), ("x", .numeric([]))])
        }
        #expect(error?.code == .invalidValue)
    }

    @Test(arguments: [
        "", "[]", "null", "{}", "{\"version\":2,\"features\":[]}", "{\"version\":1}",
        "{\"version\":\"1\",\"features\":[]}", "{\"version\":1,\"features\":[{}]}",
        "{\"version\":1e99,\"features\":[]}",
    ])
    func whatIsNoProfileIsRefused(text: String) {
        let error = #expect(throws: StoreError.self) {
            try ReferenceProfile(jsonData: Data(text.utf8))
        }
        #expect(error?.code == .invalidValue)
    }

    /// Replaces one member of a profile of the numbers 1 to 20.
    @Test(arguments: [
        ("count", "21"), ("count", "-1"), ("count", "9223372036854775807"), ("nulls", "-1"),
        ("counts", "[20]"), ("counts", "[]"), ("counts", "[-1,3,2,2,2,2,2,2,2,4]"),
        ("counts", "[9223372036854775807,1,0,0,0,0,0,0,0,20]"), ("edges", "[3,2,1]"),
        ("edges", "[1,1,2,3,4,5,6,7,8]"), ("edges", "[\"NaN\",1,2,3,4,5,6,7,8]"), ("sample", "[]"),
        ("sample", "[0]"), ("sample", "[21]"), ("minimum", "null"), ("maximum", "0"),
        ("mean", "null"), ("standard_deviation", "-1"), ("kind", "\"categorical\""),
        ("kind", "\"other\""), ("name", "7"),
    ])
    func inconsistentNumbersAreRefused(member: String, value: String) throws {
        let data = try profile(.numeric((1...20).map(Double.init))).jsonData()
        try expectRefusal(data, member, value)
    }

    @Test(arguments: [
        ("count", "1"), ("other", "-3"), ("categories", "[]"), ("other", "null"),
        ("categories", "[{\"name\":\"a\",\"count\":1},{\"name\":\"a\",\"count\":1}]"),
        ("categories", "[{\"name\":\"a\",\"count\":-1},{\"name\":\"b\",\"count\":3}]"),
    ])
    func inconsistentCategoriesAreRefused(member: String, value: String) throws {
        try expectRefusal(try profile(.categorical(["a", "b"])).jsonData(), member, value)
    }

    private func expectRefusal(_ data: Data, _ member: String, _ value: String) throws {
        let json = try JSONValue(parsing: data)
        var feature = try #require(json["features"]?[0]?.object)
        #expect(feature[member] != nil)
        feature[member] = try JSONValue(parsing: value)
        let changed: JSONValue = ["version": 1, "features": [.object(feature)]]
        let error = #expect(throws: StoreError.self) {
            try ReferenceProfile(jsonData: Data(changed.canonicalText().utf8))
        }
        #expect(error?.code == .invalidValue)
    }
}
