import Crypto
import Foundation

/// The gates of a stage, for one version.
struct PromotionGates {
    /// A version and the run that it came from.
    struct Subject {
        let version: ModelVersion
        let run: ExperimentRun?
        /// The figures of the run when the version entered production; the run may go on.
        var kept: Promotion.Baseline?

        /// A figure; `nil` where there is none.
        func figure(_ figure: MetricCheck.Figure) -> Double? {
            switch figure {
            case .performance(let path):
                let value = path.reduce(Optional(version.performanceMetrics)) { $0?[$1] }
                return Double(json: value)
            case .run(let metric, let figure):
                let live = kept?.isWhole == true ? nil : run?.metrics[metric]
                return (kept?.metrics[metric] ?? live)?[figure]
            }
        }

        /// The SHA-256 of what a decision about the version is bound to.
        func digest() throws -> String {
            let json: JSONValue = [
                "artifact_sha256": version.artifactSHA256.map { .string($0) } ?? .null,
                "artifact_uri": version.artifactURI.map { .string($0) } ?? .null,
                "performance_metrics": version.performanceMetrics,
                "model_schema": version.modelSchema,
                "run": version.sourceRunID.map { .string($0.description) } ?? .null,
                "run_metrics": run?.metrics.json ?? .null,
            ]
            let text = try json.canonicalText(maximumBytes: .max)
            return SHA256.hash(data: Data(text.utf8)).hexadecimal
        }
    }

    let stage: ModelStage
    /// What is demanded; `nil` for nothing.
    let policy: PromotionPolicy?
    let candidate: Subject
    /// What is in production; `nil` when nothing is, or no check asks.
    let baseline: Subject?
    /// The decisions that count: about these figures, by people who still have the role.
    let decisions: [Promotion.Decision]

    func report(at now: Date) -> PromotionReport {
        // Without a policy nothing is demanded, and a rejection counts nevertheless.
        let policy = policy ?? PromotionPolicy()
        let approvals = decisions.filter {
            $0.approves && !(policy.fourEyes && !$0.isOfOperator && authors.contains($0.userID))
        }
        var checks = policy.checks.flatMap(answers)
        checks += PromotionPolicy.Evidence.allCases.filter(policy.evidence.contains).map(answer)
        if policy.approvals > 0 {
            checks.append(
                answer(
                    "approvals", ">= \(policy.approvals)", Double(approvals.count),
                    limit: Double(policy.approvals)
                ) { $0 >= $1 })
        }
        let rejections = decisions.count { !$0.approves }
        if rejections > 0 {
            checks.append(answer("rejections", "0", Double(rejections), limit: 0) { $0 <= $1 })
        }
        return PromotionReport(
            stage: stage, evaluatedAt: now, checks: checks,
            approvers: approvals.filter { !$0.isOfOperator }.map(\.userID))
    }

    /// Who made the version or its run, or changed what decisions are about.
    private var authors: Set<Identifier<User>> {
        let makers = [candidate.version.createdBy, candidate.run?.createdBy].compactMap(\.self)
        return Set(makers + candidate.version.promotion.authors)
    }

    /// What later versions are held against, once the candidate is in production.
    var baselineToBe: Promotion.Baseline? {
        guard candidate.version.sourceRunID != nil else { return nil }
        let metrics = candidate.run?.metrics ?? [:]
        if metrics.count <= Promotion.Baseline.mostMetrics {
            return Promotion.Baseline(metrics: metrics, isWhole: true)
        }
        let named = (policy?.checks ?? []).compactMap { check in
            if case .run(let metric, _) = check.figure { metric } else { nil }
        }
        return Promotion.Baseline(
            metrics: metrics.filter { named.contains($0.key) }, isWhole: false)
    }

    private func answer(
        _ name: String, _ demand: String, _ figure: Double?, baseline: Double? = nil,
        limit: Double?, _ passes: (Double, Double) -> Bool
    ) -> PromotionReport.Check {
        // NaN compares as false.
        let passed = figure.flatMap { figure in limit.map { passes(figure, $0) } } ?? false
        return PromotionReport.Check(
            name: name, demand: demand, figure: figure, baseline: baseline, limit: limit,
            passed: passed)
    }

    private func answer(_ evidence: PromotionPolicy.Evidence) -> PromotionReport.Check {
        let version = candidate.version
        let (demand, passed) =
            switch evidence {
            case .artifact: ("has a SHA-256", version.artifactSHA256 != nil)
            case .schema: ("is given", version.modelSchema.object?.isEmpty == false)
            case .sourceRun: ("is completed", candidate.run?.status == .completed)
            }
        return PromotionReport.Check(
            name: evidence.rawValue, demand: demand, figure: passed ? 1 : 0, baseline: nil,
            limit: 1, passed: passed)
    }

    // MARK: Figures

    private func answers(_ check: MetricCheck) -> [PromotionReport.Check] {
        let figure = candidate.figure(check.figure)
        let (sign, name) = (check.lowerIsBetter ? "<=" : ">=", "\(check.figure)")
        func passes(_ figure: Double, _ limit: Double) -> Bool {
            check.lowerIsBetter ? figure <= limit : figure >= limit
        }
        var answers: [PromotionReport.Check] = []
        if let limit = check.limit {
            answers.append(answer(name, "\(sign) \(limit)", figure, limit: limit, passes))
        }
        let known = baseline?.figure(check.figure).flatMap { $0.isNaN ? nil : $0 }
        let gain = check.lowerIsBetter ? -1.0 : 1.0
        let changes: [(String, Double)?] = [
            check.absoluteChange.map { ("\($0)", gain * $0) },
            check.relativeChange.map { ("\($0) * |production|", gain * $0 * abs(known ?? 0)) },
        ]
        for case let (text, change)? in changes {
            let demand = "\(sign) production \(check.lowerIsBetter ? "-" : "+") \(text)"
            if let known {
                answers.append(
                    answer(name, demand, figure, baseline: known, limit: known + change, passes))
            } else {
                let passed = check.passesWithoutBaseline && figure.map { !$0.isNaN } ?? false
                answers.append(
                    PromotionReport.Check(
                        name: name, demand: demand, figure: figure, baseline: nil, limit: nil,
                        passed: passed))
            }
        }
        guard answers.isEmpty else { return answers }
        // A bound that this version of the library does not know.
        return [
            PromotionReport.Check(
                name: name, demand: "unknown", figure: figure, baseline: nil, limit: nil,
                passed: false)
        ]
    }
}
