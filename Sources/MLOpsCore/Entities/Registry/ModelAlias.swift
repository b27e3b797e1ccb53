/// The rules of the names of aliases, which are those of MLflow.
enum ModelAlias {
    /// What an alias means that no model has to set.
    enum Reserved: Equatable {
        /// `latest`, in any case: the newest version.
        case latest
        /// `v` and digits, in any case: the version with this number; `nil` if none can have it.
        case number(Int?)
    }

    /// The longest alias, in characters.
    static let maximumLength = 255

    /// What a reserved name means; `nil` for any other text.
    static func reserved(_ alias: String) -> Reserved? {
        let name = alias.lowercased()
        if name == "latest" { return .latest }
        let digits = name.dropFirst()
        guard name.first == "v", !digits.isEmpty, digits.allSatisfy(\.isWholeNumber) else {
            return nil
        }
        return .number(Int(digits))
    }

    /// An alias as it is stored.
    ///
    /// - Throws: `.invalidValue` for a text that is none.
    static func checked(_ alias: String) throws(StoreError) -> String {
        let name = alias.asName
        guard reserved(name) == nil else {
            throw invalid(
                "\"\(name)\" is reserved: latest and v1, v2, ... name versions by themselves.")
        }
        guard (1...maximumLength).contains(name.count) else {
            throw invalid("An alias has 1 to \(maximumLength) characters.")
        }
        let isName = name.unicodeScalars.allSatisfy {
            $0 == "_" || $0 == "-" || $0.properties.isAlphabetic
                || $0.properties.numericType != nil
        }
        guard isName else {
            throw invalid("An alias consists of letters, digits, underscores and hyphens.")
        }
        return name
    }

    private static func invalid(_ message: String) -> StoreError {
        StoreError(.invalidValue, message, entity: Model.entityName, field: "aliases")
    }
}

extension Model {
    /// The aliases that name a version, sorted.
    public func aliases(of version: Identifier<ModelVersion>) -> [String] {
        aliases.versions.filter { $0.value == version }.keys.sorted()
    }
}
