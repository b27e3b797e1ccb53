extension Condition {
    /// The columns that it names.
    var columns: Set<String> {
        switch self {
        case .all(let parts), .any(let parts):
            parts.reduce(into: []) { $0.formUnion($1.columns) }
        case .not(let inner): inner.columns
        case .compare(let column, _, _), .among(let column, _), .like(let column, _),
            .text(let column, _, _), .comparePath(let column, _, _, _),
            .existsPath(let column, _), .containsElement(let column, _):
            [column]
        }
    }
}
