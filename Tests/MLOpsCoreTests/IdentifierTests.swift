import Foundation
import MLOpsCore
import MLOpsTesting
import Testing

@Suite struct IdentifierTests {
    @Test func idsAreOfVersionSevenAndIncrease() {
        let before = Date.now.timeIntervalSince1970
        let ids = (0..<10_000).map { _ in Identifier<Model>() }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        for id in ids {
            let text = id.description
            #expect(text == text.lowercased() && text.utf8.count == 36)
            #expect(text.dropFirst(14).first == "7")
            #expect("89ab".contains(text.dropFirst(19).prefix(1)))
        }
        // The first 48 bits are milliseconds since 1970.
        let digits = ids[0].description.filter { $0 != "-" }.prefix(12)
        let time = Double(UInt64(digits, radix: 16) ?? 0) / 1000
        #expect(abs(time - before) < 60)
    }

    @Test func idsOfManyThreadsDiffer() async {
        let all = await withTaskGroup(of: [Identifier<Model>].self) { group in
            for _ in 0..<8 { group.addTask { (0..<5000).map { _ in Identifier<Model>() } } }
            return await group.reduce(into: Set<Identifier<Model>>()) { $0.formUnion($1) }
        }
        #expect(all.count == 40_000)
    }

    @Test func textIsThatOfFoundationInLowerCase() {
        for _ in 0..<1000 {
            let uuid = UUID()
            #expect(Identifier<Model>(uuid).description == uuid.uuidString.lowercased())
        }
    }

    @Test(arguments: [
        "+1+1+1+1-+1+1-+1+1-+1+1-+1+1+1+1+1+1", "-1-1-1-1--1-1--1-1--1-1--1-1-1-1-1-1",
        "0x0x0x0x-0000-0000-0000-000000000000", " 1 1 1 1-0000-0000-0000-000000000000",
        "{0000000-0000-0000-0000-00000000000}", "00000000000000000000000000000000", "", "0",
        "0000000g-0000-0000-0000-000000000000", "00000000-0000-0000-0000-0000000000000",
        "00000000-0000-0000-0000-00000000000\0", "٠0000000-0000-0000-0000-0000000000",
        "000000000-000-0000-0000-000000000000",
    ])
    func aTextThatIsNoIdNamesNoRow(text: String) {
        #expect(Identifier<Model>(text) == nil)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Identifier<Model>].self, from: JSONEncoder().encode([text]))
        }
    }

    @Test func textGoesRound() throws {
        let id = Identifier<Model>()
        #expect(Identifier(id.description) == id)
        #expect(Identifier<Model>(id.description.uppercased()) == id)
        #expect(Identifier<Model>("not an id") == nil)
        #expect(
            try JSONDecoder().decode(Identifier<Model>.self, from: JSONEncoder().encode(id)) == id)
    }

    @Test func timesLieOnTheMicrosecondGrid() {
        let seed = randomSeed()
        var state = seed
        for _ in 0..<10_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let range = -62_000_000_000.0...250_000_000_000
            let fraction = Double(state >> 11) / Double(1 << 53)
            let seconds = range.lowerBound + fraction * (range.upperBound - range.lowerBound)
            let rounded = Date(timeIntervalSince1970: seconds).roundedToMicroseconds
            #expect(rounded.roundedToMicroseconds == rounded, "seed \(seed)")
            #expect(abs(rounded.timeIntervalSince1970 - seconds) < 0.0001, "seed \(seed)")
        }
        #expect(
            Date(timeIntervalSince1970: -0.000001).roundedToMicroseconds.timeIntervalSince1970 < 0)
    }
}
