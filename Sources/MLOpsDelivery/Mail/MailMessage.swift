import Foundation
import MLOpsOperations

/// A mail about an alert, as it is sent after DATA.
enum MailMessage {
    static let messageLimit = 20_000
    static let subjectLimit = 300

    static func text(_ notification: AlertNotification, _ config: EmailConfig, at date: Date)
        -> String
    {
        let text = NotificationText(notification)
        var headers = [
            "Date: \(rfc5322(date))", "From: \(config.from)",
            "To: \(config.to.joined(separator: ",\r\n "))",
            "Subject: \(QuotedPrintable.header(text.headline.cut(toUnits: subjectLimit)))",
            "Message-ID: \(messageID(notification.deliveryID, config))",
            "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
        ]
        if let first = notification.firstDeliveryID, first != notification.deliveryID {
            let id = messageID(first, config)
            headers += ["In-Reply-To: \(id)", "References: \(id)"]
        }
        return headers.joined(separator: "\r\n") + "\r\n\r\n" + QuotedPrintable.body(body(text))
    }

    /// The same over all attempts, so that a mail that came twice can be told.
    static func messageID(_ id: UUID, _ config: EmailConfig) -> String {
        "<\(id.uuidString.lowercased())@\(host(config))>"
    }

    /// The domain of the sender, which is also the name in EHLO.
    static func host(_ config: EmailConfig) -> String {
        String(config.from.split(separator: "@").last ?? "localhost")
    }

    private static func body(_ text: NotificationText) -> String {
        var parts = [text.headline]
        if !text.message.isEmpty { parts.append(text.message.cut(toBytes: messageLimit)) }
        parts.append(text.facts.map { "\($0.name): \($0.value)" }.joined(separator: "\n"))
        if let link = text.link { parts.append("Open the alert: \(link)") }
        return parts.joined(separator: "\n\n")
    }

    private static func rfc5322(_ date: Date) -> String {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        var seconds = time_t(date.timeIntervalSince1970)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let time = [parts.tm_hour, parts.tm_min, parts.tm_sec]
            .map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
        return
            "\(days[Int(parts.tm_wday) % 7]), \(parts.tm_mday) \(months[Int(parts.tm_mon) % 12]) "
            + "\(1900 + parts.tm_year) \(time) +0000"
    }
}
