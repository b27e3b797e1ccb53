import CCurl
import Foundation
import Synchronization

/// Asks a server of another program over HTTP, one question at a time, on one connection.
final class HTTPClient: Sendable {
    private let base: String
    private let headers: [String]
    private let handle: Mutex<Handle>

    private struct Handle: ~Copyable {
        let curl: UnsafeMutableRawPointer
        deinit { curl_easy_cleanup(curl) }
    }

    /// Takes an answer, which libcurl hands over a piece at a time.
    private final class Answer {
        private let take: (Data) throws -> Void
        private(set) var error: (any Error)?

        init(_ take: @escaping (Data) throws -> Void) { self.take = take }

        /// - Returns: Whether more is wanted.
        func add(_ piece: Data) -> Bool {
            do {
                try take(piece)
                return true
            } catch {
                self.error = error
                return false
            }
        }
    }

    /// The most bytes that a document may have.
    private static let largestDocument = 64 << 20

    private static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    /// - Parameters:
    ///   - base: The URL of the server, with `http` or `https`.
    ///   - headers: Lines that every question has, such as an `Authorization`.
    /// - Throws: ``ImportSourceError`` for another URL.
    init(_ base: String, headers: [String] = []) throws {
        var base = base
        while base.hasSuffix("/") { base.removeLast() }
        let parts = URLComponents(string: base)
        guard ["http", "https"].contains(parts?.scheme?.lowercased()),
            parts?.host?.isEmpty == false, parts?.user == nil, parts?.password == nil,
            parts?.query == nil
        else {
            throw ImportSourceError(
                .missing,
                "The URL of a server is http:// or https://, a host, and perhaps a path; "
                    + "give passwords in the environment.")
        }
        guard headers.allSatisfy({ !$0.contains { $0.isNewline } }), Self.isReady,
            let curl = curl_easy_init()
        else { throw ImportSourceError(.unreadable, "libcurl cannot be used.") }
        self.base = base
        self.headers = headers
        handle = Mutex(Handle(curl: curl))
    }

    /// Asks for a JSON document.
    ///
    /// - Parameter body: Sent by POST; `nil` asks by GET.
    /// - Throws: ``ImportSourceError`` for any answer but 200 with a document of that type;
    ///   `missing` for 404.
    func json<Document: Decodable>(
        _ type: Document.Type, _ path: String, _ query: [(String, String)] = [],
        body: Data? = nil
    ) throws -> Document {
        let url = url(path, query)
        let data = try handle.withLock { try document(url, body, $0.curl) }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        do {
            return try decoder.decode(type, from: data)
        } catch {
            throw ImportSourceError(
                .anotherKind, "\(base) does not answer as a tracking server of MLflow at \(path).")
        }
    }

    /// Writes an answer into a new file.
    ///
    /// - Throws: ``ImportSourceError`` for any answer but 200; the error of writing.
    func download(_ path: String, _ query: [(String, String)] = [], to file: URL) throws {
        let url = url(path, query)
        try handle.withLock { handle in
            try Data().write(to: file, options: .withoutOverwriting)
            let output = try FileHandle(forWritingTo: file)
            let answer = Answer { try output.write(contentsOf: $0) }
            try perform(url, nil, "*/*", answer, handle.curl)
            try output.close()
        }
    }

    private func document(
        _ url: String, _ body: Data?, _ curl: UnsafeMutableRawPointer
    ) throws -> Data {
        var data = Data()
        let answer = Answer { [base] piece in
            guard data.count + piece.count <= Self.largestDocument else {
                throw ImportSourceError(.unreadable, "\(base) answers with more than 64 MiB.")
            }
            data.append(piece)
        }
        try perform(url, body, "application/json", answer, curl)
        return data
    }

    private func url(_ path: String, _ query: [(String, String)]) -> String {
        base + path
            + query.enumerated().map { index, item in
                (index == 0 ? "?" : "&") + item.0 + "=" + Self.escaped(item.1)
            }.joined()
    }

    /// A document to send, with its names in snake case.
    func encoded(_ document: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try encoder.encode(document)
    }

    /// The text as a part of a path, or as a value of a query.
    static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
                || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte)
            let hex = String(byte, radix: 16, uppercase: true)
            return isPlain
                ? String(Unicode.Scalar(byte)) : "%" + (hex.count == 1 ? "0" : "") + hex
        }.joined()
    }

    private func perform(
        _ url: String, _ body: Data?, _ type: String, _ answer: Answer,
        _ curl: UnsafeMutableRawPointer
    ) throws {
        curl_easy_reset(curl)
        var refused = CURLE_OK
        func check(_ code: CURLcode) { if code != CURLE_OK { refused = code } }
        check(ccurl_set_long(curl, CURLOPT_NOSIGNAL, 1))
        check(ccurl_set_text(curl, CURLOPT_URL, url))
        check(ccurl_set_text(curl, CURLOPT_PROTOCOLS_STR, "http,https"))
        check(ccurl_set_long(curl, CURLOPT_FOLLOWLOCATION, 0))
        check(ccurl_set_long(curl, CURLOPT_CONNECTTIMEOUT, 15))
        // A large file may take long, but not without a byte for five minutes.
        check(ccurl_set_long(curl, CURLOPT_LOW_SPEED_LIMIT, 1))
        check(ccurl_set_long(curl, CURLOPT_LOW_SPEED_TIME, 300))
        var list: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(list) }
        for line in headers + ["Accept: \(type)"] { list = curl_slist_append(list, line) }
        if let body {
            list = curl_slist_append(list, "Content-Type: application/json")
            check(ccurl_set_long(curl, CURLOPT_POSTFIELDSIZE, body.count))
            body.withUnsafeBytes { bytes in
                check(
                    ccurl_set_pointer(
                        curl, CURLOPT_COPYPOSTFIELDS,
                        UnsafeMutableRawPointer(mutating: bytes.baseAddress)))
            }
        }
        check(ccurl_set_pointer(curl, CURLOPT_HTTPHEADER, list))
        check(
            ccurl_set_pointer(
                curl, CURLOPT_WRITEDATA, Unmanaged.passUnretained(answer).toOpaque()))
        check(
            ccurl_set_stream(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                let answer = Unmanaged<Answer>.fromOpaque(context).takeUnretainedValue()
                let length = size * count
                return answer.add(Data(bytes: bytes, count: length)) ? length : 0
            })
        guard refused == CURLE_OK else {
            throw ImportSourceError(.unreadable, "libcurl refuses an option.")
        }
        let code = withExtendedLifetime(answer) {
            var code = curl_easy_perform(curl)
            // A busy server refuses connections; nothing was asked then, so that it is asked again.
            for wait in [0.2, 0.5, 1, 2] where code == CURLE_COULDNT_CONNECT {
                Thread.sleep(forTimeInterval: wait)
                code = curl_easy_perform(curl)
            }
            return code
        }
        if let error = answer.error { throw error }
        guard code == CURLE_OK else {
            throw ImportSourceError(
                .unreadable,
                "\(base) cannot be read: \(String(cString: curl_easy_strerror(code))).")
        }
        let status = ccurl_response_code(curl)
        guard status != 200 else { return }
        let hint = status == 401 || status == 403 ? "; set MLFLOW_TRACKING_TOKEN" : ""
        throw ImportSourceError(
            status == 404 ? .missing : .unreadable,
            "\(base) answers with status \(status)\(hint).")
    }
}
