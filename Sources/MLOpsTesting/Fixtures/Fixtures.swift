public import Foundation
public import MLOpsCore

/// Entities with sensible values, for tests that depend on only a few of their fields.
///
/// A test passes the fields that it depends on; the fixture sets the rest. Two calls with the same
/// number are equal in every run, including ids and times. Rows of different numbers can be stored
/// together.
///
/// ```swift
/// let project = try await workspace.projects.insert(Fixtures.project())
/// let model = try await workspace.models.insert(Fixtures.model(in: project.id, name: "mlp"))
/// ```
public enum Fixtures {
    /// The time of every fixture: 2025-01-01 00:00 UTC.
    public static let date = Date(timeIntervalSince1970: 1_735_689_600)

    /// The id of the fixture with a number; the ids of one entity increase with it.
    public static func id<Record: Entity>(
        _ type: Record.Type = Record.self, _ number: Int = 1
    ) -> Identifier<Record> {
        // FNV-1a of the type's name, so that two entities do not share an id by accident.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in String(describing: type).utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        let milliseconds = UInt64(date.timeIntervalSince1970 * 1000)
        let high = milliseconds << 16 | 0x7000 | hash & 0xFFF
        let low = 0x8000_0000_0000_0000 | UInt64(truncatingIfNeeded: number) & 0x3FFF_FFFF_FFFF_FFFF
        return Identifier(uuid(high, low))
    }

    private static func uuid(_ high: UInt64, _ low: UInt64) -> UUID {
        func byte(_ index: Int) -> UInt8 {
            let word = index < 8 ? high : low
            return UInt8(truncatingIfNeeded: word >> UInt64(56 - index % 8 * 8))
        }
        return UUID(
            uuid: (
                byte(0), byte(1), byte(2), byte(3), byte(4), byte(5), byte(6), byte(7),
                byte(8), byte(9), byte(10), byte(11), byte(12), byte(13), byte(14), byte(15)
            ))
    }
}
