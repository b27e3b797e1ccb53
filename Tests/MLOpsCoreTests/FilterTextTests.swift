import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore

/// The text of filters: mistakes name their place, and no text does harm.
@Suite struct FilterTextTests {
    @Test(
        arguments: [
            ("", 1, "expected a field, such as metrics.loss, found the end"),
            ("status", 7, "expected an operator"),
            ("status = ", 10, "expected a value, found the end"),
            (
                "status = completed extra = 1", 20,
                "expected `and`, `or` or the end, found \"extra\""
            ),
            ("status = complted", 10, "one of queued, running, completed, failed, cancelled"),
            ("(status = completed", 20, "a closing parenthesis"),
            ("status = completed)", 19, "found \")\""),
            ("status in completed", 11, "expected a list in parentheses"),
            ("status in (completed failed)", 22, "expected a comma or a closing parenthesis"),
            ("status in ()", 12, "expected a value"),
            ("status is completed", 11, "expected `null`"),
            ("status = null", 10, "write `is null`"),
            ("status like 'a'", 1, "cannot be asked with `like`"),
            ("statsu = completed", 1, "a run has no field statsu; it has metrics.NAME"),
            ("metrics = 1", 1, "metrics needs a name after a dot"),
            ("metrics. = 1", 9, "expected a name after the dot"),
            ("metrics.loss < low", 16, "compared with a number, and not with \"low\""),
            ("metrics.loss < 0x10", 16, "a number"), ("metrics.loss < 1e999", 16, "a number"),
            ("metrics.loss < nan", 16, "a number"), ("metrics.loss like '1'", 1, "takes numbers"),
            ("metrics.loss not = 1", 18, "expected `in`, `like` or `contains`"),
            ("name = 'abc", 8, "has no closing '"), ("name = \"abc", 8, "has no closing \""),
            ("id = abc", 6, "an id"), ("started > yesterdays", 11, "a time"),
            ("started > 2026-02-30", 11, "a time"), ("started > 2026-01-01T25:00", 11, "a time"),
            ("started like 'x'", 1, "cannot be asked with `like`"),
            ("duration > soon", 12, "a time in seconds"), ("and name = a", 1, "expected a field"),
            ("name = a and", 13, "expected a field"), ("name = a and or name = b", 14, "a field"),
            ("name = a && name = b", 10, "found \"&\""), ("name = and", 8, "expected a value"),
            ("early_stopped = 1", 17, "true or false"), ("id > \(UUID())", 1, "takes = != in"),
            ("artifacts.a = 1", 1, "takes is null"), ("été = 1", 1, "no field été"),
        ])
    func aMistakeIsNamedWithItsPlace(text: String, position: Int, message: String) {
        let error = #expect(throws: StoreError.self) { try Filter<ExperimentRun>(parsing: text) }
        #expect(error?.code == .invalidValue && error?.field == "filter")
        #expect(
            error?.message.hasPrefix("At character \(position) of the filter: ") == true,
            "\(text): \(error?.message ?? "")")
        #expect(error?.message.contains(message) == true, "\(text): \(error?.message ?? "")")
    }

    @Test(arguments: [
        ("", "expected a field"), ("loss", "runs are not ordered by loss"),
        ("name up", "expected `asc`, `desc`, a comma or the end"),
        ("experiment", "not ordered by experiment"), ("metrics", "needs a name"),
        ("name,", "expected a field"),
    ])
    func aMistakeInAnOrderIsNamed(text: String, message: String) {
        let error = #expect(throws: StoreError.self) { try [Order<ExperimentRun>](parsing: text) }
        #expect(error?.message.contains(message) == true, "\(text): \(error?.message ?? "")")
    }

    @Test func aTextIsBoundedInLengthAndDepth() throws {
        let deep = { (count: Int) in
            String(repeating: "(", count: count) + "name = a" + String(repeating: ")", count: count)
        }
        _ = try Filter<ExperimentRun>(parsing: deep(15))
        let nots = String(repeating: "not ", count: 1000) + "name = a"
        let long = "name = '\(String(repeating: "x", count: 20_000))'"
        for text in [deep(16), deep(4000), nots, long, String(repeating: "\u{301}", count: 50_000)]
        {
            let error = #expect(throws: StoreError.self) {
                try Filter<ExperimentRun>(parsing: text)
            }
            #expect(error?.code == .invalidValue)
        }
    }

    @Test func timesAreThoseOfTheCalendar() throws {
        let now = Date(timeIntervalSince1970: 1_767_571_200 + 3600)
        let times: [(String, Double)] = [
            ("2026-01-05", 1_767_571_200), ("2026-01-05T01:00", 1_767_574_800),
            ("2026-01-05 01:00:01.5Z", 1_767_574_801.5),
            ("2026-01-05t01:00:00+01:00", 1_767_571_200),
            ("2026-01-04T20:00-05:00", 1_767_574_800), ("now", 1_767_574_800),
            ("TODAY", 1_767_571_200), ("-1h", 1_767_571_200), ("-90m", 1_767_569_400),
            ("-2w", 1_767_574_800 - 14 * 86400),
        ]
        for (text, seconds) in times {
            #expect(Date(filter: text, now: now)?.timeIntervalSince1970 == seconds, "\(text)")
        }
        for text in [
            "2026", "2026-1-5", "0000-01-01", "-d", "--1d", "-1y", "2026-01-05T", "1h", "",
        ] {
            #expect(Date(filter: text, now: now) == nil, "\(text)")
        }
    }

    /// Random texts of the grammar's own words: each is refused with a place, or runs.
    @Test func noTextDoesHarm() async throws {
        let seed = randomSeed()
        var generator = SplitMix64(seed: seed)
        let workspace = try await SQLiteStore.inMemory().localWorkspace()
        let words = [
            "metrics", "params", "tags", "status", "name", "id", "started", ".", ".", "loss", "min",
            "=", "!=", "<", ">=", "in", "like", "contains", "is", "not", "null", "and", "or", "(",
            ")",
            ",", "'a'", "\"", "'", "\\", "0.5", "-7d", "completed", "2026-01-01", "\u{301}", "🎯",
            "\0",
            "%", "--", ";", "experiment", "project", "1e99", "\n",
        ]
        var parsed = 0
        for number in 0..<3000 {
            let count = Int.random(in: 1...12, using: &generator)
            let text = (0..<count).map { _ in
                (words.randomElement(using: &generator) ?? "")
                    + (Bool.random(using: &generator) ? " " : "")
            }.joined()
            let filter: Filter<ExperimentRun>
            do {
                filter = try Filter(parsing: text)
            } catch {
                let message = (error as? StoreError)?.message ?? ""
                #expect(message.hasPrefix("At character "), "seed \(seed), \(number): \(text)")
                continue
            }
            parsed += 1
            do {
                #expect(try await workspace.runs.count { _ in filter } == 0)
            } catch let error as StoreError {
                // Such as a text with a NUL character.
                #expect(error.code == .invalidValue, "seed \(seed), \(number): \(text)")
            }
        }
        #expect(parsed > 0, "seed \(seed)")
    }

    /// Random filters, written as text and built in Swift, find the same.
    @Test func aTextMeansWhatItSays() async throws {
        let workspace = try await SQLiteStore.inMemory().localWorkspace()
        let tree = try await Fixtures.insertTree(into: workspace)
        let columns = ExperimentRun.columns
        let leaves: [(String, Filter<ExperimentRun>)] = [
            ("status = completed", columns.status == .completed),
            ("name like 'run%'", columns.runName.like("run%")),
            ("metrics.accuracy > 0.95", columns.metrics["accuracy"] > 0.95),
            ("params.learning_rate < 1", columns.parameters["learning_rate"] < 1),
            ("experiment = none", columns.experiment.name == "none"),
            ("tags.source in (fixture, x)", columns.tags["source"].isIn(["fixture", "x"])),
        ]
        let seed = randomSeed()
        var generator = SplitMix64(seed: seed)
        func random(_ depth: Int) -> (text: String, filter: Filter<ExperimentRun>) {
            let choice = depth == 0 ? 0 : Int.random(in: 0..<4, using: &generator)
            if choice == 0 {
                let leaf = leaves.randomElement(using: &generator) ?? leaves[0]
                return (leaf.0, leaf.1)
            }
            let left = random(depth - 1)
            if choice == 1 { return ("not (\(left.text))", !left.filter) }
            let right = random(depth - 1)
            return choice == 2
                ? ("(\(left.text) and \(right.text))", left.filter && right.filter)
                : ("(\(left.text) OR \(right.text))", left.filter || right.filter)
        }
        for number in 0..<200 {
            let (text, filter) = random(4)
            let parsed = try Filter<ExperimentRun>(parsing: text)
            let (found, expected) = try await workspace.read { tx in
                (try tx.runs.count { _ in parsed }, try tx.runs.count { _ in filter })
            }
            #expect(found == expected, "seed \(seed), \(number): \(text)")
        }
        #expect(try await workspace.runs.count() == 1 && tree.run.status == .completed)
    }
}
