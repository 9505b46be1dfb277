import Columnar

// The published format: a head of two words with a list of hashes, of three with a set of them, of ten with registers of 4, 6 or 8 bits.

private enum HLLFormat {
    static let version: UInt8 = 1
    static let family: UInt8 = 7
    enum Mode: UInt8 { case list, set, registers }
    static let emptyFlag: UInt8 = 4
    static let compactFlag: UInt8 = 8
    static let outOfOrderFlag: UInt8 = 16
    static let listWords = 2, setWords = 3, registerWords = 10

    /// In a register of 4 bits: the value stands behind the registers.
    static let exception: UInt8 = 15

    /// The logarithm of the slots that readers make for exceptions, before these are too many.
    static func leastExceptionSlots(_ lgK: Int) -> Int {
        switch lgK {
        case ..<7: 2
        case ..<10: 3
        case ..<12: 4
        case ..<14: 5
        default: lgK - 8
        }
    }

    /// The logarithm of a table that `count` entries fill to three quarters at most.
    static func lgSlots(_ count: Int, atLeast least: Int) -> Int {
        var lg = least
        while count * 4 > 3 << lg { lg += 1 }
        return lg
    }
}

extension HLLSketch {
    func serialized() -> [UInt8] {
        guard hasRegisters else { return serializedCoupons() }
        let least = width == .four ? registers.min() ?? 0 : 0
        var exceptions: [UInt32] = []
        let cells = packed(above: least, &exceptions)
        var writer = SketchWriter(capacity: 40 + cells.count + exceptions.count * 4)
        let slots = exceptions.isEmpty ? 0 : HLLFormat.lgSlots(exceptions.count, atLeast: HLLFormat.leastExceptionSlots(lgK))
        var flags = HLLFormat.compactFlag
        if isEmpty { flags |= HLLFormat.emptyFlag }
        if historicEstimate == nil { flags |= HLLFormat.outOfOrderFlag }
        write(HLLFormat.registerWords, slots: slots, flags, least, .registers, to: &writer)
        let sums = inversePowers
        writer.write(historicEstimate ?? 0)
        writer.write(sums.coarse)
        writer.write(sums.fine)
        writer.write(UInt32(registers.count { $0 == least }))
        writer.write(UInt32(exceptions.count))
        writer.write(cells)
        writer.write(exceptions)
        return writer.bytes
    }

    private func serializedCoupons() -> [UInt8] {
        let isList = coupons.count < Self.listLimit
        var writer = SketchWriter(capacity: 12 + coupons.count * 4)
        let flags = HLLFormat.compactFlag | (coupons.count == 0 ? HLLFormat.emptyFlag : 0)
        write(
            isList ? HLLFormat.listWords : HLLFormat.setWords, slots: isList ? 3 : HLLFormat.lgSlots(coupons.count, atLeast: 5), flags,
            isList ? UInt8(coupons.count) : 0, isList ? .list : .set, to: &writer)
        if !isList { writer.write(UInt32(coupons.count)) }
        writer.write(coupons.sorted)
        return writer.bytes
    }

    private func write(
        _ words: Int, slots: Int, _ flags: UInt8, _ count: UInt8, _ mode: HLLFormat.Mode, to writer: inout SketchWriter
    ) {
        writer.write([
            UInt8(words), HLLFormat.version, HLLFormat.family, UInt8(lgK), UInt8(slots), flags, count, mode.rawValue | width.rawValue << 2,
        ])
    }

    /// The registers as they are written, and those that 4 bits do not hold.
    private func packed(above least: UInt8, _ exceptions: inout [UInt32]) -> [UInt8] {
        switch width {
        case .eight: return registers
        case .six:
            var cells = [UInt8](repeating: 0, count: registers.count * 3 / 4 + 1)
            for (place, value) in registers.enumerated() {
                let bit = place * 6
                let wide = UInt16(value) << UInt16(bit & 7)
                cells[bit >> 3] |= UInt8(truncatingIfNeeded: wide)
                cells[bit >> 3 + 1] |= UInt8(truncatingIfNeeded: wide >> 8)
            }
            return cells
        case .four:
            var cells = [UInt8](repeating: 0, count: registers.count / 2)
            for (place, value) in registers.enumerated() {
                var cell = value - least
                if cell >= HLLFormat.exception {
                    cell = HLLFormat.exception
                    exceptions.append(UInt32(value) << 26 | UInt32(place))
                }
                cells[place >> 1] |= cell << UInt8(4 * (place & 1))
            }
            return cells
        }
    }

