import Foundation
import Testing

/// The receiver of `Servers/webhook.py`, in a process of its own.
final class WebhookReceiver: Sendable {
    private let input: Pipe
    private let file: URL
    let url: String

    /// A message that it got.
    struct Message: Hashable {
        let id: String
        let alert: String
        let event: String
        let time: Double
    }

    init(in directory: URL) throws {
        file = directory.appending(path: "messages-\(UUID()).txt")
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Servers/webhook.py")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [script.path, file.path]
        input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(
            decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(Int(line.trimmingCharacters(in: .newlines)))
        url = "http://127.0.0.1:\(port)/hook"
    }

    deinit { try? input.fileHandleForWriting.close() }

    var messages: [Message] {
        get throws {
            guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
            return try text.split(separator: "\n").map { line in
                let words = line.split(separator: " ").map(String.init)
                try #require(words.count == 4)
                return Message(
                    id: words[0], alert: words[1], event: words[2],
                    time: try #require(Double(words[3])))
            }
        }
    }
}
