import Foundation
import MLOpsCore

/// The files of one run or logged model at a tracking server of MLflow.
///
/// Those behind the server's proxy are asked for there, as MLflow's own client does; others by the
/// routes of MLflow's page, for which the server reads them wherever they are.
struct MLflowServerFiles: Sendable {
    private let client: HTTPClient
    private let place: String
    private let kind: RunKind
    private let id: String
    /// The path behind the proxy; `nil` for other places.
    private let proxied: String?

    private static let proxy = "/api/2.0/mlflow-artifacts/artifacts"
    private static let maximumDirectories = 10_000

    init(_ client: HTTPClient, at place: String, of kind: RunKind, _ id: String) {
        self.client = client
        self.place = place
        self.kind = kind
        self.id = id
        let parts = URLComponents(string: place)
        let isProxied = parts?.scheme == "mlflow-artifacts" && parts?.host?.isEmpty != false
        proxied = isProxied ? parts?.path.split(separator: "/").joined(separator: "/") : nil
    }

    /// Every file by its path, to be fetched when it is wanted.
    func all(_ notes: inout ImportNotes) -> [String: SourceArtifact] {
        guard !place.isEmpty else { return [:] }
        var (found, directories, visited) = ([String: SourceArtifact](), [""], 0)
        do {
            while let directory = directories.popLast() {
                visited += 1
                for file in try list(directory).files ?? [] {
                    // The proxy answers with the last part alone, the other routes with the path.
                    let last = file.path.split(separator: "/").last.map(String.init) ?? ""
                    guard !["", ".", ".."].contains(last), !last.utf8.contains(0) else {
                        notes.leave("artifact", "its name is no name of a file", file.path)
                        continue
                    }
                    let path = directory.isEmpty ? last : directory + "/" + last
                    if file.isDir == true {
                        let isTooMuch =
                            visited + directories.count >= Self.maximumDirectories
                            || path.utf8.count(where: { $0 == UInt8(ascii: "/") }) >= 32
                        guard !isTooMuch else {
                            notes.leave("directory", "there are too many, or too many levels", path)
                            continue
                        }
                        directories.append(path)
                    } else if found.count < MLflowArtifacts.maximumFiles {
                        found[path] = artifact(path)
                    } else {
                        notes.leave(
                            "artifact",
                            "the run has more than \(MLflowArtifacts.maximumFiles) files", path)
                    }
                }
            }
        } catch let error as ImportSourceError {
            notes.leave(
                "artifact URI", "the server does not list its files: \(error.message)", place)
        } catch {
            notes.leave("artifact URI", "the server does not list its files", place)
        }
        return found
    }

    private func list(_ directory: String) throws -> MLflowDocument.Files {
        let files = MLflowDocument.Files.self
        let path = directory.isEmpty ? [] : [("path", directory)]
        if let proxied {
            let whole = directory.isEmpty ? proxied : "\(proxied)/\(directory)"
            return try client.json(files, Self.proxy, [("path", whole)])
        }
        if kind == .run {
            return try client.json(
                files, MLflowServerSource.api + "/artifacts/list", [("run_id", id)] + path)
        }
        return try client.json(
            files,
            MLflowServerSource.api + "/logged-models/\(HTTPClient.escaped(id))"
                + "/artifacts/directories",
            path.map { ("artifact_directory_path", $0.1) })
    }

    private func artifact(_ path: String) -> SourceArtifact {
        .remote(fileExtension: URL(filePath: path).pathExtension) { file in
            if let proxied {
                let parts = "\(proxied)/\(path)".split(separator: "/")
                let escaped = parts.map { HTTPClient.escaped(String($0)) }.joined(separator: "/")
                return try client.download(Self.proxy + "/" + escaped, to: file)
            }
            if kind == .run {
                return try client.download(
                    "/get-artifact", [("run_uuid", id), ("path", path)], to: file)
            }
            try client.download(
                "/ajax-api/2.0/mlflow/logged-models/\(HTTPClient.escaped(id))/artifacts/files",
                [("artifact_file_path", path)], to: file)
        }
    }
}
