public import Foundation

extension KeyRing {
    /// Reads the keys of an environment variable, or of the file that `VARIABLE_FILE` names.
    ///
    /// A file must be open to its owner alone, as `ssh` wants it of a private key; the form of both
    /// is that of ``init(parsing:name:)``.
    ///
    /// - Parameters:
    ///   - variable: The name of the variable, without `_FILE`.
    ///   - environment: The variables to look in; the process's by default. One that is empty
    ///     counts as not set: a shell cannot always leave one out.
    /// - Returns: The keys, or `nil` when neither variable is set.
    /// - Throws: `.invalidValue` when both variables are set, the file is open to its group or to
    ///   others, or the text has another form; `.inputOutput` when the file cannot be read. The
    ///   message names the variable, never the content or the path: a key may stand where a path
    ///   was meant.
    public static func fromEnvironment(
        _ variable: String,
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> KeyRing? {
        let fileVariable = variable + "_FILE"
        let environment = environment.filter { !$0.value.isEmpty }
        switch (environment[variable], environment[fileVariable]) {
        case (nil, nil): return nil
        case (let text?, nil): return try KeyRing(parsing: text, name: variable)
        case (nil, let path?):
            let text = try Secret(contentsOfFile: path, namedBy: fileVariable)
            return try KeyRing(parsing: text.reveal(), name: "the file of \(fileVariable)")
        case (_?, _?):
            throw StoreError(
                .invalidValue, "\(variable) and \(fileVariable) are both set; unset one of them.",
                field: variable)
        }
    }
}
