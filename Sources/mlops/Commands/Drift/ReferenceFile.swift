import Foundation
import MLOpsCore
import MLOpsOperations

/// The files of the drift commands.
enum ReferenceFile {
    /// Reads a file whole.
    static func contents(_ path: String) throws -> Data {
        guard FileManager.default.fileExists(atPath: path) else {
            throw Failure(.noInput, "there is no file \(path)")
        }
        try SQLiteStore.checkIsNotOpen(path)
        guard let data = try? Data(contentsOf: URL(filePath: path), options: .mappedIfSafe) else {
            throw Failure(.noInput, "\(path) cannot be read")
        }
        return data
    }

    /// The profile of a table's columns.
    static func profile(
        _ table: CSVTable, _ options: ColumnOptions, limits: ReferenceProfile.Limits,
        seed: UInt64 = 0
    ) throws -> ReferenceProfile {
        try options.check(in: table.header, of: table.path)
        let names = options.column.isEmpty ? table.header : options.column
        return try ReferenceProfile(
            of: names.map { name in
                let isCategorical = options.categorical.contains(name)
                return (name, try isCategorical ? table.categories(name) : table.column(name))
            }, limits: limits, seed: seed)
    }

    /// The reference in a file: a profile, or the data themselves, of which nothing is left out.
    static func reference(_ path: String, _ options: ColumnOptions) throws -> ReferenceProfile {
        let data = try contents(path)
        guard data.first(where: { $0 > UInt8(ascii: " ") }) == UInt8(ascii: "{") else {
            return try profile(try CSVTable(data, path: path), options, limits: .none)
        }
        do {
            let profile = try ReferenceProfile(jsonData: data)
            try options.check(in: profile, of: path)
            return profile
        } catch let error as StoreError {
            throw Failure(.badData, "\(path): \(error.message)")
        }
    }
}
