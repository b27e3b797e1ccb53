import Foundation
import MLOpsCore
import MLOpsOperations
import Testing

@testable import MLOpsDelivery

@Suite struct AddressPolicyTests {
    /// The first and the last address of each range, and those beside it.
    @Test(arguments: [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
        "127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.255.255",
        "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.1", "192.88.99.1",
        "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.1",
        "203.0.113.1", "224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.255",
        "::", "::1", "::2", "::127.0.0.1", "fc00::", "fd00:ec2::254", "fdff::1", "fe80::1",
        "febf::1", "fec0::1", "ff00::", "ff02::1", "100::1", "4000::1", "5f00::1",
        "2001::1", "2001:1ff::1", "2001:db8::1", "3fff::1",
        "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254", "::ffff:0:0",
        "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1",
        "2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::1", "2002:c0a8:101::1",
    ]) func isForbidden(address: String) throws {
        let address = try #require(IPAddress(address))
        #expect(!AddressPolicy.isPublic(address))
        #expect(!AddressPolicy().isAllowed(address))
    }

    @Test(arguments: [
        "1.0.0.0", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255",
        "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.167.255.255", "192.169.0.0",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "2000::1", "2001:200::1",
        "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1",
    ]) func isPublic(address: String) throws {
        #expect(AddressPolicy.isPublic(try #require(IPAddress(address))))
    }

    @Test(arguments: [
        "127.1", "2130706433", "0177.0.0.1", "0x7f.0.0.1", "1.2.3.4.5", "", "fe80::1%eth0",
        "::1 ", "1.2.3.4/8", "localhost",
    ]) func isNoAddress(text: String) { #expect(IPAddress(text) == nil) }

    @Test func theOperatorAllowsRanges() throws {
        let policy = AddressPolicy(allowing: [
            try AddressRange("10.1.0.0/16"), try AddressRange("fd00::/8"),
            try AddressRange("127.0.0.1"),
        ])
        func isAllowed(_ text: String) throws -> Bool {
            policy.isAllowed(try #require(IPAddress(text)))
        }
        for text in ["10.1.0.0", "10.1.255.255", "::ffff:10.1.2.3", "fd12::1", "127.0.0.1"] {
            #expect(try isAllowed(text), "\(text)")
        }
        for text in ["10.0.255.255", "10.2.0.0", "fc00::1", "127.0.0.2", "::1", "1.1.1.1"] {
            #expect(try !isAllowed(text), "\(text)")
        }
        #expect(policy.allowed.map(\.description) == ["10.1.0.0/16", "fd00::/8", "127.0.0.1/32"])
        let all = AddressPolicy(allowing: [try AddressRange("0.0.0.0/0")])
        #expect(all.isAllowed(try #require(IPAddress("192.168.1.1"))))
        #expect(!all.isAllowed(try #require(IPAddress("::1"))))
    }

    @Test(arguments: [
        "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "::/129", "10.0.0.1/8",
        "fd00::1/8", "10.0/8", "ten", "10.0.0.0/+8", "10.0.0.0/٨",
    ]) func isNoRange(text: String) {
        #expect(throws: StoreError.self) { try AddressRange(text) }
    }

    /// Every one is refused before a connection, whatever its spelling.
    @Test(arguments: [
        "https://127.0.0.1/", "https://localhost/", "https://localhost:8443/",
        "https://LOCALHOST/", "https://169.254.169.254/latest/meta-data", "https://10.0.0.1/",
        "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/", "https://[fe80::1]/", "https://[::]/", "https://0.0.0.0/",
        "https://2130706433/", "https://017700000001/", "https://0x7f000001/", "https://127.1/",
        "https://0177.0.0.1/", "https://0x7f.0.0.1/",
        "https://①②⑦.⓪.⓪.①/", "https://134744072/", "https://0x08080808/",
        "http://8.8.8.8/", "https://8.8.8.8:22/", "https://8.8.8.8:80/", "https://8.8.8.8:6379/",
        "https://user@8.8.8.8/", "https://user:pass@8.8.8.8/", "https://8.8.8.8@127.0.0.1/",
        "ftp://8.8.8.8/", "file:///etc/passwd", "gopher://8.8.8.8:25/_", "smtp://8.8.8.8/",
        "8.8.8.8",
        "https://8.8.8.8/\r\nX: y", "https://8.8.8.8 /", "https:///", "https://", "", "//8.8.8.8/",
        "https://8.8.8.8:0/", "https://8.8.8.8:99999/", "https://8.8.8.8\u{0}.example/",
    ]) func aURLIsRefused(url: String) async {
        let outcome = await DeliverySender(DeliveryOptions(timeout: .seconds(5))).send(
            .sample(), through: .webhook,
            config: Secret(["url": .string(url), "secret": .string(secret)]))
        #expect(outcome.verdict == .refused, "\(outcome)")
        #expect(!outcome.reason.contains("127.0.0.1"))
    }

    /// Others can only receive at addresses that the operator allows.
    @Test(.withReceivers, arguments: [NotificationChannelType.slack, .teams, .pagerDuty])
    func servicesHaveHostsOfTheirOwn(type: NotificationChannelType) async throws {
        let outcome = try await DeliverySender(DeliveryOptions(timeout: .seconds(5))).send(
            .sample(), through: type, config: Conversation().config(type, "https://8.8.8.8/x"))
        #expect(outcome.verdict == .refused)
        #expect(outcome.reason == TransferFailure.forbiddenAddress.reason)
        let hosts = ServiceHosts().teams
        #expect(ServiceHosts.contains("prod-1.westeurope.logic.azure.com", in: hosts))
        #expect(!ServiceHosts.contains("logic.azure.com.example", in: hosts))
        #expect(!ServiceHosts.contains("evil-logic.azure.com", in: hosts))
    }

    @Test(.withReceivers) func httpAndAnyPortGoWhereTheOperatorAllows() async throws {
        let conversation = try Conversation()
        let outcome = try await conversation.send(
            through: .webhook, "status/200", server: "http")
        #expect(outcome == DeliveryOutcome(.delivered))
    }

    @Test func theLogTellsWhichAddressWasRefused() async throws {
        let outcome = await DeliverySender().send(
            .sample(), through: .webhook,
            config: Secret(["url": "https://localhost/", "secret": .string(secret)]))
        #expect(outcome.verdict == .refused)
        #expect(outcome.diagnostics.contains("127.0.0.1"))
    }
}
