import Foundation
import Hummingbird

extension Request {
    /// The fields of the query in their order, as forms encode them: `+` is a space.
    var query: [(name: String, value: String)] {
        (uri.query ?? "").split(separator: "&").map { field in
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : "")
        }
    }

    private static func decoded(_ part: Substring) -> String {
        let text = String(part).replacing("+", with: " ")
        return text.removingPercentEncoding ?? text
    }
}
