import Foundation

extension Workspace {
    /// Ends as failed the runs whose process has exited.
    ///
    /// On this host a run is abandoned once its process has exited, whatever its heartbeat says. A
    /// run of another host or container, or from before a restart, is judged by its heartbeat.
    ///
    /// - Parameter staleAfter: The age from which the heartbeat of such a run is too old.
    /// - Returns: The runs that this call ended.
    public func recoverAbandonedRuns(
        staleAfter: Duration = .seconds(60)
    ) async throws -> [ExperimentRun] {
        let host = ProcessInfo.processInfo.hostName
        let limit = store.clock().addingTimeInterval(-staleAfter.timeInterval)
        return try await write { tx in
            try tx.runs.running().filter { $0.isAbandoned(host: host, limit: limit) }.map { run in
                try tx.runs.end(
                    run.id, as: .failed,
                    error: "The process ended without ending the run.")
            }
        }
    }
}

extension ExperimentRun {
    /// The process that logs the run, and whether it is alive, as far as this host can tell.
    func processLife(host: String) -> (process: ProcessIdentity?, life: ProcessIdentity.Life) {
        guard environment["host"]?.string == host,
            let process = ProcessIdentity(json: environment["process"])
        else { return (nil, .unknown) }
        return (process, process.life)
    }

    fileprivate func isAbandoned(host: String, limit: Date) -> Bool {
        switch processLife(host: host).life {
        case .alive: false
        case .gone: true
        case .unknown: (heartbeatAt ?? startedAt ?? createdAt) < limit
        }
    }
}
