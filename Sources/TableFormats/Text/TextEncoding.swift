#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// `serialization.encoding` of a table, if it is not UTF-8: a charset of Java's that the system's iconv knows.
struct TextEncoding: Sendable, Hashable {
    /// As the table says it.
    let name: String
    /// As iconv says it.
    fileprivate let system: String
    /// Bytes of a unit that is replaced when it means nothing.
    fileprivate let unit: Int
    /// What Java writes before a text.
    fileprivate let mark: [UInt8]
    /// Bytes below 128 that stand alone mean what they mean in ASCII.
    let keepsASCII: Bool

    /// nil for UTF-8.
    /// - Throws: `TableFormatError` for a name that the system does not know.
    init?(named name: String) throws {
        var system = name.uppercased()
        if ["UTF-8", "UTF8", "US-ASCII", "ASCII"].contains(system) { return nil }
        if system.hasPrefix("X-") { system.removeFirst(2) }
        if system.hasPrefix("WINDOWS-"), let page = Int(system.dropFirst(8)) { system = "CP\(page)" }
        switch system {
        case "UTF-16", "UTF16":
            self.system = "UTF-16BE"
            mark = [0xFE, 0xFF]
        case "UTF-32", "UTF32":
            self.system = "UTF-32BE"
            mark = []
        case "SHIFT_JIS", "SHIFT-JIS", "SJIS":
            // Java's keeps the backslash, iconv's makes a yen sign of it.
            self.system = "CP932"
            mark = []
        default:
            self.system = system
            mark = []
        }
        self.name = name
        unit = system.contains("16") && system.hasPrefix("UTF") ? 2 : system.hasPrefix("UTF-32") ? 4 : 1
        let converter = try TextConverter(from: self.system, to: "UTF-8", name: name)
        _ = try TextConverter(from: "UTF-8", to: self.system, name: name)
        keepsASCII = unit == 1 && (UInt8(0)..<128).allSatisfy { converter.single($0) == [$0] }
    }
}

/// `(size_t)-1`
private let iconvFailure = -1

/// One direction of iconv.
final class TextConverter {
    private let handle: iconv_t

    init(from: String, to: String, name: String) throws {
        guard let handle = iconv_open(to, from), handle != iconv_t(bitPattern: -1) else {
            throw TableFormatError("java.nio.charset.UnsupportedCharsetException: \(name)", path: "")
        }
        self.handle = handle
    }

    deinit { iconv_close(handle) }

    enum Outcome { case done, full, malformed, incomplete }

    /// Converts as much of `source` as it can; both move on.
    func convert(
        _ source: inout UnsafePointer<UInt8>, _ count: inout Int, _ target: inout UnsafeMutablePointer<UInt8>, _ room: inout Int
    ) -> Outcome {
        var input: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(mutating: source).assumingMemoryBound(to: CChar.self)
        var output: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(target).assumingMemoryBound(to: CChar.self)
        let taken = count, given = room
        let result = iconv(handle, &input, &count, &output, &room)
        let code = errno
        source += taken - count
        target += given - room
        if result != iconvFailure { return .done }
        switch code {
        case E2BIG: return .full
        case EINVAL: return .incomplete
        default: return .malformed
        }
    }

    /// What a byte alone stands for; empty for nothing.
    func single(_ byte: UInt8) -> [UInt8] {
        var byte = byte
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = withUnsafePointer(to: &byte) { pointer in
            bytes.withUnsafeMutableBufferPointer { buffer -> Int in
                guard var target = buffer.baseAddress else { return 0 }
                var source = pointer
                var left = 1
                var room = buffer.count
                return convert(&source, &left, &target, &room) == .done ? buffer.count - room : 0
            }
        }
        iconv(handle, nil, nil, nil, nil)
        return Array(bytes.prefix(count))
    }
}

/// Makes UTF-8 of lines as Java's decoder does: what means nothing becomes U+FFFD.
final class TextDecoder {
    private let encoding: TextEncoding
    private let converter: TextConverter
    private let swapped: TextConverter?
    private let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    init(_ encoding: TextEncoding) throws {
        self.encoding = encoding
        converter = try TextConverter(from: encoding.system, to: "UTF-8", name: encoding.name)
        swapped = encoding.mark.isEmpty ? nil : try TextConverter(from: "UTF-16LE", to: "UTF-8", name: encoding.name)
    }

