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

    /// The bytes of an answer, which libcurl hands over a piece at a time.
    private final class Answer {
        var bytes = Data()
        /// The most bytes that an answer may have.
        static let maximum = 64 << 20
    }

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
    /// - Throws: ``ImportSourceError`` for any answer but 200 with a document of that type.
    func json<Document: Decodable>(
        _ type: Document.Type, _ path: String, _ query: [(String, String)] = [],
        body: Data? = nil
    ) throws -> Document {
        var text = base + path
        for (index, item) in query.enumerated() {
            text += (index == 0 ? "?" : "&") + item.0 + "=" + Self.escaped(item.1)
        }
        let data = try handle.withLock { try perform(text, body, $0.curl) }
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

    /// A document to send, with its names in snake case.
    func encoded(_ document: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try encoder.encode(document)
    }

    private static func escaped(_ text: String) -> String {
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
        _ url: String, _ body: Data?, _ curl: UnsafeMutableRawPointer
    ) throws -> Data {
        curl_easy_reset(curl)
        var refused = CURLE_OK
        func check(_ code: CURLcode) { if code != CURLE_OK { refused = code } }
        check(ccurl_set_long(curl, CURLOPT_NOSIGNAL, 1))
        check(ccurl_set_text(curl, CURLOPT_URL, url))
        check(ccurl_set_text(curl, CURLOPT_PROTOCOLS_STR, "http,https"))
        check(ccurl_set_long(curl, CURLOPT_FOLLOWLOCATION, 0))
        check(ccurl_set_long(curl, CURLOPT_CONNECTTIMEOUT, 15))
        check(ccurl_set_long(curl, CURLOPT_TIMEOUT, 300))
        var list: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(list) }
        for line in headers + ["Accept: application/json"] { list = curl_slist_append(list, line) }
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
        let answer = Answer()
        check(
            ccurl_set_pointer(
                curl, CURLOPT_WRITEDATA, Unmanaged.passUnretained(answer).toOpaque()))
        check(
            ccurl_set_stream(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                let answer = Unmanaged<Answer>.fromOpaque(context).takeUnretainedValue()
                let length = size * count
                guard answer.bytes.count + length <= Answer.maximum else { return 0 }
                answer.bytes.append(Data(bytes: bytes, count: length))
                return length
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
        guard code == CURLE_OK else {
            throw ImportSourceError(
                .unreadable,
                "\(base) cannot be read: \(String(cString: curl_easy_strerror(code))).")
        }
        let status = ccurl_response_code(curl)
        guard status == 200 else {
            let hint = status == 401 || status == 403 ? "; set MLFLOW_TRACKING_TOKEN" : ""
            throw ImportSourceError(.unreadable, "\(base) answers with status \(status)\(hint).")
        }
        return answer.bytes
    }
}
