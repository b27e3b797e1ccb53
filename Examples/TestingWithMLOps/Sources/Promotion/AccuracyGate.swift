import MLOpsCore

/// Lets a model version into production only when it is better than the one that is there.
public struct AccuracyGate: Sendable {
    /// What the gate did with a version.
    public enum Decision: Sendable, Hashable {
        /// It is in production now.
        case promoted
        /// It stays where it is, because the version in production, of this accuracy, is as good.
        case refused(inProduction: Double)
    }

    /// The version was never evaluated.
    public struct NotEvaluated: Error, Sendable, Hashable {
        /// The version that lacks an accuracy.
        public let version: String
    }

    /// By how much the accuracy has to be better.
    public var minimumGain: Double

    /// Makes a gate.
    public init(minimumGain: Double = 0) { self.minimumGain = minimumGain }

    /// Promotes a version when its accuracy beats that of the version in production by more than
    /// the minimum gain, and archives that one.
    ///
    /// All is read and written in one transaction, so that of two versions promoted at once the
    /// second is compared with the first.
    ///
    /// - Throws: ``NotEvaluated``; what the store throws.
    public func promote(
        _ id: Identifier<ModelVersion>, in workspace: Workspace
    ) async throws -> Decision {
        try await workspace.write { tx in
            let candidate = try tx.modelVersions.find(id)
            guard let accuracy = candidate.accuracy else {
                throw NotEvaluated(version: candidate.version)
            }
            let others = try tx.modelVersions.inStage(.production, of: candidate.modelID)
                .filter { $0.id != id }
            if let best = others.compactMap(\.accuracy).max(), accuracy <= best + minimumGain {
                return .refused(inProduction: best)
            }
            try tx.modelVersions.promote(id, to: .production, archivingCurrent: true)
            return .promoted
        }
    }
}

extension ModelVersion {
    var accuracy: Double? { performanceMetrics["accuracy"]?.double }
}
