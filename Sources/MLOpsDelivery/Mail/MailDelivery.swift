import CCurl
import Foundation
import MLOpsCore
import MLOpsOperations

/// Sends a mail through an SMTP server.
struct MailDelivery: Sendable {
    let config: EmailConfig
    let message: String

    func send(_ options: DeliveryOptions) async -> DeliveryOutcome {
        await TransferThread.run { flag in
            do throws(TransferFailure) {
                let transfer = try Transfer(target(), options: options, isCancelled: flag)
                return perform(transfer)
            } catch {
                return DeliveryOutcome(error)
            }
        }
    }

    private func target() throws(TransferFailure) -> TransferTarget {
        let scheme = config.security == .tls ? "smtps" : "smtp"
        let host = config.host.contains(":") ? "[\(config.host)]" : config.host
        // The path is the name in EHLO; the machine's own is nobody's business.
        return try TransferTarget(
            "\(scheme)://\(host):\(config.port)/\(MailMessage.host(config))",
            schemes: ["smtp", "smtps"],
            encrypted: config.security == .none ? [] : ["smtp", "smtps"],
            ports: [25, 465, 587, 2525])
    }

    private func perform(_ transfer: Transfer) -> DeliveryOutcome {
        if config.security == .startTLS { transfer.set(CURLOPT_USE_SSL, ccurl_require_tls) }
        if let login = config.login {
            transfer.set(CURLOPT_USERNAME, login.username)
            transfer.set(CURLOPT_PASSWORD, login.password.reveal())
        }
        transfer.set(CURLOPT_MAIL_FROM, "<\(config.from)>")
        transfer.set(CURLOPT_MAIL_RCPT, config.to.map { "<\($0)>" })
        transfer.set(CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1)
        transfer.set(CURLOPT_UPLOAD, 1)
        transfer.upload = ArraySlice(message.utf8)
        var answers = RecipientAnswers()
        transfer.dialogue = { answers.see(isSent: $0, $1) }
        transfer.watchDialogue()
        do throws(TransferFailure) {
            _ = try transfer.run()
            return delivered(answers)
        } catch {
            return failed(error, answers, status: transfer.status, transfer.errors)
        }
    }

    private func delivered(_ answers: RecipientAnswers) -> DeliveryOutcome {
        let refused = answers.refused(of: config.to)
        return DeliveryOutcome(
            .delivered,
            reason: refused.isEmpty
                ? "" : "The mail server refused \(refused.joined(separator: ", ")), not the others."
        )
    }

    private func failed(
        _ failure: TransferFailure, _ answers: RecipientAnswers, status: Int, _ errors: String
    ) -> DeliveryOutcome {
        let diagnostics = "\(errors)\n\(answers.last)"
        // A connection that breaks after one refusal says nothing about the others.
        let broken = [CURLE_OPERATION_TIMEDOUT, CURLE_RECV_ERROR, CURLE_GOT_NOTHING]
        guard case .transfer(let code) = failure, !broken.contains(code), status >= 400 else {
            return DeliveryOutcome(failure, diagnostics: diagnostics)
        }
        // One recipient that may be accepted later is worth another attempt.
        let isFinal =
            status >= 500 && !answers.statuses.contains { (400...499).contains($0) }
        let reason =
            code == CURLE_LOGIN_DENIED
            ? failure.reason : "The mail server answered with status \(status)."
        return DeliveryOutcome(
            isFinal ? .refused : .retry(after: nil), reason: reason, diagnostics: diagnostics)
    }
}
