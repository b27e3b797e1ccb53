import Foundation

/// Prints what happens, with the seconds since the start, in at most 80 columns.
struct Narrator: Sendable {
    private let start = ContinuousClock.now
    private static let width = 80

    /// Prints the name of a part of the story.
    func begin(_ part: String) { show("\n\(part)") }

    /// Prints what happened.
    func say(_ text: String) {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let time = String(format: "%6.2f s  ", seconds)
        var line = time
        for word in text.split(separator: " ") {
            if line.count + word.count > Self.width {
                show(line.dropLast())
                line = String(repeating: " ", count: time.count)
            }
            line += word + " "
        }
        show(line.dropLast())
    }

    /// Says what had to happen, or ends the story because it did not.
    func expect(_ happened: Bool, _ text: String) throws {
        guard happened else { throw StoryError(expected: text) }
        say(text)
    }

    /// Writes at once, so that an error comes after what led to it.
    private func show(_ line: some StringProtocol) {
        try? FileHandle.standardOutput.write(contentsOf: Data("\(line)\n".utf8))
    }
}

/// Something did not happen that is a part of the story.
struct StoryError: Error, CustomStringConvertible {
    let expected: String

    var description: String { "This did not happen: \(expected)" }
}

extension Double {
    func formatted(digits: Int) -> String { String(format: "%.\(digits)f", self) }
}
