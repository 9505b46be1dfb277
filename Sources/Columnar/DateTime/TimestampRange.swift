extension Timestamp {
    /// nil for seconds outside of the days that DATE has.
    @inlinable @inline(__always)
    package init?(inRange seconds: Int64, nanoseconds: Int32 = 0) {
        guard Self.isInRange(seconds) else { return nil }
        self.init(seconds: seconds, nanoseconds: nanoseconds)
    }

    /// Whether seconds lie in days that DATE has, the years −5,877,641 to 5,881,580. No TIMESTAMP is outside: what would be is NULL,
    /// and not the day that the rest of too large a number leads to.
    @inlinable @inline(__always)
    package static func isInRange(_ seconds: Int64) -> Bool {
        seconds >= Int64(Int32.min) &* 86_400 && seconds < (Int64(Int32.max) &+ 1) &* 86_400
    }

    @inlinable @inline(__always)
    package var isInRange: Bool { Self.isInRange(seconds) }
}
