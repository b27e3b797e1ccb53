import Crypto
import Foundation
import MLOpsCore

/// A tar that is written by hand, so that anything may stand in it.
struct TarFile {
    private(set) var data = Data()

    /// Adds an entry, in the form of POSIX 1003.1-1988.
    ///
    /// - Parameters:
    ///   - type: `0` for a file, `1` for a hard link, `2` for a link, `5` for a directory.
    ///   - size: The size that the header says; that of the content by default.
    mutating func add(
        _ name: String, _ content: Data = Data(), type: Character = "0", link: String = "",
        size: Int? = nil
    ) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
        }
        put(name, at: 0)
        put("0000600", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        let digits = String(size ?? content.count, radix: 8)
        put(String(repeating: "0", count: 11 - digits.count) + digits, at: 124)
        put("00000000000", at: 136)
        put("        ", at: 148)
        put(String(type), at: 156)
        put(link, at: 157)
        put("ustar\u{0}00", at: 257)
        let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
        put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", at: 148)
        data += header + content
        data += Data(count: (512 - content.count % 512) % 512)
    }

    /// The bytes with the end of an archive.
    var finished: Data { data + Data(count: 1024) }

    /// The files of an archive, with a manifest of them as they are now.
    init(files: [String: Data], manifest change: (inout [String: JSONValue]) -> Void = { _ in })
        throws
    {
        var manifest = try JSONValue(parsing: files["manifest.json"] ?? Data()).object ?? [:]
        let others = files.filter { $0.key != "manifest.json" }.sorted { $0.key < $1.key }
        manifest["files"] = .array(
            others.map { name, content in
                [
                    "name": .string(name), "size_bytes": .int(Int64(content.count)),
                    "sha256": .string(
                        SHA256.hash(data: content).map { String(format: "%02x", $0) }.joined()),
                ]
            })
        change(&manifest)
        add("manifest.json", Data(try JSONValue.object(manifest).canonicalText().utf8))
        for (name, content) in others { add(name, content) }
    }
}
