import Foundation
import MLOpsCore
import MLOpsTransfer
import Testing

@testable import mlops

@Suite struct OutputTests {
    @Test func widthsAreThoseOfATerminal() {
        #expect("abc".displayWidth == 3)
        #expect("漢字".displayWidth == 4)
        #expect("e\u{301}".displayWidth == 1)
        #expect("🙂".displayWidth == 2)
        #expect("👩‍🔬".displayWidth == 2)
        #expect("❤️".displayWidth == 2)
        #expect("漢字漢字".truncated(to: 4) == "漢…")
        #expect("abcdef".truncated(to: 4) == "abc…")
        #expect("abcd".truncated(to: 4) == "abcd")
        #expect("漢字漢字".padded(to: 4).displayWidth == 4)
        #expect("a\nb\u{1B}c\u{9B}".singleLine == "a␊b␛c\u{FFFD}")
        #expect(ExportText.escaped("\"a\u{9B}\u{202E}\u{7F}\"\n") == "\"a\\u009b\\u202e\\u007f\"\n")
        #expect("one two  three".wrapped(to: 7) == ["one two", " three"])
        #expect("abcdefgh ij\n\n漢字漢字".wrapped(to: 5) == ["abcde", "fgh", "ij", "", "漢字", "漢字"])
        #expect("".wrapped(to: 5) == [""])
        #expect("no\r\n\tserver: a  b\n\n".joinedLines == "no server: a  b")
    }

    @Test func columnsAreCutAndThenDropped() {
        var table = TextTable([
            TextTable.Column("ID"), TextTable.Column("NAME", minimum: 4),
            TextTable.Column("EXTRA", dropOrder: 1),
        ])
        table.add(["12345678", "a rather long name", "extra"])
        #expect(table.lines(width: 80)[1] == "12345678  a rather long name  extra")
        #expect(table.lines(width: 25)[1] == "12345678  a rathe…  extra")
        #expect(table.lines(width: 14) == ["ID        NAME", "12345678  a r…"])
        #expect(table.lines(width: 8) == ["ID   NA…", "12…  a …"])
        #expect(table.lines(width: 2).allSatisfy { $0.displayWidth <= 2 })
        #expect(table.lines(width: nil) == table.lines(width: 80))
    }

    @Test func durationsAndTimesReadWell() {
        #expect(Format.duration(0.0025) == "2.5 ms")
        #expect(Format.duration(59) == "59 s")
        #expect(Format.duration(7500) == "2 h 5 m")
        #expect(Format.duration(nil) == "-")
        #expect(Format.bytes(1536) == "1.5 KiB")
        let date = Date(timeIntervalSince1970: 1_767_600_000.123456)
        #expect(ExportText.iso8601(date) == "2026-01-05T08:00:00.123456Z")
        #expect(
            ExportText.iso8601(Date(timeIntervalSince1970: -0.5)) == "1969-12-31T23:59:59.500000Z")
        #expect(Format.time(date) == "2026-01-05 08:00:00")
    }
}
