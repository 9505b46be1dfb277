#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Seconds since 1970-01-01 UTC, as people and programs read them.
package enum TimeText {
    /// In the process's time zone.
    /// - Parameter format: strftime's.
    package static func local(_ seconds: Int64, _ format: String) -> String { text(seconds, format, localtime_r) }

    /// `2026-11-22T16:03:24Z`
    package static func utc(_ seconds: Int64) -> String { text(seconds, "%Y-%m-%dT%H:%M:%SZ", gmtime_r) }

    /// The number itself where it is no time of any calendar.
    private static func text(
        _ seconds: Int64, _ format: String, _ parts: (UnsafePointer<time_t>, UnsafeMutablePointer<tm>) -> UnsafeMutablePointer<tm>?
    ) -> String {
        var moment = time_t(seconds)
        var broken = tm()
        guard parts(&moment, &broken) != nil else { return "\(seconds)" }
        var text = [CChar](repeating: 0, count: 64)
        let count = strftime(&text, text.count, format, &broken)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
