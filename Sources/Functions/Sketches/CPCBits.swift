import Columnar
import Platform

/// Codes of up to twelve bits for the symbols of CPC sketches.
struct CPCCode: Sendable {
    /// By symbols: the code in twelve bits, their number in four bits above.
    let codes: ArraySlice<UInt16>
    /// By the next twelve bits: the symbol in eight bits, the number of its bits above.
    private let symbols: [UInt16]

    private init(_ codes: ArraySlice<UInt16>) {
        self.codes = codes
        var symbols = [UInt16](repeating: 0, count: 1 << 12)
        for (symbol, code) in codes.enumerated() {
            let length = Int(code >> 12)
            for rest in 0..<(1 << (12 - length)) {
                symbols[Int(code & 0xFFF) | rest << length] = UInt16(length) << 8 | UInt16(symbol)
            }
        }
        self.symbols = symbols
    }

    func code(_ symbol: Int) -> (bits: UInt64, count: Int) {
        let code = codes[codes.startIndex + symbol]
        return (UInt64(code & 0xFFF), Int(code >> 12))
    }

    func symbol(_ bits: UInt64) -> (symbol: Int, count: Int) {
        let found = symbols[Int(bits & 0xFFF)]
        return (Int(found & 0xFF), Int(found >> 8))
    }

    private static let all: [UInt16] = {
        let coded = UnsafeBufferPointer(start: cpcCodesBase64.utf8Start, count: cpcCodesBase64.utf8CodeUnitCount)
        let bytes = [UInt8](unsafeUninitializedCapacity: coded.count) { target, count in
            count = target.baseAddress.map { Base64.decode(coded, into: $0) } ?? 0
        }
        return stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
    }()

    /// Of a window's bytes, by phases: 16 of a full sketch, and 6 of one that fills.
    static let windows: [CPCCode] = (0..<22).map { CPCCode(all[($0 * 256)..<(($0 + 1) * 256)]) }
    /// Of the gaps between columns.
    static let gaps = CPCCode(all[(22 * 256)...])
}

/// Writes bits into words of 32, the first one lowest.
struct CPCBitWriter {
    private(set) var words: [UInt32] = []
    private var pending: UInt64 = 0
    private var pendingCount = 0

    mutating func write(_ bits: UInt64, _ count: Int) {
        pending |= bits << UInt64(pendingCount)
        pendingCount += count
        if pendingCount >= 32 {
            words.append(UInt32(truncatingIfNeeded: pending))
            pending >>= 32
            pendingCount -= 32
        }
    }

    /// So many zeros and a one.
    mutating func writeUnary(_ value: UInt64) {
        var left = value
        while left >= 16 {
            write(0, 16)
            left -= 16
        }
        write(1 << left, Int(left) + 1)
    }

    /// Readers look at twelve bits even where fewer are left.
    mutating func finish(padding: Int) -> [UInt32] {
        write(0, padding)
        if pendingCount > 0 { words.append(UInt32(truncatingIfNeeded: pending)) }
        return words
    }
}

/// Reads bits, and zeros behind the end, which counts them as an overrun.
struct CPCBitReader {
    private let words: [UInt32]
    private var next = 0
    private var pending: UInt64 = 0
    private var pendingCount = 0

    init(_ words: [UInt32]) { self.words = words }

    /// Whether more bits were taken than there are.
    var hasOverrun: Bool { next > words.count && (next - words.count) * 32 > pendingCount }

    private mutating func fill(_ count: Int) {
        while pendingCount < count {
            if next < words.count { pending |= UInt64(words[next]) << UInt64(pendingCount) }
            next += 1
            pendingCount += 32
        }
    }

    private mutating func drop(_ count: Int) {
        pending >>= UInt64(count)
        pendingCount -= count
    }

    mutating func symbol(_ code: CPCCode) -> Int {
        fill(12)
        let (symbol, count) = code.symbol(pending)
        drop(count)
        return symbol
    }

    mutating func bits(_ count: Int) -> UInt64 {
        fill(count)
        defer { drop(count) }
        return pending & (1 << UInt64(count) - 1)
    }

    /// nil when the bits end before a one comes.
    mutating func unary() -> UInt64? {
        var zeros: UInt64 = 0
        while true {
            fill(8)
            let found = min((pending & 0xFF | 0x100).trailingZeroBitCount, 8)
            if found < 8 {
                drop(found + 1)
                return zeros + UInt64(found)
            }
            drop(8)
            zeros += 8
            if hasOverrun { return nil }
        }
    }
}
