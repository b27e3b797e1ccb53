import HTTPTypes
import Hummingbird
import MLOpsCore

/// The REST interface of MLflow, as its Python client uses it.
///
/// A route reads its fields, works in one transaction of who asks, and answers with an object.
struct MLflowFace: Sendable {
    let limits: ServerLimits

    func addRoutes(to router: RouterGroup<ServerContext>) {
        router.get("api/3.0/mlflow/server-info") { _, _ in
            Response(json: [
                "store_type": "SqlStore", "workspaces_enabled": false,
                "trace_archival_enabled": false, "multipart_uploads_enabled": false,
                "multipart_downloads_enabled": false, "presigned_upload_run_id_supported": false,
                "presigned_upload_model_id_supported": false,
                "features_enabled": ["gateway": false],
            ])
        }
        let calls = MLflowCalls(router: router, limit: limits.bodySize)
        addExperiments(to: calls)
        addRuns(to: calls)
        addMetrics(to: calls)
        addSearches(to: calls)
        addModels(to: calls)
        addVersions(to: calls)
        addLoggedModels(to: calls)
        addInputs(to: calls)
        addArtifacts(to: router, calls)
    }
}

/// Adds routes whose bodies run in a transaction.
struct MLflowCalls {
    let router: RouterGroup<ServerContext>
    let limit: Int
    /// The interface is also reached where MLflow's own page looks for it.
    private static let roots = ["api/2.0/mlflow/", "ajax-api/2.0/mlflow/"]

    typealias Body = @Sendable (MLflowFields, MLflowSite) throws -> JSONValue

    /// A route that only reads.
    func read(_ method: HTTPRequest.Method, _ path: String, _ body: @escaping Body) {
        add(method, path) { fields, visitor in
            try await visitor.workspace.read { try body(fields, MLflowSite(visitor, $0)) }
        }
    }

    /// A route that may write.
    func write(_ method: HTTPRequest.Method, _ path: String, _ body: @escaping Body) {
        add(method, path) { fields, visitor in
            try await visitor.workspace.write { try body(fields, MLflowSite(visitor, $0)) }
        }
    }

    private func add(
        _ method: HTTPRequest.Method, _ path: String,
        _ body: @escaping @Sendable (MLflowFields, Visitor) async throws -> JSONValue
    ) {
        for root in Self.roots {
            router.on(RouterPath(root + path), method: method) { [limit] request, context in
                let fields = try await MLflowFields(request, context.parameters, limit: limit)
                return Response(json: try await body(fields, try context.requireVisitor()))
            }
        }
    }
}