    /// No line becomes more than so many times as long.
    static let growth = 4

    /// Appends a line to `target`, which has room for it, and returns where it ends.
    func decode(_ line: UnsafeBufferPointer<UInt8>, to target: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        guard var source = line.baseAddress else { return target }
        var left = line.count
        var target = target
        var converter = converter
        if let swapped, left >= 2 {
            if source[0] == 0xFE, source[1] == 0xFF {
                (source, left) = (source + 2, left - 2)
            } else if source[0] == 0xFF, source[1] == 0xFE {
                (source, left) = (source + 2, left - 2)
                converter = swapped
            }
        }
        while left > 0 {
            var room = left * Self.growth + 16
            switch converter.convert(&source, &left, &target, &room) {
            case .done, .full: if left == 0 { return target }
            case .incomplete:
                target.update(from: replacement, count: 3)
                return target + 3
            case .malformed:
                target.update(from: replacement, count: 3)
                target += 3
                let skipped = min(encoding.unit, left)
                source += skipped
                left -= skipped
            }
        }
        return target
    }
}

/// Makes bytes of lines of UTF-8 as Java's encoder does: what the charset does not have becomes a question mark. Line ends stay
/// single bytes.
final class TextEncoder {
    private let encoding: TextEncoding
    private let converter: TextConverter
    private var isAtLineStart = true
    /// The beginning of a character whose end did not come yet.
    private var rest: [UInt8] = []
    private let capacity = 16 << 10
    private let buffer: UnsafeMutablePointer<UInt8>

    init(_ encoding: TextEncoding) throws {
        self.encoding = encoding
        converter = try TextConverter(from: "UTF-8", to: encoding.system, name: encoding.name)
        buffer = .allocate(capacity: capacity)
    }

    deinit { buffer.deallocate() }

    var byteCount: Int { capacity }

    func encode(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, path: String, emit: (UnsafePointer<UInt8>, Int) throws -> Void
    ) throws {
        var start = 0
        while start < count {
            let feed = memchr(bytes + start, 0x0A, count - start)
            let end = feed.map { UnsafeRawPointer(bytes).distance(to: UnsafeRawPointer($0)) } ?? count
            if rest.isEmpty {
                try encodePart(UnsafeBufferPointer(start: bytes + start, count: end - start), isLast: feed != nil, emit)
            } else {
                let joined = rest + UnsafeBufferPointer(start: bytes + start, count: end - start)
                rest = []
                try joined.withUnsafeBufferPointer { try encodePart($0, isLast: feed != nil, emit) }
            }
            guard feed != nil else { return }
            var newline: UInt8 = 0x0A
            try emit(&newline, 1)
            isAtLineStart = true
            start = end + 1
        }
    }

    func finish(path: String, emit: (UnsafePointer<UInt8>, Int) throws -> Void) throws {
        let left = rest
        rest = []
        try left.withUnsafeBufferPointer { try encodePart($0, isLast: true, emit) }
    }

    private func encodePart(
        _ part: UnsafeBufferPointer<UInt8>, isLast: Bool, _ emit: (UnsafePointer<UInt8>, Int) throws -> Void
    ) throws {
        guard var source = part.baseAddress, part.count > 0 else { return }
        var left = part.count
        if isAtLineStart {
            isAtLineStart = false
            try encoding.mark.withUnsafeBufferPointer { mark in
                if let first = mark.baseAddress, mark.count > 0 { try emit(first, mark.count) }
            }
        }
        while left > 0 {
            var target = buffer
            var room = capacity
            let outcome = converter.convert(&source, &left, &target, &room)
            if room < capacity { try emit(buffer, capacity - room) }
            switch outcome {
            case .done, .full: continue
            case .incomplete where !isLast:
                rest = Array(UnsafeBufferPointer(start: source, count: left))
                return
            case .incomplete, .malformed:
                let question = encoding.unit == 1 ? [0x3F] : encodedQuestion()
                try question.withUnsafeBufferPointer { bytes in
                    if let first = bytes.baseAddress { try emit(first, bytes.count) }
                }
                // The character, or the byte that begins none.
                var width = 1
                while width < left, width < 4, source[width] & 0xC0 == 0x80 { width += 1 }
                source += width
                left -= width
            }
        }
    }

    private func encodedQuestion() -> [UInt8] {
        let bytes = converter.single(0x3F)
        return bytes.isEmpty ? [0x3F] : bytes
    }
}
