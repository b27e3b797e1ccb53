extension Column where Value == Identifier<Record> {
    /// The id begins or ends with these characters, as people type the ids of rows.
    ///
    /// The ids of all rows that the query may see are looked at, and only those rows are read that
    /// match. A text that no id contains matches none.
    public func hasEnd(_ part: String) -> Filter<Record> {
        let part = part.lowercased()
        // Neither character has a meaning in a pattern.
        guard !part.isEmpty, part.allSatisfy({ $0 == "-" || $0.isHexDigit && $0.isASCII }) else {
            return isIn([])
        }
        let text = "CAST(\(name) AS text)"
        return Filter(
            condition: .any([
                .like(column: text, pattern: "\(part)%"), .like(column: text, pattern: "%\(part)"),
            ]))
    }
}
