import Columnar

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Questions about bytes that more than one reader of text asks.
enum ByteText {
    /// Whether no byte is above 127.
    static func isASCII(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let bytes = UnsafeRawPointer(text)
        var at = 0
        var seen = SIMD16<UInt8>(repeating: 0)
        while at &+ 64 <= count {
            seen |=
                bytes.loadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self)
                | bytes.loadUnaligned(fromByteOffset: at &+ 16, as: SIMD16<UInt8>.self)
                | bytes.loadUnaligned(fromByteOffset: at &+ 32, as: SIMD16<UInt8>.self)
                | bytes.loadUnaligned(fromByteOffset: at &+ 48, as: SIMD16<UInt8>.self)
            at &+= 64
        }
        var rest: UInt8 = 0
        while at < count {
            rest |= text[at]
            at &+= 1
        }
        return (seen.max() | rest) < 0x80
    }

    /// Where `pattern` begins first at or behind `from`.
    @inline(__always)
    static func find(
        _ pattern: UnsafeBufferPointer<UInt8>, in text: UnsafePointer<UInt8>, from: Int, count: Int
    ) -> Int? {
        guard let first = pattern.first, let start = pattern.baseAddress else { return from }
        var at = from
        while at &+ pattern.count <= count {
            guard let hit = memchr(text + at, Int32(first), count &- at &- pattern.count &+ 1) else { return nil }
            at = UnsafeRawPointer(text).distance(to: UnsafeRawPointer(hit))
            if equalBytes(text + at, start, pattern.count) { return at }
            at &+= 1
        }
        return nil
    }
}
