import Foundation
import MLOpsCore

/// Reads secrets from where a shell's history does not keep them.
enum SecretInput {
    /// The largest line, in bytes.
    private static let maximum = 65_536

    /// The first line of a file, or of standard input for `-`, which a terminal does not show.
    ///
    /// An error does not repeat the path, which may be the secret itself by mistake.
    ///
    /// - Parameter noun: What the line holds, such as `password`.
    static func line(of path: String, _ noun: String) throws -> Secret<String> {
        guard let line = path == "-" ? standardInput(noun) : try firstLine(of: path, noun) else {
            throw Failure(
                .usage, "the \(path == "-" ? "standard input" : "file") holds no \(noun)")
        }
        return Secret(line)
    }

    private static func standardInput(_ noun: String) -> String? {
        guard isatty(STDIN_FILENO) == 1 else { return readLine() }
        let prompt = noun.prefix(1).uppercased() + noun.dropFirst() + ": "
        return getpass(prompt).map { String(cString: $0) }
    }

    private static func firstLine(of path: String, _ noun: String) throws -> String? {
        try SQLiteStore.checkIsNotOpen(path)
        guard let file = FileHandle(forReadingAtPath: path),
            let data = try? file.read(upToCount: maximum) ?? Data()
        else { throw Failure(.noInput, "the file of the \(noun) cannot be read") }
        let text = String(decoding: data, as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).first.map(String.init)
    }
}
