import CCurl
import Foundation
import MLOpsOperations

/// The answer to a POST request.
struct HTTPAnswer: Sendable {
    /// The status, 200 to 999.
    let status: Int
    /// The first 4 KB of the body.
    let body: String
    /// Whether the body came to its end, or to 4 KB.
    let isWhole: Bool
    /// The time that the receiver asks to wait.
    let retryAfter: Duration?

    var isSuccess: Bool { (200...299).contains(status) }

    /// Whether the receiver is too busy, or has an error of its own.
    var mayPass: Bool { [408, 425, 429].contains(status) || status >= 500 }

    func outcome(_ verdict: DeliveryOutcome.Verdict) -> DeliveryOutcome {
        DeliveryOutcome(
            verdict,
            reason: verdict == .delivered ? "" : "The receiver answered with status \(status).",
            diagnostics: verdict == .delivered ? "" : body)
    }

    /// The longest wait that a receiver can ask for: a day.
    static let longestWait: Duration = .seconds(86400)

    /// Reads `Retry-After`: seconds, or a date in one of HTTP's three forms.
    static func wait(from headers: [String], now: Date = .now) -> Duration? {
        let name = "retry-after:"
        guard let line = headers.last(where: { $0.lowercased().hasPrefix(name) }) else {
            return nil
        }
        let text = line.dropFirst(name.count).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else { return nil }
        var seconds: Double
        if text.allSatisfy({ $0.isASCII && $0.isNumber }) {
            seconds = Double(text) ?? 0
        } else {
            let time = curl_getdate(text, nil)
            guard time >= 0 else { return nil }
            seconds = Date(timeIntervalSince1970: Double(time)).timeIntervalSince(now)
        }
        return min(max(.seconds(min(seconds, 86400)), .zero), longestWait)
    }
}

/// A POST request of JSON.
struct HTTPRequest: Sendable {
    let target: TransferTarget
    let body: String
    var headers: [String] = []

    /// Sends it.
    ///
    /// - Parameter judge: Decides what an answer means.
    func send(
        _ options: DeliveryOptions, judge: @escaping @Sendable (HTTPAnswer) -> DeliveryOutcome
    ) async -> DeliveryOutcome {
        await TransferThread.run { flag in
            do throws(TransferFailure) {
                let transfer = try Transfer(target, options: options, isCancelled: flag)
                do throws(TransferFailure) {
                    return judge(try perform(transfer))
                } catch {
                    return DeliveryOutcome(error, diagnostics: transfer.errors)
                }
            } catch {
                return DeliveryOutcome(error)
            }
        }
    }

    private func perform(_ transfer: Transfer) throws(TransferFailure) -> HTTPAnswer {
        // HTTP/1.1 without a wait for "100 Continue": one request on one connection.
        transfer.set(CURLOPT_HTTP_VERSION, ccurl_http_1_1)
        transfer.set(
            CURLOPT_HTTPHEADER,
            ["Content-Type: application/json", "User-Agent: swift-mlops", "Expect:"] + headers)
        // The size first: libcurl copies as many bytes.
        transfer.set(CURLOPT_POSTFIELDSIZE, body.utf8.count)
        transfer.set(CURLOPT_COPYPOSTFIELDS, body)
        let status = try transfer.run()
        return HTTPAnswer(
            status: status, body: String(decoding: transfer.answer, as: UTF8.self),
            isWhole: transfer.isWhole,
            retryAfter: HTTPAnswer.wait(from: transfer.headers))
    }
}

extension DeliveryOutcome {
    /// The outcome of an attempt without an answer.
    init(_ failure: TransferFailure, diagnostics: String = "") {
        self.init(
            failure.mayPass ? .retry(after: nil) : .refused, reason: failure.reason,
            diagnostics: diagnostics)
    }
}
