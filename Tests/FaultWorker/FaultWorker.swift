import Foundation
import MLOpsCore

/// The process that the fault tests start and kill.
///
/// `FaultWorker MODE PATH [ARGUMENT]` prints `ready`, runs the mode, and prints a line for each
/// step that the store has acknowledged.
@main struct FaultWorker {
    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3 else {
            say("usage: FaultWorker MODE PATH [ARGUMENT]")
            exit(64)
        }
        let argument = arguments.count > 3 ? arguments[3] : ""
        endWithTheTests()
        say("ready")
        do {
            switch arguments[1] {
            case "open": try await open(arguments[2])
            case "read": try await readOnly(arguments[2])
            case "copy": try await SQLiteStore.open(arguments[2]).backup(to: argument)
            case "keep": try keep(argument, in: arguments[2])
            case "migrate": try await migrate(arguments[2], stoppingIn: argument)
            case "roll-back": try await rollBack(arguments[2], stoppingIn: argument)
            case "prune": try await prune(arguments[2], stoppingIn: argument)
            case "hold": try await holdSnapshot(arguments[2])
            case "ingest": try await ingest(arguments[2])
            case "share": try await share(arguments[2], points: Int(argument) ?? 0)
            case "backup": try await backup(arguments[2], to: argument)
            case "fill": try await fill(arguments[2])
            case "quota": try await insertUpToQuota(arguments[2])
            case "fill-savepoint": try await fillInSavepoint(arguments[2])
            case "rotate": try await rotate(arguments[2])
            case "signal": try await waitForSignal(arguments[2])
            case "stream": try await stream(arguments[2], points: Int(argument) ?? 0)
            case "broken-disk": try await useBrokenDisk(arguments[2])
            case "record": try await record(arguments[2])
            case "record-fill": try await recordUntilFull(arguments[2])
            case "busy": try await keepEveryThread(arguments[2])
            default: exit(64)
            }
        } catch {
            say("error \((error as? StoreError)?.code.rawValue ?? "\(error)")")
            exit(1)
        }
    }

    /// Ends this process when the tests close the other end of standard input.
    ///
    /// A worker that outlives the tests would keep their output open, and block its reader.
    private static func endWithTheTests() {
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { _exit(70) }
            }
        }
    }

    /// Prints a line at once: standard output is a pipe here, which `print` would buffer.
    static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    private static func open(_ path: String) async throws {
        let store = try await SQLiteStore.open(path)
        say("open")
        try await store.close()
    }

    /// Prints the names of the projects, again after each change, and what a write throws.
    private static func readOnly(_ path: String) async throws {
        var configuration = SQLiteConfiguration()
        configuration.mode = .readOnly
        let store = try await SQLiteStore.open(path, configuration: configuration)
        let workspace = try await store.localWorkspace()
        do {
            try await workspace.projects.insert(Project(name: "Written"))
        } catch let error as StoreError {
            say("write \(error.code.rawValue)")
        }
        var last: [String] = []
        while true {
            do {
                let names = try await workspace.projects.all(order: { [$0.name.ascending] })
                    .map(\.name)
                if names != last { say("projects " + names.joined(separator: ", ")) }
                last = names
            } catch let error as StoreError where error.code == .snapshotExpired {
                // The file was changed during the read.
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Keeps a file or directory in a directory of artifacts.
    private static func keep(_ path: String, in directory: String) throws {
        let artifact = try ArtifactStore(directory: directory).add(contentsOf: URL(filePath: path))
        say("kept \(artifact.sha256)")
    }

    /// Logs batches of a hundred points in an endless loop.
    private static func ingest(_ path: String) async throws {
        let workspace = try await SQLiteStore.open(path).localWorkspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        say("run \(run.id)")
        for batch in 0... {
            for step in batch * 100..<(batch + 1) * 100 { run.log("m", Double(step), step: step) }
            try await run.flush()
            say("acknowledged \((batch + 1) * 100)")
        }
    }

    /// Logs points in small transactions, concurrently with other processes.
    private static func share(_ path: String, points: Int) async throws {
        let store = try await SQLiteStore.open(path)
        let workspace = try await store.localWorkspace()
        try await workspace.withRun(project: "数字認識", experiment: "shared") { run in
            for step in 0..<points {
                run.log("m", Double(step), step: step)
                if step % 20 == 19 { try await run.flush() }
            }
        }
        try await store.close()
        say("done")
    }

    private static func backup(_ path: String, to target: String) async throws {
        let store = try await SQLiteStore.open(path)
        try await store.backup(to: target) { done, total in
            say("copied \(done) of \(total)")
            // Stays half-way until the process is killed.
            if done < total { Thread.sleep(forTimeInterval: 60) }
        }
        say("done")
    }

    /// Writes until the disk is full, then prints the number of acknowledged rows and the error.
    private static func fill(_ path: String) async throws {
        let store = try await SQLiteStore.open(path)
        let workspace = try await store.localWorkspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        var acknowledged = 0
        do {
            while acknowledged < 1_000_000 {
                try await workspace.write { [acknowledged] tx in
                    var batch = MetricBatch()
                    for step in acknowledged..<acknowledged + 500 {
                        batch.add("m", 0.5, step: Int64(step))
                    }
                    try tx.runs.append(batch, to: run.id)
                }
                acknowledged += 500
            }
        } catch let error as StoreError {
            say("error \(error.code.rawValue)")
        }
        let stored = try await workspace.metrics.count()
        say("acknowledged \(acknowledged) stored \(stored)")
        say("sound \(try await store.verify().isSound)")
    }

    /// Inserts projects, concurrently with other processes, until the quota is reached.
    private static func insertUpToQuota(_ path: String) async throws {
        let workspace = try await SQLiteStore.open(path).localWorkspace()
        var count = 0
        do {
            while true {
                try await workspace.projects.insert(Project(name: UUID().uuidString))
                count += 1
            }
        } catch let error as StoreError where error.code == .quotaExceeded {
            say("inserted \(count)")
        }
    }

    /// Continues after a savepoint that has filled the disk, which must be refused.
    private static func fillInSavepoint(_ path: String) async throws {
        let store = try await SQLiteStore.open(path)
        let workspace = try await store.localWorkspace()
        do {
            try await workspace.write { tx in
                try tx.projects.insert(Project(name: "Before"))
                do {
                    try tx.savepoint {
                        // Exceeds the page cache, so that the data reach the disk.
                        let text = String(repeating: "x", count: 100_000)
                        for number in 0..<1000 {
                            try tx.projects.insert(
                                Project(name: "Huge \(number)", description: text))
                        }
                    }
                } catch let error as StoreError {
                    say("caught \(error.code.rawValue)")
                }
                try tx.projects.insert(Project(name: "After"))
            }
        } catch let error as StoreError {
            say("error \(error.code.rawValue)")
        }
        say("stored \(try await workspace.projects.count())")
        try await workspace.projects.insert(Project(name: "Later"))
        say("sound \(try await store.verify().isSound)")
    }

    /// Rotates secrets, ten channels at a time, and waits half-way until it is killed.
    private static func rotate(_ path: String) async throws {
        let store = try await SQLiteStore.open(path)
        let count = try await store.withSystemAccess(reason: "test") { access in
            try await access.rotateSecrets(batch: 10) { done, total in
                say("rotated \(done) of \(total)")
                if done >= total / 2, done < total { Thread.sleep(forTimeInterval: 60) }
            }
        }
        say("done \(count)")
    }

    /// Logs a run until a signal arrives, with `endsOnSignals`.
    private static func waitForSignal(_ path: String) async throws {
        let workspace = try await SQLiteStore.open(path).localWorkspace()
        var options = TrackingOptions()
        options.endsOnSignals = true
        let run = try await workspace.startRun(project: "p", experiment: "e", options: options)
        for step in 0..<10 { run.log("m", 1, step: step) }
        say("run \(run.id)")
        try await Task.sleep(for: .seconds(3600))
        try await run.finish()
    }

    /// Logs a run forever on every thread of the cooperative pool, with `endsOnSignals`.
    private static func keepEveryThread(_ path: String) async throws {
        let workspace = try await SQLiteStore.open(path).localWorkspace()
        var options = TrackingOptions()
        options.endsOnSignals = true
        let run = try await workspace.startRun(project: "p", experiment: "e", options: options)
        let started = DispatchSemaphore(value: 0)
        // The pool has one thread for each processor.
        for loop in 0..<ProcessInfo.processInfo.activeProcessorCount {
            Task.detached {
                started.signal()
                train(run, "m\(loop)")
            }
        }
        wait(for: started, times: ProcessInfo.processInfo.activeProcessorCount)
        say("run \(run.id)")
        train(run, "m")
    }

    private static func train(_ run: RunLogger, _ metric: String) {
        for step in 0... {
            run.log(metric, 1, step: step)
            Thread.sleep(forTimeInterval: 0.001)
        }
    }

    private static func wait(for semaphore: DispatchSemaphore, times: Int) {
        for _ in 0..<times { semaphore.wait() }
    }
}
