import CCurl

/// Why a transfer had no answer.
enum TransferFailure: Error, Hashable {
    /// The URL is none that may be used; the sentence tells why.
    case unusable(String)
    /// Every address of the host is forbidden.
    case forbiddenAddress
    /// The calling task was cancelled.
    case cancelled
    /// libcurl's code.
    case transfer(CURLcode)

    /// What the channel's organization may read.
    var reason: String {
        switch self {
        case .unusable(let reason): return reason
        case .forbiddenAddress:
            return "The address, port or protocol is not among those that the operator allows."
        case .cancelled: return "The attempt was cancelled."
        case .transfer(let code):
            return switch code {
            case CURLE_URL_MALFORMAT: "The host in the URL cannot be read; it has to be in ASCII."
            case CURLE_COULDNT_RESOLVE_HOST: "The name of the host cannot be resolved."
            case CURLE_COULDNT_CONNECT: "The host cannot be reached."
            case CURLE_OPERATION_TIMEDOUT: "The time for an attempt was over."
            case CURLE_PEER_FAILED_VERIFICATION: "The certificate of the host is not valid."
            case CURLE_SSL_CONNECT_ERROR: "The host answered without TLS, or by one too old."
            case CURLE_USE_SSL_FAILED: "The mail server does not offer STARTTLS."
            case CURLE_LOGIN_DENIED: "The mail server refuses the login."
            default: "The connection failed (\(code.rawValue))."
            }
        }
    }

    /// Whether another attempt may do better.
    var mayPass: Bool {
        switch self {
        case .unusable, .forbiddenAddress: false
        case .cancelled: true
        case .transfer(let code): code != CURLE_USE_SSL_FAILED && code != CURLE_URL_MALFORMAT
        }
    }
}
