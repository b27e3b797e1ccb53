import CLibPQ
import Foundation
import MLOpsCore

/// A login step by step, so that somebody listens to what the server notes during it.
///
/// libpq then leaves `connect_timeout` to whoever takes the steps: each address of each host has
/// that long.
struct PostgresLogin {
    /// What is connected to.
    private struct Place: Equatable {
        let host: String
        let address: String
        let port: String

        init(_ handle: OpaquePointer) {
            func text(_ pointer: UnsafePointer<CChar>?) -> String {
                pointer.map { String(cString: $0) } ?? ""
            }
            host = text(PQhost(handle))
            address = text(PQhostaddr(handle))
            port = text(PQport(handle))
        }
    }

    private var options: [(keyword: String, value: String)]
    /// Whether `dbname` is a name alone, and no URL.
    private var isExpanded = false
    private let notices: NoticeLog
    private let interruption: Interruption
    /// Where nobody has answered in time.
    private var silent: [Place] = []
    private var limit: Duration?

    /// - Parameter options: Those of libpq; what comes later wins.
    init(
        _ options: [(String, String)], notices: NoticeLog, interruption: Interruption
    ) {
        self.options = options
        self.notices = notices
        self.interruption = interruption
    }

    /// Who has not answered, to be added to libpq's words, which say it otherwise.
    var silence: String {
        silent.map {
            " There was no answer from \($0.host), port \($0.port), within "
                + "\(Int(limit?.timeInterval ?? 0)) seconds."
        }.joined()
    }

    /// The connection, open or failed; `nil` when there was no memory.
    ///
    /// - Throws: `.cannotOpen` when `connect_timeout` is no number; what stops the work.
    mutating func run() throws -> OpaquePointer? {
        while true {
            guard let handle = start() else { return nil }
            do {
                try step(handle)
            } catch {
                PQfinish(handle)
                throw error
            }
            // libpq has gone on from who cannot be reached, but not from who is and says nothing.
            guard PQstatus(handle) != CONNECTION_OK, silent.last == Place(handle),
                let others = hostsThatAnswer(handle)
            else { return handle }
            PQfinish(handle)
            options = others
            isExpanded = true
        }
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

    private mutating func step(_ handle: OpaquePointer) throws {
        limit = try timeout(handle)
        var place: Place?
        var deadline: ContinuousClock.Instant?
        var next = PGRES_POLLING_WRITING
        while PQstatus(handle) != CONNECTION_BAD, next != PGRES_POLLING_OK {
            if place != Place(handle) {
                place = Place(handle)
                deadline = limit.map { .now + $0 }
            }
            let events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT
            if try !wait(for: events, on: PQsocket(handle), until: deadline) {
                silent.append(Place(handle))
                // To libpq the server has hung up.
                shutdown(PQsocket(handle), Int32(SHUT_RDWR))
                deadline = limit.map { .now + $0 }
            }
            next = PQconnectPoll(handle)
        }
    }

    /// Waits for a socket; `false` when the time is up.
    private func wait(
        for events: Int32, on socket: Int32, until deadline: ContinuousClock.Instant?
    ) throws -> Bool {
        var descriptor = pollfd(fd: socket, events: Int16(events), revents: 0)
        while true {
            try interruption.check()
            let rest = deadline.map { ContinuousClock.now.duration(to: $0).timeInterval } ?? 1
            if rest <= 0 { return false }
            let ready = poll(&descriptor, 1, Int32(min(rest, 1) * 1000) + 1)
            if ready > 0 { return true }
            guard ready == 0 || errno == EINTR else {
                let reason = String(cString: strerror(errno))
                throw StoreError(.cannotOpen, "The login cannot be waited for: \(reason).")
            }
        }
    }

    /// `connect_timeout`: none at 0, and as in libpq never less than two seconds.
    private func timeout(_ handle: OpaquePointer) throws -> Duration? {
        let text = Self.values(of: handle)["connect_timeout"] ?? ""
        guard let seconds = Int32(text.isEmpty ? "0" : text.trimmingCharacters(in: .whitespaces))
        else { throw StoreError(.cannotOpen, "The connect_timeout is no whole number of seconds.") }
        return seconds > 0 ? .seconds(max(2, seconds)) : nil
    }

    /// The options with the hosts that have not been silent; `nil` when those are all or none.
    private func hostsThatAnswer(_ handle: OpaquePointer) -> [(String, String)]? {
        var values = Self.values(of: handle)
        // It has been looked up, and would be again for a list that is left out.
        values["service"] = nil
        func list(_ keyword: String) -> [String] {
            let value = values[keyword] ?? ""
            return value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
        let all = 0..<max(hosts.count, addresses.count)
        func text(_ list: [String], _ index: Int) -> String {
            list.count == 1 ? list[0] : index < list.count ? list[index] : ""
        }
        let others = all.filter { index in
            let host = text(hosts, index).isEmpty ? text(addresses, index) : text(hosts, index)
            return !silent.contains { $0.host == host && $0.port == text(ports, index) }
        }
        guard !others.isEmpty, others.count < all.count else { return nil }
        for (keyword, list) in [("host", hosts), ("hostaddr", addresses), ("port", ports)] {
            let texts = others.map { text(list, $0) }
            values[keyword] = texts.allSatisfy(\.isEmpty) ? nil : texts.joined(separator: ",")
        }
        return values.map { ($0.key, $0.value) }
    }

    private static func values(of handle: OpaquePointer) -> [String: String] {
        let options = PQconninfo(handle)
        defer { PQconninfoFree(options) }
        return options.map(values) ?? [:]
    }

    /// What a list of libpq's options says; those that are not set are left out.
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
