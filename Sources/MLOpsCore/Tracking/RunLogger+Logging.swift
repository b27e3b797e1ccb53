public import Foundation

extension RunLogger {
    /// Logs one value of a metric.
    ///
    /// NaN and infinities are kept.
    ///
    /// When the buffer is full, ``TrackingOptions/whenFull`` decides whether the call waits or
    /// drops the point. After the end of the run the point is refused, counted in
    /// ``refusedPoints``, and a warning is logged once. The same applies to a point whose name is
    /// empty, contains NUL, or is longer than `String.maximumNameBytes`, and whose time is outside
    /// the years 1 to 9999.
    ///
    /// - Parameters:
    ///   - metric: The name of the metric.
    ///   - value: The value.
    ///   - step: The step of the run; by default one more than the highest step of this metric in
    ///     the run, and 0 for its first point. The run may be a resumed one.
    ///   - time: When it was measured; now by default.
    public func log(
        _ metric: String, _ value: Double, step: Int? = nil, at time: Date? = nil
    ) {
        let time = time ?? workspace.store.clock()
        let step = step.map { Int64($0) }
        writer.append(1) { $0.addIfStorable(metric, value, step: step, at: time) ? 0 : 1 }
    }

    /// Logs one value of a metric, such as a `Float`, as the nearest `Double`.
    @inlinable
    public func log(
        _ metric: String, _ value: some BinaryFloatingPoint, step: Int? = nil, at time: Date? = nil
    ) {
        log(metric, Double(value), step: step, at: time)
    }

    /// Logs one value of a metric; an integer that no double holds is rounded to the nearest.
    @inlinable
    public func log(
        _ metric: String, _ value: some BinaryInteger, step: Int? = nil, at time: Date? = nil
    ) {
        log(metric, Double(value), step: step, at: time)
    }

    /// Logs several metrics under one step and one time.
    ///
    /// Without a step, each metric goes on from its own.
    public func log(
        _ values: KeyValuePairs<String, Double>, step: Int? = nil, at time: Date? = nil
    ) {
        log(all: values, step: step, at: time)
    }

    /// Logs several metrics under one step and one time.
    ///
    /// Without a step, each metric goes on from its own.
    public func log(_ values: [String: Double], step: Int? = nil, at time: Date? = nil) {
        log(all: values, step: step, at: time)
    }

    /// Logs several metrics under one step and one time.
    @inlinable
    public func log(
        _ values: [String: some BinaryFloatingPoint], step: Int? = nil, at time: Date? = nil
    ) {
        log(values.mapValues { Double($0) }, step: step, at: time)
    }

    /// Logs several metrics under one step and one time.
    @inlinable
    public func log(
        _ values: [String: some BinaryInteger], step: Int? = nil, at time: Date? = nil
    ) {
        log(values.mapValues { Double($0) }, step: step, at: time)
    }

    /// Logs every number inside a value under one step and one time.
    ///
    /// ```swift
    /// run.log(["train": ["loss": 0.3, "accuracy": 0.9], "valid": ["loss": 0.4]], step: 10)
    /// ```
    ///
    /// A number inside another value is the metric `train/loss`. Fields without a value are left
    /// out. A field that holds no number (a text, a truth value, a time, a list) is refused: it is
    /// counted in ``refusedPoints``, and the first warning names it.
    ///
    /// - Parameters:
    ///   - values: A value that encodes to an object, or a dictionary, nested as it likes.
    ///   - step: The step of the run; by default each metric goes on from its own.
    ///   - time: When they were measured; now by default.
    @_disfavoredOverload  // A dictionary of numbers is also a value that encodes.
    public func log(_ values: some Encodable, step: Int? = nil, at time: Date? = nil) {
        let flat = FlatMetrics(values)
        if !flat.numbers.isEmpty { log(all: flat.numbers, step: step, at: time) }
        if !flat.refused.isEmpty { writer.refuse(flat.refused) }
    }

    /// Logs every number inside values of several types under one step and one time.
    ///
    /// They are flattened as other values are.
    @_disfavoredOverload
    public func log(_ values: NamedValues, step: Int? = nil, at time: Date? = nil) {
        let flat = FlatMetrics(values)
        if !flat.numbers.isEmpty { log(all: flat.numbers, step: step, at: time) }
        if !flat.refused.isEmpty { writer.refuse(flat.refused) }
    }

    private func log(
        all values: some Collection<(key: String, value: Double)>, step: Int?, at time: Date?
    ) {
        let time = time ?? workspace.store.clock()
        let step = step.map { Int64($0) }
        writer.append(values.count) { batch in
            var refused = 0
            for (metric, value) in values
            where !batch.addIfStorable(metric, value, step: step, at: time) { refused += 1 }
            return refused
        }
    }

    /// The number of points that were refused.
    ///
    /// A point is refused when it is logged after the end of the run, or with a name or a time that
    /// cannot be stored, or without a number. The points of a batch are refused when the store will
    /// never accept it: the run is deleted, the permission is missing, or the run's summary is too
    /// large for its column.
    public var refusedPoints: Int { writer.lost.refused }

    /// The number of points that were dropped because the buffer was full.
    public var droppedPoints: Int { writer.lost.dropped }
}
