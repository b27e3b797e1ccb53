import MLOpsOperations

/// What the answers of chat services mean.
enum ChatAnswers {
    /// Slack: 410 says that the channel is archived; other errors of the caller are final.
    @Sendable static func slack(_ answer: HTTPAnswer) -> DeliveryOutcome {
        if answer.isSuccess { return answer.outcome(.delivered) }
        if answer.status == 410 { return answer.outcome(.gone) }
        return answer.outcome(answer.standardVerdict)
    }

    /// Teams: an answer 200 may tell in its text that the message was refused behind it.
    @Sendable static func teams(_ answer: HTTPAnswer) -> DeliveryOutcome {
        if answer.status == 200, answer.body.contains("returned HTTP error") {
            let isTemporary =
                answer.body.firstMatch(of: /returned HTTP error (429|5\d\d)/) != nil
            return DeliveryOutcome(
                isTemporary ? .retry(after: answer.retryAfter) : .refused,
                reason: "Teams did not accept the message.", diagnostics: answer.body)
        }
        if answer.status == 200, !answer.isWhole { return answer.outcome(.retry(after: nil)) }
        return answer.isSuccess
            ? answer.outcome(.delivered) : answer.outcome(answer.standardVerdict)
    }
}

extension HTTPAnswer {
    /// A retry for a receiver that is busy or broken, or sends elsewhere; final for other answers.
    var standardVerdict: DeliveryOutcome.Verdict {
        mayPass || (300...399).contains(status) ? .retry(after: retryAfter) : .refused
    }
}
