#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Seconds since the epoch, now.
public func currentSeconds() -> Int64 { Int64(time(nil)) }
