import Foundation
import HTTPTypes
import Hummingbird
import MLOpsCore
import NIOCore
import Synchronization

// The proxy of artifacts: files go in and out as they are, and are never held in memory.
extension MLflowFace {
    private static let root = "api/2.0/mlflow-artifacts/artifacts"

    func addArtifacts(to router: RouterGroup<ServerContext>, _ calls: MLflowCalls) {
        router.get(RouterPath(Self.root)) { request, context in
            let path = request.query.first { $0.name == "path" }?.value ?? ""
            let place = try MLflowArtifactPath(path)
            let visitor = try context.requireVisitor()
            return try await visitor.workspace.read { tx in
                let run = try place.run(at: MLflowSite(visitor, tx))
                return Response(json: ["files": .array(run.mlflowFiles(below: place.name))])
            }
        }
        router.get(RouterPath(Self.root + "/**")) { request, context in
            let place = try MLflowArtifactPath(Self.path(of: request))
            let visitor = try context.requireVisitor()
            let run = try await visitor.workspace.read { tx in
                try place.run(at: MLflowSite(visitor, tx))
            }
            return try await Self.download(place.name, of: run, for: visitor, context)
        }
        router.put(RouterPath(Self.root + "/**")) { [limits] request, context in
            let place = try MLflowArtifactPath(Self.path(of: request))
            let visitor = try context.requireVisitor()
            let run = try await visitor.workspace.read { tx in
                try place.run(at: MLflowSite(visitor, tx))
            }
            guard !place.name.isEmpty else { throw MLflowError.invalid("Invalid path") }
            try await Self.upload(request, place.name, to: run, for: visitor, limits, context)
            return Response(status: .ok)
        }
        calls.read(.get, "artifacts/list") { fields, site in
            let run = try site.run(try fields.runID(), deleted: .excluded)
            let path = try MLflowArtifactPath.name(try fields.text("path") ?? "")
            var members = JSONValue.some(["files": run.mlflowFiles(below: path)]).object ?? [:]
            members["root_uri"] = run.mlflowInfo["artifact_uri"]
            return .object(members)
        }
    }

    /// The path behind the root, decoded once.
    private static func path(of request: Request) throws -> String {
        let path = request.uri.path.drop { $0 == "/" }.dropFirst(root.count).drop { $0 == "/" }
        guard let decoded = String(path).removingPercentEncoding else {
            throw MLflowError.invalid("Invalid path")
        }
        return decoded
    }

    private static func download(
        _ name: String, of run: ExperimentRun, for visitor: Visitor, _ context: ServerContext
    ) async throws -> Response {
        guard run.artifacts[name]?.kind == .file else {
            throw MLflowError.absent("No such artifact: '\(name)'")
        }
        let file = try await visitor.workspace.artifact(named: name, of: run.id)
        let body = try await FileIO().loadFile(path: file.path, context: context)
        let last = name.split(separator: "/").last.map(String.init) ?? name
        // A type that no browser runs, whatever is inside.
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/octet-stream",
                .contentDisposition: "attachment; filename=\"\(last.headerSafe)\"",
            ], body: body)
    }

    private static func upload(
        _ request: Request, _ name: String, to run: ExperimentRun, for visitor: Visitor,
        _ limits: ServerLimits, _ context: ServerContext
    ) async throws {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "mlops-upload-\(Identifier<Artifact>())", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(
            at: file, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: file) }
        let last = name.split(separator: "/").last.map(String.init) ?? name
        let place = file.appending(path: last)
        let meter = BodyMeter(limit: limits.artifactSize)
        try await FileIO().writeFile(
            contents: request.body.map { try meter.count($0) }, path: place.path,
            context: context)
        try await visitor.workspace.addArtifact(place, named: name, to: run.id)
    }
}

/// Counts the bytes of a body.
private final class BodyMeter: Sendable {
    private let read = Atomic(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// - Throws: A failure of 413 when there are too many.
    func count(_ buffer: ByteBuffer) throws -> ByteBuffer {
        let bytes = buffer.readableBytes
        guard read.add(bytes, ordering: .relaxed).newValue <= limit else {
            throw ServerFailure(
                .contentTooLarge, "tooLarge", "The artifact is larger than this server takes.")
        }
        return buffer
    }
}

extension String {
    /// A name that breaks no header.
    fileprivate var headerSafe: String {
        String(map { $0.isASCII && !$0.isNewline && $0 != "\"" && $0 != "\\" ? $0 : "_" })
    }
}
