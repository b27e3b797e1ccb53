public import Foundation

extension Workspace {
    /// Ends as failed the runs whose process has exited.
    ///
    /// Such a run ends at its last heartbeat. See ``ExperimentRun/isAbandoned(staleAfter:at:)``.
    ///
    /// - Parameter staleAfter: The age from which the heartbeat of such a run is too old.
    /// - Returns: The runs that this call ended.
    public func recoverAbandonedRuns(
        staleAfter: Duration = .seconds(60)
    ) async throws -> [ExperimentRun] {
        let now = store.clock()
        return try await write { tx in
            try tx.runs.running().filter { $0.isAbandoned(staleAfter: staleAfter, at: now) }.map {
                try tx.runs.logged.endAbandoned(
                    $0.id, error: "The process ended without ending the run.")
            }
        }
    }
}

extension ExperimentRun {
    /// Whether the run is running, but its process has exited.
    ///
    /// On this host a run is abandoned once its process has exited, whatever its heartbeat says. A
    /// run of another host or container, or from before a restart, is judged by its heartbeat.
    ///
    /// - Parameters:
    ///   - staleAfter: The age from which the heartbeat of such a run is too old.
    ///   - now: The time, by the store's clock: ``Workspace/now``.
    public func isAbandoned(staleAfter: Duration = .seconds(60), at now: Date) -> Bool {
        guard status == .running else { return false }
        return switch processLife(host: ProcessInfo.processInfo.hostName).life {
        case .alive: false
        case .gone: true
        case .unknown:
            (heartbeatAt ?? startedAt ?? createdAt)
                < now.addingTimeInterval(-staleAfter.timeInterval)
        }
    }

    /// The process that logs the run, and whether it is alive, as far as this host can tell.
    func processLife(host: String) -> (process: ProcessIdentity?, life: ProcessIdentity.Life) {
        guard environment["host"]?.string == host,
            let process = ProcessIdentity(json: environment["process"])
        else { return (nil, .unknown) }
        return (process, process.life)
    }
}
