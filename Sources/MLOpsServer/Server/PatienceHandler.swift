import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes a connection whose client lets the server wait: for a request, in the middle of one, or
/// for the place to write an answer.
///
/// Only the time counts in which the server has asked for more and nothing came, so that its own
/// slowness is nobody's fault. A body may let it wait a second for each KiB beyond the patience,
/// which ends one that trickles and keeps one of a slow line.
final class PatienceHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let patience: TimeAmount
    private let idleTime: TimeAmount
    private var check: RepeatedTask?
    private var isInRequest = false
    /// Since when more was asked for.
    private var waitingSince: NIODeadline?
    private var waited = TimeAmount.zero
    private var bytes: Int64 = 0
    private var unwritableSince: NIODeadline?
    private var closesAfterAnswer = false

    init(_ limits: ServerLimits) {
        patience = TimeAmount(limits.patience)
        idleTime = TimeAmount(limits.idleTime)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        waitingSince = .now()
        check = context.eventLoop.scheduleRepeatedTask(
            initialDelay: .seconds(1), delay: .seconds(1)
        ) { _ in
            let (handler, context) = bound.value
            if handler.isExhausted { context.close(promise: nil) }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { check?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        check?.cancel()
        context.fireChannelInactive()
    }

    private var isExhausted: Bool {
        let now = NIODeadline.now()
        if let since = unwritableSince, now - since > idleTime { return true }
        let waited = self.waited + (waitingSince.map { now - $0 } ?? .zero)
        return waited > (isInRequest ? patience + .seconds(bytes / 1024) : idleTime)
    }

    func read(context: ChannelHandlerContext) {
        if waitingSince == nil { waitingSince = .now() }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if let since = waitingSince { waited = waited + (.now() - since) }
        waitingSince = nil
        switch unwrapInboundIn(data) {
        case .head:
            (isInRequest, waited, bytes) = (true, .zero, 0)
        case .body(let buffer):
            bytes += Int64(buffer.readableBytes)
        case .end:
            (isInRequest, waited) = (false, .zero)
        }
        context.fireChannelRead(data)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        unwritableSince = context.channel.isWritable ? nil : .now()
        context.fireChannelWritabilityChanged()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            closesAfterAnswer = head.headerFields[.connection] == "close"
            context.write(data, promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            // An answer is no silence of the client.
            waited = .zero
            if waitingSince != nil { waitingSince = .now() }
            guard closesAfterAnswer else { return context.write(data, promise: promise) }
            // The rest of a body that was refused is not read.
            let written = promise ?? context.eventLoop.makePromise()
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            written.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
            context.write(data, promise: written)
        }
    }
}
