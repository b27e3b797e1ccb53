import CLibPQ
import Foundation
import MLOpsCore

/// A login in single steps, so that the notices of the server are received meanwhile.
///
/// libpq does not apply `connect_timeout` to such a login. It is applied here, to each address of
/// each host.
struct PostgresLogin {
    /// A server to connect to.
    private struct Place: Equatable {
        var host: String
        /// Empty when it has yet to be looked up.
        var address: String
        var port: String
    }

    private var options: [(keyword: String, value: String)]
    /// Whether `dbname` is only a name, not a URL.
    private var isExpanded = false
    private let notices: NoticeLog
    private let interruption: Interruption
    /// The places that have not answered in time.
    private var silent: [Place] = []
    private var limit: Duration?

    /// - Parameter options: Options of libpq; later ones win.
    init(
        _ options: [(String, String)], notices: NoticeLog, interruption: Interruption
    ) {
        self.options = options
        self.notices = notices
        self.interruption = interruption
    }

    /// The places without an answer, for the error message of a failed login.
    var silence: String {
        silent.map { place in
            let address = ["", place.host].contains(place.address) ? "" : " (\(place.address))"
            return " There was no answer from \(place.host)\(address), port \(place.port), within "
                + "\(Int(limit?.timeInterval ?? 0)) seconds."
        }.joined()
    }

    /// Connects; returns the open or failed connection, or `nil` when no place has answered.
    ///
    /// - Throws: `.cannotOpen` when `connect_timeout` is not a number; the error of an
    ///   interruption.
    mutating func run() throws -> OpaquePointer? {
        while let handle = start() {
            var isKept = false
            defer { if !isKept { PQfinish(handle) } }
            if try step(handle) {
                isKept = true
                return handle
            }
            // A login that hangs is abandoned: after a failure libpq might try one without
            // encryption.
            let place = place(of: handle)
            guard !silent.contains(place) else { return nil }
            silent.append(place)
            guard let others = optionsOfOthers(handle) else { return nil }
            options = others
            isExpanded = true
        }
        return nil
    }

    private func start() -> OpaquePointer? {
        let keywords = options.map { strdup($0.keyword) }
        let values = options.map { strdup($0.value) }
        defer { for text in keywords + values { free(text) } }
        let handle = (keywords.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { names in
            (values.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { values in
                PQconnectStartParams(names.baseAddress, values.baseAddress, isExpanded ? 0 : 1)
            }
        }
        notices.listen(to: handle)
        return handle
    }

    /// Takes steps until the login is done or has failed; `false` when a place does not answer.
    private mutating func step(_ handle: OpaquePointer) throws -> Bool {
        limit = try timeout(handle)
        var current: Place?
        var deadline: ContinuousClock.Instant?
        var next = PGRES_POLLING_WRITING
        while PQstatus(handle) != CONNECTION_BAD, next != PGRES_POLLING_OK {
            if current != place(of: handle) {
                current = place(of: handle)
                deadline = limit.map { .now + $0 }
            }
            let events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT
            guard try wait(for: events, on: PQsocket(handle), until: deadline) else { return false }
            next = PQconnectPoll(handle)
        }
        return true
    }

    /// Waits for a socket; `false` when the time is up.
    private func wait(
        for events: Int32, on socket: Int32, until deadline: ContinuousClock.Instant?
    ) throws -> Bool {
        var descriptor = pollfd(fd: socket, events: Int16(events), revents: 0)
        while true {
            try interruption.check()
            let rest = deadline.map { ContinuousClock.now.duration(to: $0).timeInterval } ?? 1
            let ready = poll(&descriptor, 1, Int32(max(0, min(rest, 1)) * 1000))
            if ready > 0 { return true }
            guard ready == 0 || errno == EINTR else {
                let reason = String(cString: strerror(errno))
                throw StoreError(.cannotOpen, "The login cannot be waited for: \(reason).")
            }
            if ready == 0, rest <= 0 { return false }
        }
    }

    /// `connect_timeout`: no limit for 0, otherwise at least two seconds, as in libpq.
    private func timeout(_ handle: OpaquePointer) throws -> Duration? {
        let text = Self.values(of: handle)["connect_timeout"] ?? ""
        guard let seconds = Int32(text.isEmpty ? "0" : text.trimmingCharacters(in: .whitespaces))
        else { throw StoreError(.cannotOpen, "The connect_timeout is no whole number of seconds.") }
        return seconds > 0 ? .seconds(max(2, seconds)) : nil
    }

    private func place(of handle: OpaquePointer) -> Place {
        func text(_ pointer: UnsafePointer<CChar>?) -> String {
            pointer.map { String(cString: $0) } ?? ""
        }
        return Place(
            host: text(PQhost(handle)), address: text(PQhostaddr(handle)),
            port: text(PQport(handle)))
    }

    // MARK: The other hosts

    /// The options for the addresses that have not timed out; `nil` when there are none.
    private func optionsOfOthers(_ handle: OpaquePointer) -> [(String, String)]? {
        var values = Self.values(of: handle)
        let others = places(in: values).flatMap { place -> [Place] in
            silent.contains { $0.host == place.host } ? addresses(of: place) : [place]
        }.filter { !silent.contains($0) }
        guard !others.isEmpty else { return nil }
        // The service is resolved already; libpq would use it again for a list that is left out.
        values["service"] = nil
        for (keyword, list) in [
            ("host", others.map(\.host)), ("hostaddr", others.map(\.address)),
            ("port", others.map(\.port)),
        ] {
            values[keyword] = list.allSatisfy(\.isEmpty) ? nil : list.joined(separator: ",")
        }
        return values.map { ($0.key, $0.value) }
    }

    private func places(in values: [String: String]) -> [Place] {
        func list(_ keyword: String) -> [String] {
            let value = values[keyword] ?? ""
            return value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
        return (0..<max(hosts.count, addresses.count)).map { index in
            // A single port applies to every host.
            let port = ports.count == 1 ? ports[0] : index < ports.count ? ports[index] : ""
            let address = index < addresses.count ? addresses[index] : ""
            let host = index < hosts.count ? hosts[index] : ""
            return Place(host: host.isEmpty ? address : host, address: address, port: port)
        }
    }

    /// One place for each address of the host.
    private func addresses(of place: Place) -> [Place] {
        guard place.address.isEmpty else { return [place] }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(place.host, nil, &hints, &found) == 0 else { return [] }
        defer { freeaddrinfo(found) }
        return sequence(first: found) { $0?.pointee.ai_next }.compactMap { entry in
            guard let entry = entry?.pointee else { return nil }
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let status = getnameinfo(
                entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0,
                NI_NUMERICHOST)
            guard status == 0 else { return nil }
            var place = place
            place.address = text.withUnsafeBufferPointer {
                $0.baseAddress.map { String(cString: $0) } ?? ""
            }
            return place
        }
    }

    private static func values(of handle: OpaquePointer) -> [String: String] {
        let options = PQconninfo(handle)
        defer { PQconninfoFree(options) }
        return options.map(values) ?? [:]
    }

    /// The values of a list of libpq options, without those that are not set.
    static func values(of options: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            values[String(cString: keyword)] = option.pointee.val.map { String(cString: $0) }
            option += 1
        }
        return values
    }
}
