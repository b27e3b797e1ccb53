import CCurl
import Foundation
import MLOpsCore

/// A URL that was read and checked by libcurl itself, so that what is checked is what is reached.
struct TransferTarget: Sendable {
    /// The URL in libcurl's form.
    let url: String
    /// Whether scheme, port and host are those of a public receiver.
    ///
    /// Others are reached only at addresses that the operator allows.
    let isForPublic: Bool

    /// Checks a URL.
    ///
    /// - Parameters:
    ///   - schemes: The ones that are possible.
    ///   - encrypted: Those among them that may go to public addresses.
    ///   - ports: The ports of public receivers.
    ///   - isReceiver: Whether a host is one that public receivers of this kind have.
    /// - Throws: ``TransferFailure/unusable(_:)``.
    init(
        _ text: String, schemes: Set<String>, encrypted: Set<String>, ports: Set<Int>,
        isReceiver: (String) -> Bool = { _ in true }
    ) throws(TransferFailure) {
        guard let handle = curl_url() else { throw .unusable("There is no memory for a URL.") }
        defer { curl_url_cleanup(handle) }
        func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
            var text: UnsafeMutablePointer<CChar>?
            guard curl_url_get(handle, part, &text, UInt32(flags)) == CURLUE_OK, let text else {
                return nil
            }
            defer { curl_free(text) }
            return String(cString: text)
        }
        guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }),
            curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK,
            let scheme = part(CURLUPART_SCHEME), let host = part(CURLUPART_HOST)?.lowercased(),
            let port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap({ Int($0) }), port > 0,
            let url = part(CURLUPART_URL)
        else { throw .unusable("The URL cannot be read.") }
        guard schemes.contains(scheme) else {
            throw .unusable("The URL does not start with https://.")
        }
        guard part(CURLUPART_USER) == nil, part(CURLUPART_PASSWORD) == nil else {
            throw .unusable("The URL holds a user or a password.")
        }
        // libcurl writes 2130706433, 0177.1 and 0x7f.1 as 127.0.0.1; nobody honest writes those.
        if IPAddress(host) != nil, !text.lowercased().hasPrefix("\(scheme)://\(host)") {
            throw .unusable("The address in the URL is not four decimal numbers.")
        }
        self.url = url
        isForPublic = encrypted.contains(scheme) && ports.contains(port) && isReceiver(host)
    }

    /// Checks the URL of an HTTP receiver.
    ///
    /// - Parameter hosts: The public hosts that it may have; `nil` for any.
    static func http(
        _ url: Secret<String>, hosts: [String]? = nil
    ) throws(TransferFailure) -> TransferTarget {
        try TransferTarget(
            url.reveal(), schemes: ["https", "http"], encrypted: ["https"], ports: [443, 8443]
        ) { host in
            hosts.map { ServiceHosts.contains(host, in: $0) } ?? true
        }
    }
}
