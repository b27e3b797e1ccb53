/// What a mail server answered about each recipient, read from the dialogue.
struct RecipientAnswers {
    /// The status for each recipient, in the order in which they were named.
    private(set) var statuses: [Int] = []
    /// The last status with its text, whatever it answered.
    private(set) var last = ""
    private var awaitsAnswer = false

    mutating func see(isSent: Bool, _ line: String) {
        if isSent {
            awaitsAnswer = line.hasPrefix("RCPT TO:")
            return
        }
        // `250-` is a line with more to come, `250 ` the last one.
        guard let status = Int(line.prefix(3)), !line.dropFirst(3).hasPrefix("-") else { return }
        last = line
        if awaitsAnswer {
            statuses.append(status)
            awaitsAnswer = false
        }
    }

    /// The recipients of the list that the server refused, now or for ever.
    func refused(of recipients: [String]) -> [String] {
        zip(recipients, statuses).filter { !(200...299).contains($1) }.map(\.0)
    }
}
