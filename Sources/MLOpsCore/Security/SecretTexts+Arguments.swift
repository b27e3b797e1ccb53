extension SecretTexts {
    /// What stands for a secret that is not shown.
    static let redaction = "[redacted]"

    /// The arguments of a program without those that are secrets by their names or their texts.
    ///
    /// A value after `--password` or `password=` is one; so is what contains a token of a known
    /// service, a private key or `user:password@`. An option that only sounds so, such as
    /// `--max-tokens`, loses its value too.
    static func redacted(arguments: [String]) -> [String] {
        let rules = SecretRules(type: .email)
        var redacted: [String] = []
        var isValueOfSecret = false
        for argument in arguments {
            let isOption = argument.hasPrefix("-")
            if isValueOfSecret, !argument.hasPrefix("--") {
                redacted.append(redaction)
                isValueOfSecret = false
                continue
            }
            isValueOfSecret = false
            let parts = argument.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            // A query such as `?key=value` belongs to a URL, not to a name.
            let isNamed = parts.count == 2 && !parts[0].contains(":")
            if isNamed, !parts[1].isEmpty, SecretRules.isSecret(name: String(parts[0])) {
                redacted.append("\(parts[0])=\(redaction)")
            } else if rules.isSecret(text: argument) {
                redacted.append(redaction)
            } else {
                redacted.append(argument)
                isValueOfSecret =
                    isOption && parts.count == 1 && SecretRules.isSecret(name: argument)
            }
        }
        return redacted
    }
}
