import Foundation
import MLOpsCore
import MLOpsDelivery
import MLOpsOperations
import Testing

/// The servers of `Servers/receivers.py`, one process for all tests.
struct Receivers: Sendable {
    /// The folder of what they received.
    let folder: URL
    /// A port for each server, by its name.
    let ports: [String: Int]

    static let shared: Result<Receivers, any Error> = Result { try Receivers() }

    private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    private static let python = tests.appending(path: "../../.build-receivers/bin/python")
        .standardized

    fileprivate static var areInstalled: Bool {
        FileManager.default.isExecutableFile(atPath: python.path)
    }

    private init() throws {
        // No transfer may use it: nothing listens there.
        for name in ["http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"] {
            setenv(name, "http://127.0.0.1:1", 1)
        }
        folder = FileManager.default.temporaryDirectory.appending(path: "receivers-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = Self.python
        process.arguments = [Self.tests.appending(path: "Servers/receivers.py").path, folder.path]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let part = output.fileHandleForReading.availableData
            try #require(!part.isEmpty, "The servers of the tests did not start.")
            line.append(part)
        }
        ports = try JSONDecoder().decode([String: Int].self, from: line)
        // They end with this process, which holds the other end of their input until then.
        _ = Unmanaged.passRetained(input)
        _ = Unmanaged.passRetained(process)
    }

    /// A request that a receiver got.
    struct Request: Decodable {
        let path: String
        let headers: [String: String]
        let body: String

        var json: JSONValue {
            get throws { try JSONValue(parsing: Data(body.utf8)) }
        }
    }

    /// A mail that a server took.
    struct Mail: Decodable {
        let from: String
        let to: [String]
        let ehlo: String
        let isEncrypted: Bool
        let content: Data
        let login: String

        var text: String { String(decoding: content, as: UTF8.self) }
    }

    func requests(_ key: String) throws -> [Request] { try lines(of: "\(key).jsonl") }

    func mails(_ id: UUID) throws -> [Mail] { try lines(of: "\(id.uuidString.lowercased()).json") }

    func lines<Line: Decodable>(of file: String) throws -> [Line] {
        guard let data = try? Data(contentsOf: folder.appending(path: file)) else { return [] }
        return try data.split(separator: UInt8(ascii: "\n"))
            .map { try JSONDecoder().decode(Line.self, from: $0) }
    }

    /// What an operator of these servers allows.
    func options(timeout: Duration = .seconds(10)) throws -> DeliveryOptions {
        DeliveryOptions(
            addresses: AddressPolicy(allowing: [try AddressRange("127.0.0.0/8")]),
            timeout: timeout, authorities: folder.appending(path: "authority.pem").path)
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs a test only with the servers; with CI set it fails without them.
    static var withReceivers: Self {
        .enabled(
            if: Receivers.areInstalled || ProcessInfo.processInfo.environment["CI"] != nil,
            "The servers of the tests are not installed: run Scripts/receivers.")
    }
}

/// One conversation with the receivers.
struct Conversation {
    let receivers: Receivers
    let key = UUID().uuidString

    init() throws { receivers = try Receivers.shared.get() }

    var requests: [Receivers.Request] {
        get throws { try receivers.requests(key) }
    }

    func url(_ behaviour: String, server: String = "https", host: String = "localhost") throws
        -> String
    {
        let port = try #require(receivers.ports[server])
        return "\(server == "http" ? "http" : "https")://\(host):\(port)/\(key)/\(behaviour)"
    }

    func config(_ type: NotificationChannelType, _ url: String) -> Secret<JSONValue> {
        var members: [String: JSONValue] = ["url": .string(url)]
        if type == .webhook { members["secret"] = .string(secret) }
        if type == .pagerDuty { members["routing_key"] = .string(routingKey) }
        return Secret(.object(members))
    }

    /// Sends through a channel to a receiver that behaves in a certain way.
    func send(
        _ notification: AlertNotification = .sample(), through type: NotificationChannelType,
        _ behaviour: String, server: String = "https", timeout: Duration = .seconds(10)
    ) async throws -> DeliveryOutcome {
        try await DeliverySender(receivers.options(timeout: timeout)).send(
            notification, through: type, config: config(type, url(behaviour, server: server)))
    }
}

/// The secret of the golden signature of Standard Webhooks.
let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
let routingKey = "0123456789abcdef0123456789ABCDEF"

extension AlertNotification {
    static func sample(
        _ event: Event = .triggered, severity: AlertSeverity = .high,
        title: String = "p99 is high", message: String = "p99 was 812 ms, more than 500.",
        labels: [String: String] = ["region": "eu"], context: JSONValue = ["threshold": 500],
        link: String? = "https://mlops.example/alerts/1?a=1&b=2", deliveryID: UUID = UUID(),
        firstDeliveryID: UUID? = nil
    ) -> AlertNotification {
        AlertNotification(
            deliveryID: deliveryID, firstDeliveryID: firstDeliveryID, event: event,
            occurredAt: Date(timeIntervalSince1970: 1_700_000_060.5), alertID: someID,
            alertType: .highLatency, severity: severity, title: title, message: message,
            project: "Fraud", deployment: "fraud-api", labels: labels, context: context,
            occurrences: 3, triggeredAt: Date(timeIntervalSince1970: 1_700_000_000),
            resolvedAt: event == .resolved ? Date(timeIntervalSince1970: 1_700_000_060.5) : nil,
            link: link)
    }

    private static let someID =
        Identifier<Alert>("018f0000-0000-7000-8000-000000000001") ?? Identifier()
}
