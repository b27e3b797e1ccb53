public import MLOpsCore

/// How a dispatcher works.
public struct DispatcherOptions: Sendable {
    /// How many messages it holds at once, under way or waiting for their channel.
    public var concurrency: Int
    /// How many attempts through one channel are under way at once.
    public var channelConcurrency: Int
    /// How many messages a chat or mail channel gets in a minute before the rest is one digest.
    public var digestAfter: Int
    /// After what time a message whose result did not come is sent again; longer than an attempt.
    public var lease: Duration
    /// How often it looks for work that no change has told of.
    public var poll: Duration
    /// The page of an alert, to which messages link.
    public var link: @Sendable (Alert) -> String?

    /// Makes options.
    public init(
        concurrency: Int = 256, channelConcurrency: Int = 16, digestAfter: Int = 20,
        lease: Duration = .seconds(120), poll: Duration = .seconds(30),
        link: @escaping @Sendable (Alert) -> String? = { _ in nil }
    ) {
        self.concurrency = max(1, concurrency)
        self.channelConcurrency = max(1, channelConcurrency)
        self.digestAfter = max(1, digestAfter)
        self.lease = max(lease, .seconds(30))
        self.poll = max(poll, .milliseconds(100))
        self.link = link
    }
}
