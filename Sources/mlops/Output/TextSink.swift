import Foundation
import MLOpsCore

/// Writes much text to standard output or to a new file, in bounded memory.
final class TextSink {
    private static let capacity = 1 << 16
    private let path: String?
    private let file: FileHandle
    private var buffer = Data()
    private(set) var bytes = 0

    /// - Parameter path: The file; `nil` for standard output.
    /// - Throws: `Failure` when the file exists or cannot be made.
    init(_ path: String?) throws {
        self.path = path
        file = try path.map { try Self.create($0) } ?? .standardOutput
        buffer.reserveCapacity(Self.capacity)
    }

    /// Makes a new file.
    ///
    /// - Throws: `Failure` when it exists or cannot be made.
    static func create(_ path: String, mode: mode_t = 0o600) throws -> FileHandle {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            throw Failure(
                .cannotCreate,
                errno == EEXIST
                    ? "\(path) exists already; choose another name" : "\(path) cannot be created")
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func write(_ text: String) throws {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= Self.capacity { try flush() }
    }

    private func flush() throws {
        bytes += buffer.count
        do {
            try file.write(contentsOf: buffer)
        } catch {
            throw Failure(.cannotCreate, "\(path ?? "the output") cannot be written")
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes what is left.
    func finish() throws {
        try flush()
        guard let path else { return }
        do {
            try file.synchronize()
        } catch {
            throw Failure(.cannotCreate, "\(path) cannot be written")
        }
    }

    /// Removes the file, which is not complete.
    func discard() {
        if let path { unlink(path) }
    }

    /// Runs a body that writes; what it wrote to a file is removed if it fails.
    static func writing<Value>(
        to path: String?, _ body: (TextSink) async throws -> Value
    ) async throws -> Value {
        let sink = try TextSink(path)
        do {
            let value = try await body(sink)
            try sink.finish()
            return value
        } catch {
            sink.discard()
            throw error
        }
    }
}

/// Lines of comma-separated values (RFC 4180).
enum CSV {
    /// One record; fields with commas, quotes or line breaks are quoted.
    static func line(_ fields: [String]) -> String {
        fields.map(field).joined(separator: ",") + "\n"
    }

    private static func field(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\n")
                && byte != UInt8(ascii: "\r")
        }
        return isPlain ? text : "\"\(text.replacing("\"", with: "\"\""))\""
    }

    /// A value with all its digits; a list or an object as JSON.
    static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .double(let number): Self.number(number)
        default: value.description
        }
    }

    /// A number with all its digits.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "Infinity" : "-Infinity" }
        return Int64(exactly: value).map { value.sign == .minus && $0 == 0 ? "-0.0" : String($0) }
            ?? "\(value)"
    }
}
