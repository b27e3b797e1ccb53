import Foundation

/// A file of exported entries, locked against other processes.
final class AuditExportFile {
    /// The content of the whole lines of a file.
    struct Content: Sendable {
        /// The number of lines.
        var count = 0
        /// The size of the lines, in bytes.
        var length: UInt64 = 0
        /// The sequence number of the first entry that is missing between two lines.
        var gap: Int?
        var last: AuditLog?
    }

    private let path: String
    private let file: FileHandle

    /// The longest line, in bytes: the largest entry and its hash.
    private static let longestLine = JSONValue.maximumBytes + 1024
    private static let chunk = 1 << 20
    private static let lineFeed = UInt8(ascii: "\n")
    /// The text that every line begins with.
    private static let beginning = Array("{\"action\":\"".utf8)

    /// Opens a file to continue it; creates it if it does not exist.
    ///
    /// - Throws: `.cannotOpen`; `.invalidValue` for an open database; `.busy` when another process
    ///   reads or writes it.
    convenience init(_ path: String) throws {
        try self.init(path, O_RDWR | O_CREAT | O_NOCTTY, LOCK_EX)
    }

    /// Opens a file to read it.
    ///
    /// - Throws: `.cannotOpen`, also when it does not exist; `.busy` when a process writes to it.
    convenience init(reading path: String) throws { try self.init(path, O_RDONLY, LOCK_SH) }

    private init(_ path: String, _ flags: Int32, _ lock: Int32) throws {
        try OpenDatabases.shared.check(path)
        let descriptor = open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(
                .cannotOpen,
                "The export \(path) cannot be opened: \(String(cString: strerror(errno))).")
        }
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        self.path = path
        guard flock(descriptor, lock | LOCK_NB) == 0 else {
            throw StoreError(.busy, "Another process uses the export \(path); repeat it later.")
        }
    }

    // Unlocked explicitly: a child that another thread is just starting inherits the descriptor.
    deinit { flock(file.fileDescriptor, LOCK_UN) }

    // MARK: Reading

    /// Reads every whole line, and checks that it is an entry of the organization's chain.
    ///
    /// An entry must match its hash and follow the line before. Missing entries are allowed, and
    /// reported as `gap`.
    ///
    /// - Parameter body: Called with each entry in turn.
    /// - Throws: `.conflict` with the number of the line.
    func scan(
        of organization: Identifier<Organization>?, _ body: (AuditLog) -> Void = { _ in }
    ) throws -> Content {
        var content = Content()
        var rest: [UInt8] = []
        try attempt { try file.seek(toOffset: 0) }
        while let chunk = try attempt({ try file.read(upToCount: Self.chunk) }), !chunk.isEmpty {
            rest += chunk
            var start = 0
            while let end = rest[start...].firstIndex(of: Self.lineFeed) {
                body(try take(rest[start..<end], organization, &content))
                start = end + 1
            }
            rest.removeFirst(start)
            guard rest.count <= Self.longestLine else {
                throw Self.foreign(line: content.count + 1)
            }
        }
        // A torn line begins like an entry; any other text was not written by an export.
        guard zip(rest, Self.beginning).allSatisfy({ $0 == $1 }) else {
            throw Self.foreign(line: content.count + 1)
        }
        return content
    }

    private func take(
        _ line: ArraySlice<UInt8>, _ organization: Identifier<Organization>?,
        _ content: inout Content
    ) throws -> AuditLog {
        guard let entry = try? AuditLog(line: Data(line)), entry.organizationID == organization,
            let hash = try? entry.chainHash(), hash == entry.hash
        else { throw Self.foreign(line: content.count + 1) }
        if let last = content.last {
            let isNext = entry.sequence == last.sequence &+ 1
            guard entry.sequence > last.sequence, !isNext || entry.previousHash == last.hash else {
                throw Self.foreign(line: content.count + 1)
            }
        }
        if let last = content.last, entry.sequence > last.sequence &+ 1, content.gap == nil {
            content.gap = last.sequence &+ 1
        }
        content.last = entry
        content.count += 1
        content.length += UInt64(line.count + 1)
        return entry
    }

    /// The error for a line that is not an entry of the chain.
    static func foreign(line: Int) -> StoreError {
        StoreError(
            .conflict,
            "Line \(line) of the export is no entry of this audit trail, or was changed; choose "
                + "another file.", entity: AuditLog.entityName)
    }

    // MARK: Writing

    /// Truncates the file to a length in bytes, and continues there.
    func keep(_ length: UInt64) throws {
        try attempt {
            try file.truncate(atOffset: length)
            try file.seek(toOffset: length)
        }
    }

    func append(_ bytes: [UInt8]) throws {
        try attempt { try file.write(contentsOf: Data(bytes)) }
    }

    /// Returns when the content and the name of the file are on the disk.
    func synchronize() throws {
        try attempt { try file.synchronize() }
        FileManager.default.synchronizeDirectory(of: path)
    }

    @discardableResult
    private func attempt<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw StoreError(.inputOutput, "The export cannot be read or written.")
        }
    }
}

extension AuditLog {
    /// Reads a line of an export.
    fileprivate init(line: Data) throws {
        let form = try JSONValue(parsing: line, maximumBytes: JSONValue.maximumBytes + 1024)
        let invalid = StoreError(.invalidValue, "This is no line of an export.")
        guard let members = form.object, members.count == 14 else { throw invalid }
        func text(_ name: String) throws -> String? {
            switch members[name] {
            case .string(let text): text
            case .null: nil
            default: throw invalid
            }
        }
        func required(_ name: String) throws -> String {
            guard let text = try text(name) else { throw invalid }
            return text
        }
        func reference<Record>(_ name: String) throws -> Identifier<Record>? {
            guard let text = try text(name) else { return nil }
            guard let id = Identifier<Record>(text), id.description == text else { throw invalid }
            return id
        }
        guard let id: Identifier<AuditLog> = try reference("id"), let details = members["details"],
            let time = members["created_at"]?.int,
            let sequence = members["sequence"]?.int.flatMap({ Int(exactly: $0) })
        else { throw invalid }
        self.init(
            id: id, organization: try reference("organization_id"), user: try reference("user_id"),
            apiKey: try reference("api_key_id"), action: try required("action"),
            resourceType: try required("resource_type"), resourceID: try text("resource_id"),
            details: details, ipAddress: try text("ip_address"),
            userAgent: try text("user_agent"), createdAt: Date(microseconds: time))
        self.sequence = sequence
        previousHash = try text("previous_hash")
        hash = try required("hash")
    }
}
