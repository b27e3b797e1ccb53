import Foundation

/// The files of a directory that is an artifact.
///
/// Its canonical JSON is kept as a file, whose SHA-256 is that of the artifact.
struct ArtifactManifest {
    struct File {
        /// The path below the directory, with `/` between its parts.
        let name: String
        let sha256: String
        let sizeBytes: Int64
    }

    /// The files in the order of their names' bytes; each name occurs once.
    let files: [File]

    /// What every manifest begins with.
    static let beginning = Data("{\"directory\":[".utf8)
    /// The size of the largest manifest, which has about 400,000 files.
    static let maximumBytes = 64 << 20
    /// The most directories inside one another.
    static let maximumDepth = 64

    init(_ files: [File]) { self.files = files.sorted { Self.isAscending($0.name, $1.name) } }

    private static func isAscending(_ first: String, _ second: String) -> Bool {
        first.orderOfBytes(against: second) < 0
    }

    /// - Throws: `.invalidValue` for too many files.
    func data() throws -> Data {
        let document: JSONValue = [
            "directory": .array(
                files.map {
                    [
                        "name": .string($0.name), "sha256": .string($0.sha256),
                        "size_bytes": .int($0.sizeBytes),
                    ]
                })
        ]
        return Data(try document.canonicalText(maximumBytes: Self.maximumBytes).utf8)
    }

    /// Reads a manifest, and trusts nothing in it.
    ///
    /// - Throws: `.corrupt` for what this library has not written, above all a name that leads out
    ///   of the directory.
    init(parsing data: Data) throws {
        let json = try? JSONValue(parsing: data, maximumBytes: Self.maximumBytes)
        guard let entries = json?["directory"]?.array else { throw Self.invalid }
        files = try entries.map { entry in
            guard let name = entry["name"]?.string, let sha256 = entry["sha256"]?.string,
                let size = entry["size_bytes"]?.int
            else { throw Self.invalid }
            return File(name: name, sha256: sha256, sizeBytes: size)
        }
        guard
            files.allSatisfy({
                Self.staysInside($0.name) && $0.sha256.isSHA256 && $0.sizeBytes >= 0
            }), zip(files, files.dropFirst()).allSatisfy({ Self.isAscending($0.name, $1.name) })
        else { throw Self.invalid }
    }

    /// The error of a file that is whole, but no list that this library has written.
    static let invalid = StoreError(
        .corrupt, "The list of a directory's files is not valid.", entity: "artifact",
        field: "directory")

    /// Whether a relative path names something below the directory it is relative to.
    ///
    /// It goes by bytes: a combining character after a slash makes another character of it.
    static func staysInside(_ path: String) -> Bool {
        !path.utf8.contains(0)
            && path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
                .allSatisfy {
                    !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8)
                }
    }
}

extension String {
    /// Whether it is a SHA-256 as the library writes it: 64 lower-case hexadecimal digits.
    var isSHA256: Bool {
        utf8.count == 64
            && utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}
