import Foundation

extension Secret where Value == String {
    /// Bytes of the largest file, room for more than a thousand keys.
    private static var largestFile: Int { 65_536 }

    /// Reads the text of a file that its owner alone may read.
    ///
    /// - Parameters:
    ///   - path: Where the file is.
    ///   - variable: What names the file, for the message of an error.
    /// - Throws: `.inputOutput` when the file cannot be read or is larger than 64 KiB;
    ///   `.invalidValue` when it is open to its group or to others, or is an open database.
    public init(contentsOfFile path: String, namedBy variable: String) throws {
        let unreadable = StoreError(
            .inputOutput, "The file that \(variable) names cannot be read.", field: variable)
        try OpenDatabases.shared.check(path)
        guard let file = try? FileHandle(forReadingFrom: URL(filePath: path)) else {
            throw unreadable
        }
        defer { try? file.close() }
        // Asked of the open file, not of the path, which may lead to another one by now.
        var status = stat()
        guard fstat(file.fileDescriptor, &status) == 0 else { throw unreadable }
        guard status.st_mode & 0o077 == 0 else {
            throw StoreError(
                .invalidValue,
                "The file that \(variable) names is open to its group or to others; allow its "
                    + "owner alone (chmod 600).",
                field: variable)
        }
        guard let data = try? file.read(upToCount: Self.largestFile + 1) ?? Data(),
            data.count <= Self.largestFile, let text = String(data: data, encoding: .utf8)
        else { throw unreadable }
        self.init(text)
    }
}
