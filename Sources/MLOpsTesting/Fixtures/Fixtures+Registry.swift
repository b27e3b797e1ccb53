public import Foundation
public import MLOpsCore

extension Fixtures {
    /// A model.
    public static func model(
        _ number: Int = 1, in project: Identifier<Project>, name: String? = nil,
        tags: [String] = ["fixture"], metadata: JSONValue = ["owner": "fixtures"]
    ) -> Model {
        Model(
            id: id(Model.self, number), project: project, name: name ?? "model-\(number)",
            modelType: "perceptron", taskType: "classification", framework: "swift", tags: tags,
            metadata: metadata, createdAt: date)
    }

    /// A version of a model; `modelVersions.promote` changes its stage.
    public static func modelVersion(
        _ number: Int = 1, of model: Identifier<Model>, version: String? = nil,
        sourceRun: Identifier<ExperimentRun>? = nil, createdAt: Date = date
    ) -> ModelVersion {
        ModelVersion(
            id: id(ModelVersion.self, number), model: model, version: version ?? "\(number)",
            sourceRun: sourceRun, artifactURI: "file:///models/\(number).bin",
            modelSizeBytes: 1024, performanceMetrics: ["accuracy": 0.95], createdAt: createdAt)
    }

    /// An experiment.
    public static func experiment(
        _ number: Int = 1, in project: Identifier<Project>, model: Identifier<Model>? = nil,
        name: String? = nil, status: ExperimentStatus = .running, tags: [String] = ["fixture"],
        createdAt: Date = date
    ) -> Experiment {
        Experiment(
            id: id(Experiment.self, number), project: project, model: model,
            name: name ?? "experiment-\(number)", status: status, config: ["epochs": 3],
            tags: tags, startedAt: date, createdAt: createdAt)
    }

    /// A completed run; `runs.append` adds metrics.
    public static func run(
        _ number: Int = 1, of experiment: Identifier<Experiment>,
        parent: Identifier<ExperimentRun>? = nil, name: String? = nil,
        status: RunStatus = .completed, parameters: JSONValue = ["learning_rate": 0.1],
        tags: [String: String] = ["source": "fixture"], createdAt: Date = date
    ) -> ExperimentRun {
        let isOver = status == .completed || status == .failed || status == .cancelled
        return ExperimentRun(
            id: id(ExperimentRun.self, number), experiment: experiment, parentRun: parent,
            runName: name ?? "run-\(number)", status: status, parameters: parameters, tags: tags,
            startedAt: status == .queued ? nil : date,
            completedAt: isOver ? date.addingTimeInterval(60) : nil,
            durationSeconds: isOver ? 60 : nil, createdAt: createdAt)
    }

    /// A point of a metric of a run.
    public static func metric(
        _ number: Int = 1, of run: Identifier<ExperimentRun>, name: String = "accuracy",
        value: Double = 0.9, step: Int64? = nil
    ) -> RunMetric {
        RunMetric(
            id: id(RunMetric.self, number), run: run, metricName: name, value: value,
            step: step ?? Int64(number), timestamp: date)
    }
}
