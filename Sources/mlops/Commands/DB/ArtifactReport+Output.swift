import MLOpsCore

extension ArtifactReport {
    /// Writes the number of files, and a line for each problem.
    func write() {
        Output.line(
            "artifacts: \(Format.count(files, "file")), \(Format.bytes(Int(clamping: bytes)))")
        for problem in problems { Output.line(problem) }
    }

    /// - Throws: `Failure` when an artifact is missing or damaged.
    func check() throws {
        guard problems.isEmpty else {
            throw Failure(
                .negative, "\(Format.count(problems.count, "artifact")) missing or damaged")
        }
    }
}
