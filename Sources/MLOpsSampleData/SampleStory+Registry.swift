import Foundation
import MLOpsCore

extension SampleStory {
    struct Models {
        let fraud: Identifier<Model>
        let recommender: Identifier<Model>
    }

    struct Versions {
        /// The good version of the fraud classifier.
        let good: Identifier<ModelVersion>
        /// The version of the fraud classifier that is rolled back.
        let bad: Identifier<ModelVersion>
        let recommender: Identifier<ModelVersion>
    }

    mutating func makeModels(_ projects: Projects) throws -> Models {
        let fraud = try insert(
            Model(
                id: id(time(-30, 10)), project: projects.fraud, name: "XGBoost Fraud Classifier",
                description: "The probability that a card payment is fraud.",
                modelType: "gradient_boosting", taskType: "binary_classification",
                framework: "xgboost", tags: ["fraud", "tabular", "real-time"],
                metadata: ["owner": "risk", "decision_threshold": 0.82],
                createdAt: time(-30, 10)),
            by: scientist)
        let recommender = try insert(
            Model(
                id: id(time(-28, 13)), project: projects.recommendations,
                name: "Collaborative Filter",
                description: "Products by what similar customers bought.",
                modelType: "matrix_factorization", taskType: "recommendation",
                framework: "implicit", tags: ["recommendation", "batch"],
                metadata: ["factors": 64], createdAt: time(-28, 13)),
            by: scientist)
        return Models(fraud: fraud.id, recommender: recommender.id)
    }

    mutating func makeVersions(_ models: Models, _ runs: Runs) throws -> Versions {
        let good = try insertVersion(
            "1.0.0", of: models.fraud, path: "fraud-classifier", from: runs.best,
            megabytes: 18, "The best run of the grid.", at: time(-14, 10))
        try promote(good, to: .staging, by: scientist, at: time(-13, 9))
        let bad = try insertVersion(
            "1.1.0", of: models.fraud, path: "fraud-classifier", from: runs.leaked,
            megabytes: 21, "Retrained with chargeback features.", at: time(1, 16))
        try promote(bad, to: .staging, by: scientist, at: time(1, 16, 30))
        let recommender = try insertVersion(
            "1.0.0", of: models.recommender, path: "collaborative-filter", from: runs.recommender,
            megabytes: 142, "The baseline.", at: time(-11, 15))
        try promote(recommender, to: .staging, by: engineer, at: time(-10, 11))
        try view(scientist, time(-13, 9)).models
            .setAlias("champion", to: good, of: models.fraud)
        return Versions(good: good, bad: bad, recommender: recommender)
    }

    /// Promotes a version to a stage; its predecessor in production is archived.
    mutating func promote(
        _ version: Identifier<ModelVersion>, to stage: ModelStage,
        by user: Identifier<User>, at date: Date
    ) throws {
        try view(user, date).modelVersions
            .promote(version, to: stage, archivingCurrent: stage == .production)
    }

    private mutating func insertVersion(
        _ version: String, of model: Identifier<Model>, path: String, from run: ExperimentRun,
        megabytes: Int64, _ description: String, at date: Date
    ) throws -> Identifier<ModelVersion> {
        var held: [String: JSONValue] = [:]
        var training: [String: JSONValue] = [:]
        for (name, summary) in run.metrics {
            if name.hasPrefix("train_") {
                training[name] = .double(summary.last)
            } else {
                held[name] = .double(summary.last)
            }
        }
        let inputs: [ModelSignature.ColumnSpec] =
            path == "fraud-classifier"
            ? [
                .init("transaction_amount", .float), .init("merchant_category", .string),
                .init("country", .string), .init("device_age_days", .integer),
            ] : [.init("customer_id", .string)]
        let signature = ModelSignature(
            inputs: .columns(inputs), outputs: .columns([.init("score", .float)]))
        let size = megabytes * 1_048_576 + Int64(random.next() & 0xFFFFF)
        return try insert(
            ModelVersion(
                id: id(date), model: model, version: version, sourceRun: run.id,
                artifactURI: "s3://acme-ml-models/\(path)/\(version)/model.bin",
                artifactSHA256: random.hexadecimal(64), modelSizeBytes: size,
                requirements: "numpy==2.1.2\nscikit-learn==1.5.2\n",
                performanceMetrics: .object(held), trainingMetrics: .object(training),
                modelSchema: signature.json,
                description: description, tags: ["trained_by": "nightly"], createdAt: date),
            by: scientist
        ).id
    }
}
