import CCurl

/// The one-time set-up of libcurl, which lives as long as the process.
enum CurlLibrary {
    /// Whether it is set up.
    static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK
}
