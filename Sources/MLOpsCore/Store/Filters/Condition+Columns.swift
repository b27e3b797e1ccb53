extension Condition {
    /// The columns that it names.
    var columns: Set<String> {
        switch self {
        case .all(let parts), .any(let parts):
            parts.reduce(into: []) { $0.formUnion($1.columns) }
        case .not(let inner): inner.columns
        case .compare(let column, _, _), .among(let column, _), .like(let column, _),
            .text(let column, _, _), .containsElement(let column, _), .related(let column, _, _):
            [column]
        case .comparePath(let place, _, _), .amongPath(let place, _), .likePath(let place, _),
            .textPath(let place, _, _), .existsPath(let place), .hasElement(let place, _):
            [place.column]
        case .refused: []
        }
    }
}