    /// - Throws: `FunctionError` for bytes that are no sketch.
    init(_ bytes: StringView) throws {
        var reader = SketchReader(bytes, kind: "HLL")
        let words = try reader.head(family: HLLFormat.family...HLLFormat.family, versions: HLLFormat.version...HLLFormat.version).words
        let lgK = Int(try reader.number(UInt8.self)), slots = Int(try reader.number(UInt8.self))
        let flags = try reader.number(UInt8.self), count = try reader.number(UInt8.self), mode = try reader.number(UInt8.self)
        guard Self.sizes.contains(lgK) else { throw reader.damage("their lgK is \(lgK)") }
        guard let width = Width(rawValue: mode >> 2 & 3), let mode = HLLFormat.Mode(rawValue: mode & 3) else {
            throw reader.damage("their mode is not known")
        }
        self.init(lgK: lgK, width: width)
        let isCompact = flags & HLLFormat.compactFlag != 0
        switch mode {
        case .list where words == HLLFormat.listWords:
            if flags & HLLFormat.emptyFlag == 0 { try readCoupons(Int(count), &reader) }
        case .set where words == HLLFormat.setWords:
            let count = Int(try reader.number(UInt32.self))
            // A table that grows on has empty slots.
            guard isCompact || slots <= 26 else { throw reader.damage("they end too early") }
            try readCoupons(isCompact ? count : 1 << slots, &reader)
        case .registers where words == HLLFormat.registerWords:
            try readRegisters(
                above: count, isInOrder: flags & HLLFormat.outOfOrderFlag == 0, exceptionSlots: isCompact ? nil : slots, &reader)
        default: throw reader.damage("their head has \(words) words")
        }
    }

    private mutating func readCoupons(_ count: Int, _ reader: inout SketchReader) throws {
        for coupon in try reader.numbers(UInt32.self, count) where coupon != 0 {
            guard coupon >> 26 > 0 else { throw reader.damage("a hash has no zeros") }
            insert(coupon)
        }
    }

    private mutating func readRegisters(
        above least: UInt8, isInOrder: Bool, exceptionSlots: Int?, _ reader: inout SketchReader
    ) throws {
        let historic = try reader.double()
        _ = try (reader.double(), reader.double(), reader.number(UInt32.self))
        let exceptionCount = Int(try reader.number(UInt32.self))
        let size = 1 << lgK
        var values = [UInt8](repeating: 0, count: size)
        switch width {
        case .eight: for (place, value) in try reader.bytes(size).enumerated() { values[place] = value }
        case .six:
            let cells = try reader.bytes(size * 3 / 4 + 1)
            for place in 0..<size {
                let bit = place * 6
                let wide = UInt16(cells[bit >> 3]) | UInt16(cells[bit >> 3 + 1]) << 8
                values[place] = UInt8(truncatingIfNeeded: wide >> UInt16(bit & 7)) & 63
            }
        case .four:
            let cells = try reader.bytes(size / 2)
            for place in 0..<size { values[place] = least &+ (cells[place >> 1] >> UInt8(4 * (place & 1)) & 15) }
            if exceptionCount > 0 {
                guard exceptionSlots ?? 0 <= 26 else { throw reader.damage("they end too early") }
                for pair in try reader.numbers(UInt32.self, exceptionSlots.map { 1 << $0 } ?? exceptionCount) where pair != 0 {
                    values[Int(pair) & (size - 1)] = UInt8(truncatingIfNeeded: pair >> 26)
                }
            }
        }
        guard values.allSatisfy({ $0 < 64 }), historic.isFinite, historic >= 0 else { throw reader.damage("a register is out of range") }
        self = HLLSketch(lgK: lgK, width: width, registers: values, historicEstimate: isInOrder ? historic : nil)
    }

    /// The sum of the inverse powers of two of all registers, of those below 32 and the others. Both are exact.
    var inversePowers: (coarse: Double, fine: Double) {
        var counts = [Int](repeating: 0, count: 64)
        for value in registers { counts[Int(value)] += 1 }
        func sum(_ range: Range<Int>) -> Double {
            range.reduce(0) { $0 + Double(counts[$1]) * Double(sign: .plus, exponent: -$1, significand: 1) }
        }
        return (sum(0..<32), sum(32..<64))
    }
}
