import Foundation

/// What a tracking server of MLflow is asked, and what it answers.
enum MLflowDocument {
    struct Pair: Decodable {
        let key: String
        let value: String?
    }

    struct Experiments: Decodable {
        struct Experiment: Decodable {
            let experimentId: String
            let name: String
            let artifactLocation: String?
            let lifecycleStage: String?
            let creationTime: Int64?
            let lastUpdateTime: Int64?
            let tags: [Pair]?
        }
        let experiments: [Experiment]?
        let nextPageToken: String?
    }

    struct Runs: Decodable {
        let runs: [Run]?
        let nextPageToken: String?
    }

    struct Run: Decodable {
        struct Info: Decodable {
            let runId: String
            let runName: String?
            let experimentId: String?
            let userId: String?
            let status: String?
            let startTime: Int64?
            let endTime: Int64?
            let artifactUri: String?
            let lifecycleStage: String?
        }
        struct Metric: Decodable { let key: String }
        struct Content: Decodable {
            let params: [Pair]?
            let tags: [Pair]?
            let metrics: [Metric]?
        }
        struct Inputs: Decodable { let datasetInputs: [DatasetInput]? }
        struct DatasetInput: Decodable {
            let dataset: [String: String]?
            let tags: [Pair]?
        }
        let info: Info
        let data: Content?
        let inputs: Inputs?
    }

    struct OneRun: Decodable { let run: Run }

    struct LoggedModels: Decodable {
        let models: [LoggedModel]?
        let nextPageToken: String?
    }

    struct LoggedModel: Decodable {
        struct Info: Decodable {
            let modelId: String
            let experimentId: String?
            let name: String?
            let creationTimestampMs: Int64?
            let lastUpdatedTimestampMs: Int64?
            let artifactUri: String?
            let status: String?
            let statusMessage: String?
            let modelType: String?
            let sourceRunId: String?
            let tags: [Pair]?
        }
        struct Content: Decodable {
            let params: [Pair]?
            let metrics: [Metric]?
        }
        struct Metric: Decodable {
            let key: String
            let value: Double?
            let timestamp: Int64?
            let step: Int64?
        }
        let info: Info
        let data: Content?
    }

    struct OneLoggedModel: Decodable { let model: LoggedModel }

    struct Files: Decodable {
        struct File: Decodable {
            let path: String
            let isDir: Bool?
        }
        let files: [File]?
    }

    struct History: Decodable {
        struct Point: Decodable {
            let value: Double?
            let timestamp: Int64?
            let step: Int64?
        }
        let metrics: [Point]?
        let nextPageToken: String?
    }

    struct Search: Encodable {
        var experimentIds: [String]?
        var viewType: String?
        var runViewType: String?
        var maxResults = 1000
        var pageToken: String?
    }

    struct Models: Decodable {
        struct Alias: Decodable {
            let alias: String
            let version: String
        }
        struct Model: Decodable {
            let name: String
            let description: String?
            let creationTimestamp: Int64?
            let lastUpdatedTimestamp: Int64?
            let tags: [Pair]?
            let aliases: [Alias]?
        }
        let registeredModels: [Model]?
        let nextPageToken: String?
    }

    struct Versions: Decodable {
        struct Version: Decodable {
            let version: String
            let currentStage: String?
            let source: String?
            let runId: String?
            let description: String?
            let creationTimestamp: Int64?
            let lastUpdatedTimestamp: Int64?
            let tags: [Pair]?
        }
        let modelVersions: [Version]?
        let nextPageToken: String?
    }
}
