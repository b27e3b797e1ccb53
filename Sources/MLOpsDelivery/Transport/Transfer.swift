import CCurl
import Foundation

/// One request of libcurl, from the first byte to the last.
///
/// It is made, run and freed on one thread. The functions that libcurl calls get this object
/// without ownership; it lives until `run` returns.
final class Transfer {
    /// The most bytes of an answer that are read.
    static let maximumAnswer = 4096
    /// The most bytes of an answer's headers; without a limit libcurl keeps them all.
    private static let maximumHeaders = 65536

    let handle: UnsafeMutableRawPointer
    private let target: TransferTarget
    private let addresses: AddressPolicy
    private let isCancelled: CancellationFlag
    /// The first option that libcurl refused; without its options nothing may run.
    private var refusedOption = CURLE_OK
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private var errorText = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))

    private(set) var answer: [UInt8] = []
    private(set) var headers: [String] = []
    /// Whether the empty line after a status other than 1xx came.
    private var headersAreWhole = false
    private var headerBytes = 0
    private var isCut = false
    /// Whether the answer came to its end, or to its largest size.
    private(set) var isWhole = false
    private var opened = 0
    private var refused: [IPAddress] = []
    /// What is sent by a read function.
    var upload: ArraySlice<UInt8> = []
    /// Sees each line that is sent (true) or received in a dialogue, as that of SMTP.
    var dialogue: ((_ isSent: Bool, _ line: String) -> Void)?

    init(
        _ target: TransferTarget, options: DeliveryOptions, isCancelled: CancellationFlag
    ) throws(TransferFailure) {
        guard CurlLibrary.isReady, let handle = curl_easy_init() else {
            throw .transfer(CURLE_FAILED_INIT)
        }
        self.handle = handle
        self.target = target
        self.isCancelled = isCancelled
        addresses = options.addresses
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_URL, target.url)
        set(CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps")
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        // Empty texts: not even those of the environment.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOPROXY, "*")
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let authorities = options.authorities { set(CURLOPT_CAINFO, authorities) }
        let milliseconds = options.timeout / .milliseconds(1)
        set(CURLOPT_TIMEOUT_MS, Int(min(max(milliseconds, 1), 86_400_000)))
        // At the end of its time it does not wait for a resolver that still waits for an answer.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_FORBID_REUSE, 1)
        installFunctions()
    }

    deinit {
        // Nothing may call into an object that is going away.
        set(CURLOPT_VERBOSE, 0)
        set(CURLOPT_NOPROGRESS, 1)
        curl_easy_cleanup(handle)
        for list in lists { curl_slist_free_all(list) }
    }

    func set(_ option: CURLoption, _ value: Int) { check(ccurl_set_long(handle, option, value)) }

    func set(_ option: CURLoption, _ value: String) { check(ccurl_set_text(handle, option, value)) }

    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) {
        check(ccurl_set_pointer(handle, option, value))
    }

    private func check(_ code: CURLcode) {
        if refusedOption == CURLE_OK { refusedOption = code }
    }

    func set(_ option: CURLoption, _ values: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for value in values { list = curl_slist_append(list, value) }
        guard let list else { return check(CURLE_OUT_OF_MEMORY) }
        lists.append(list)
        set(option, UnsafeMutableRawPointer(list))
    }

    /// Runs the transfer to its end.
    ///
    /// - Returns: The status; of a dialogue that of its last answer.
    func run() throws(TransferFailure) -> Int {
        guard refusedOption == CURLE_OK else { throw .transfer(refusedOption) }
        let code = errorText.withUnsafeMutableBufferPointer { text in
            ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, text.baseAddress)
            defer { ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, nil) }
            return curl_easy_perform(handle)
        }
        isWhole = code == CURLE_OK || isCut
        // An HTTP status counts with its headers alone: the receiver has the message. libcurl takes
        // a connection that is closed within the headers for an answer.
        if dialogue == nil ? headersAreWhole : isWhole { return status }
        if code == CURLE_OK { throw .transfer(CURLE_GOT_NOTHING) }
        if isCancelled.isSet { throw .cancelled }
        if opened == 0, !refused.isEmpty { throw .forbiddenAddress }
        throw .transfer(code)
    }

    /// The last status that came.
    var status: Int { ccurl_response_code(handle) }

    /// What the operator's log may know of a transfer that failed.
    var errors: String {
        let bytes = errorText.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        let text = String(decoding: bytes, as: UTF8.self)
        if refused.isEmpty { return text }
        return "\(text) [refused addresses: \(refused.map(\.description).joined(separator: ", "))]"
    }

    // MARK: What libcurl asks for

    /// Decides about a socket; the last check before a connection, whatever a name resolved to.
    fileprivate func open(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        guard let found = IPAddress.ofSocket(&address.pointee.addr) else { return ccurl_no_socket }
        guard
            addresses.isAllowed(found.address)
                || target.isForPublic && AddressPolicy.isPublic(found.address)
        else {
            refused.append(found.address)
            return ccurl_no_socket
        }
        opened += 1
        var type = address.pointee.socktype
        #if os(Linux)
            // Programs that this one starts do not inherit it.
            type |= Int32(SOCK_CLOEXEC.rawValue)
        #endif
        return socket(address.pointee.family, type, address.pointee.protocol)
    }

    fileprivate func receive(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let room = Self.maximumAnswer - answer.count
        answer.append(contentsOf: bytes.prefix(room))
        if bytes.count <= room { return bytes.count }
        // A short count ends the transfer.
        isCut = true
        return 0
    }

    fileprivate func receive(header bytes: UnsafeBufferPointer<UInt8>) -> Int {
        headerBytes += bytes.count
        guard headerBytes <= Self.maximumHeaders else { return 0 }
        let line = String(decoding: bytes, as: UTF8.self)
        if line == "\r\n" || line == "\n" {
            headersAreWhole = status >= 200
        } else {
            headers.append(line)
        }
        return bytes.count
    }

    fileprivate func give(to buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let part = upload.prefix(buffer.count)
        _ = buffer.update(fromContentsOf: part)
        upload = upload.dropFirst(part.count)
        return part.count
    }

    fileprivate var hasToEnd: Bool { isCancelled.isSet }

    private func installFunctions() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        set(CURLOPT_OPENSOCKETDATA, context)
        check(
            ccurl_set_socket(handle) { context, _, address in
                guard let transfer = Transfer.at(context), let address else {
                    return ccurl_no_socket
                }
                return transfer.open(address)
            })
        set(CURLOPT_WRITEDATA, context)
        check(
            ccurl_set_stream(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                Transfer.at(context)?.receive(.init(of: bytes, count: size * count)) ?? 0
            })
        set(CURLOPT_HEADERDATA, context)
        check(
            ccurl_set_stream(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                Transfer.at(context)?.receive(header: .init(of: bytes, count: size * count)) ?? 0
            })
        set(CURLOPT_READDATA, context)
        check(
            ccurl_set_stream(handle, CURLOPT_READFUNCTION) { bytes, size, count, context in
                guard let transfer = Transfer.at(context), let bytes else {
                    return Int(CURL_READFUNC_ABORT)
                }
                return bytes.withMemoryRebound(to: UInt8.self, capacity: size * count) {
                    transfer.give(to: UnsafeMutableBufferPointer(start: $0, count: size * count))
                }
            })
        set(CURLOPT_NOPROGRESS, 0)
        set(CURLOPT_XFERINFODATA, context)
        check(
            ccurl_set_progress(handle) { context, _, _, _, _ in
                Transfer.at(context)?.hasToEnd == false ? 0 : 1
            })
    }

    /// Lets ``dialogue`` see the lines; libcurl prints nothing, since the function takes them.
    func watchDialogue() {
        set(CURLOPT_VERBOSE, 1)
        set(CURLOPT_DEBUGDATA, Unmanaged.passUnretained(self).toOpaque())
        check(
            ccurl_set_debug(handle) { _, type, bytes, count, context in
                guard type == CURLINFO_HEADER_OUT || type == CURLINFO_HEADER_IN else { return 0 }
                let line = String(
                    decoding: UnsafeBufferPointer(of: bytes, count: count), as: UTF8.self)
                Transfer.at(context)?.dialogue?(type == CURLINFO_HEADER_OUT, line)
                return 0
            })
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The bytes of a text of C.
    fileprivate init(of bytes: UnsafeMutablePointer<CChar>?, count: Int) {
        let raw = UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count)
        self = raw.bindMemory(to: UInt8.self)
    }
}
