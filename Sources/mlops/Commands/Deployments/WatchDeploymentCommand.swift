import ArgumentParser
import MLOpsCore

/// The command `mlops deployments watch`.
struct WatchDeploymentCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Show or set when measurements and drift of a deployment raise alerts.",
        discussion: """
            --metric and --drift replace what was set for the metric or for drift reports by what \
            the other options say; the rest of the policy stays. It is evaluated when \
            measurements or reports are stored. Measurements from before a change of the policy \
            no longer count.

            EXAMPLES:
              mlops deployments watch api
              mlops deployments watch api --metric latency_ms.p95 --max 200 \\
                --severity high --failing 3 --window 5 --resolves-after 5 --silence 10m
              mlops deployments watch api --drift --severity medium
              mlops deployments watch api --remove latency_ms.p95 --no-drift
            """)

    @OptionGroup var target: ChangeOptions

    @Option(
        help: ArgumentHelp("The metric to watch, as it is stored.", valueName: "name"))
    var metric: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The lowest value that is normal.", valueName: "number"))
    var min: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The highest value that is normal.", valueName: "number"))
    var max: Double?

    @Option(
        help: ArgumentHelp(
            "After how long without a measurement an alert says so, as 30s, 10m or 2h.",
            valueName: "time"))
    var silence: TimeSpan?

    @Flag(
        inversion: .prefixedNo, exclusivity: .exclusive,
        help: "Watch the drift reports, or no longer.")
    var drift: Bool?

    @Option(
        help: ArgumentHelp("A metric to watch no longer; may be repeated.", valueName: "name"))
    var remove: [String] = []

    @Flag(help: "Forget what was set before, as a policy that cannot be read.")
    var reset = false

    @Option(
        help: ArgumentHelp("The severity of the alert (default: medium).", valueName: "severity"))
    var severity: Choice<AlertSeverity>?

    @Option(
        help: ArgumentHelp(
            "The type of a metric's alert (default: performance_degradation).", valueName: "type"))
    var type: Choice<AlertType>?

    @Option(
        help: ArgumentHelp(
            "How many measurements of the window have to be outside (default: 1).",
            valueName: "count"))
    var failing: Int?

    @Option(
        help: ArgumentHelp(
            "How many measurements are looked at (default: 1).", valueName: "count"))
    var window: Int?

    @Option(
        help: ArgumentHelp(
            "After how many good measurements in a row it is over (default: 1).",
            valueName: "count"))
    var resolvesAfter: Int?

    var options: GlobalOptions { target.options }

    private var changes: Bool { metric != nil || drift != nil || !remove.isEmpty || reset }

    func validate() throws {
        guard metric != nil || (min == nil && max == nil && silence == nil && type == nil) else {
            throw ValidationError("--min, --max, --silence and --type go with --metric.")
        }
        guard metric == nil || min != nil || max != nil || silence != nil else {
            throw ValidationError("--metric takes --min, --max or --silence.")
        }
        let hasRule = severity != nil || failing != nil || window != nil || resolvesAfter != nil
        guard metric != nil || drift == true || !hasRule else {
            throw ValidationError("The options of a rule go with --metric or --drift.")
        }
        guard metric.map({ !remove.contains($0) }) ?? true else {
            throw ValidationError("--metric and --remove name the same metric.")
        }
    }

    func run() async throws {
        let policy = try await Database(options).workspace(target.acting) { workspace in
            guard changes else {
                let stored = try await workspace.read { try target.find(in: $0).monitoringPolicy }
                try Self.check(stored)
                return stored
            }
            return try await workspace.write { [self] tx in
                let deployment = try target.find(in: tx)
                return try tx.deployments.setMonitoringPolicy(
                    changed(deployment.monitoringPolicy), of: deployment.id
                ).monitoringPolicy
            }
        }
        if options.json { return try Output.json(policy) }
        write(policy)
    }

    private func changed(_ stored: MonitoringPolicy) throws -> MonitoringPolicy {
        let old = reset ? MonitoringPolicy() : stored
        try Self.check(old)
        var policy = old
        for name in remove where policy.metrics.removeValue(forKey: name) == nil {
            let names = Failure.hint(old.metrics.keys)
            throw Failure.nothing("the metric \(name) is not watched" + names)
        }
        let rule = WatchRule(
            severity: severity?.value ?? .medium, alertType: type?.value ?? .performanceDegradation,
            failing: failing ?? 1, window: window ?? 1, resolvesAfter: resolvesAfter ?? 1)
        if let metric {
            policy.metrics[metric] = MetricPolicy(
                minimum: min, maximum: max, rule: rule,
                silenceSeconds: silence.map { Double($0.duration.components.seconds) })
        }
        if let drift {
            policy.drift = drift ? rule : nil
            policy.drift?.alertType = .dataDrift
        }
        return policy
    }

    private static func check(_ policy: MonitoringPolicy) throws {
        guard policy.damaged != nil else { return }
        throw Failure(
            .badData, "the policy cannot be read, and nothing is watched; --reset begins anew")
    }

    private func write(_ policy: MonitoringPolicy) {
        guard !policy.metrics.isEmpty || policy.drift != nil else {
            return Output.line("nothing is watched")
        }
        var table = TextTable([
            TextTable.Column("METRIC", minimum: 12), TextTable.Column("MIN", isRight: true),
            TextTable.Column("MAX", isRight: true), TextTable.Column("SEVERITY"),
            TextTable.Column("FAILING"), TextTable.Column("RESOLVES AFTER", dropOrder: 2),
            TextTable.Column("SILENCE"), TextTable.Column("TYPE", dropOrder: 3),
        ])
        func add(_ name: String, _ rule: WatchRule, _ metric: MetricPolicy?) {
            table.add([
                name, Format.number(metric?.minimum), Format.number(metric?.maximum),
                rule.severity.rawValue, "\(rule.failing) of \(rule.window)",
                String(rule.resolvesAfter), Format.duration(metric?.silenceSeconds),
                rule.alertType.rawValue,
            ])
        }
        for (name, metric) in policy.metrics.sorted(by: { $0.key < $1.key }) {
            add(name, metric.rule, metric)
        }
        if let drift = policy.drift { add("(drift reports)", drift, nil) }
        table.write()
    }
}
