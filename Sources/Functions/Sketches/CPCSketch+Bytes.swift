import Columnar

// The published format: a head of words of 4 bytes, the compressed window, and the compressed table of single bits.

private enum CPCFormat {
    static let version: UInt8 = 1
    static let family: UInt8 = 16
    static let compressedFlag: UInt8 = 2
    static let historyFlag: UInt8 = 4
    static let tableFlag: UInt8 = 8
    static let windowFlag: UInt8 = 16

    /// Lowest bits of a gap between rows that are written as they are.
    static func plainBits(_ lgK: Int, _ count: Int) -> Int {
        let gap = (1 << lgK) / count
        return gap == 0 ? 0 : Int.bitWidth - 1 - gap.leadingZeroBitCount
    }
}

extension CPCSketch {
    func serialized() -> [UInt8] {
        let shape = CPCShape(lgK: lgK, count: count)
        var window: [UInt32] = [], firstColumn = 0
        var single = shape.hasWindow ? [] : places
        if shape.hasWindow {
            window = compressedWindow(shape)
            (single, firstColumn) = surprises(shape)
        }
        let table = single.isEmpty ? [] : Self.compressed(single, lgK)
        var flags = CPCFormat.compressedFlag
        if !table.isEmpty { flags |= CPCFormat.tableFlag }
        if !window.isEmpty { flags |= CPCFormat.windowFlag }
        var head: [UInt32] = []
        if count > 0 { head.append(UInt32(count)) }
        if !table.isEmpty, !window.isEmpty { head.append(UInt32(single.count)) }
        if !table.isEmpty { head.append(UInt32(table.count)) }
        if !window.isEmpty { head.append(UInt32(window.count)) }
        var writer = SketchWriter(capacity: 8 + (head.count + window.count + table.count) * 4)
        writer.write([UInt8(2 + head.count), CPCFormat.version, CPCFormat.family, UInt8(lgK), UInt8(firstColumn), flags])
        writer.write(mark)
        for words in [head, window, table] { writer.write(words) }
        return writer.bytes
    }

    private func compressedWindow(_ shape: CPCShape) -> [UInt32] {
        var writer = CPCBitWriter()
        let code = CPCCode.windows[shape.phase]
        for columns in rows {
            let (bits, count) = code.code(Int(columns >> UInt64(shape.offset) & 0xFF))
            writer.write(bits, count)
        }
        return writer.finish(padding: 11)
    }

    /// Bits beside the window that are not as most are, as they are written, and the first column that has one.
    private func surprises(_ shape: CPCShape) -> (places: [UInt32], firstColumn: Int) {
        let written = shape.writtenColumns
        let before: UInt64 = 1 << UInt64(shape.offset) - 1, outside = ~(UInt64(0xFF) << UInt64(shape.offset))
        var places: [UInt32] = [], all: UInt64 = 0
        for (row, columns) in rows.enumerated() {
            let odd = (columns & outside) ^ before
            all |= odd
            Self.append(odd, of: row, to: &places)
        }
        places = places.map { place in (place & ~63) | (written[Int(place & 63)] ?? 0) }
        places.sort()
        return (places, min(all.trailingZeroBitCount, shape.offset))
    }

    /// Gaps between the columns of one row, and between rows.
    private static func compressed(_ places: [UInt32], _ lgK: Int) -> [UInt32] {
        var writer = CPCBitWriter()
        let plain = CPCFormat.plainBits(lgK, places.count)
        var row: UInt32 = 0, column: UInt32 = 0
        for place in places {
            let rowGap = place >> 6 - row
            if rowGap > 0 { column = 0 }
            let (bits, count) = CPCCode.gaps.code(Int(place & 63 - column))
            writer.write(bits, count)
            writer.writeUnary(UInt64(rowGap) >> UInt64(plain))
            writer.write(UInt64(rowGap) & (1 << UInt64(plain) - 1), plain)
            row = place >> 6
            column = place & 63 + 1
        }
        return writer.finish(padding: max(0, 10 - plain))
    }
}

/// A CPC sketch as it was read: its head, and what it holds as words.
struct CPCImage {
    let lgK: Int
    let mark: UInt16
    let firstColumn: Int
    /// Bits that are set.
    let count: Int
    /// Bits in the table.
    let singleCount: Int
    /// The estimate that was counted while the sketch was filled elsewhere, if it is no union.
    let historicEstimate: Double?
    private let window: [UInt32]
    private let table: [UInt32]
    private let damage: FunctionError

    /// - Throws: `FunctionError` for bytes that are no sketch, and for one whose values were hashed with another seed.
    init(_ bytes: StringView, mark: UInt16) throws {
        var reader = SketchReader(bytes, kind: "CPC")
        let words = try reader.head(family: CPCFormat.family...CPCFormat.family, versions: CPCFormat.version...CPCFormat.version).words
        lgK = Int(try reader.number(UInt8.self))
        firstColumn = Int(try reader.number(UInt8.self))
        let flags = try reader.number(UInt8.self), found = try reader.number(UInt16.self)
        guard CPCSketch.sizes.contains(lgK), flags & CPCFormat.compressedFlag != 0 else { throw reader.damage("their lgK is \(lgK)") }
        guard found == mark else { throw reader.damage("its values were hashed with another seed") }
        self.mark = mark
        let hasTable = flags & CPCFormat.tableFlag != 0, hasWindow = flags & CPCFormat.windowFlag != 0
        let hasHistory = flags & CPCFormat.historyFlag != 0
        var count = 0, singleCount = 0, tableWords = 0, windowWords = 0, history = 0.0
        if hasTable || hasWindow {
            count = Int(try reader.number(UInt32.self))
            singleCount = hasTable ? hasWindow ? Int(try reader.number(UInt32.self)) : count : 0
            if hasHistory, hasTable, hasWindow { history = try (reader.double(), reader.double()).1 }
            if hasTable { tableWords = Int(try reader.number(UInt32.self)) }
            if hasWindow { windowWords = Int(try reader.number(UInt32.self)) }
            if hasHistory, !(hasTable && hasWindow) { history = try (reader.double(), reader.double()).1 }
        }
        let headWords = 2 + (count == 0 ? 0 : 1 + (hasHistory ? 4 : 0) + (hasTable ? hasWindow ? 2 : 1 : 0) + (hasWindow ? 1 : 0))
        window = try reader.numbers(UInt32.self, windowWords)
        table = try reader.numbers(UInt32.self, tableWords)
        damage = reader.damage("what they hold does not fit its number of bits")
        let shape = CPCShape(lgK: lgK, count: count)
        guard words == headWords, reader.remaining == 0, history.isFinite, count <= 64 << lgK, shape.offset <= 56,
            shape.hasWindow == hasWindow, hasTable || hasWindow || count == 0, hasTable || shape.hasWindow || count == 0,
            // A byte of the window takes a bit at least, a single bit two.
            !hasWindow || windowWords * 32 >= 1 << lgK, singleCount <= tableWords * 16
        else { throw damage }
        (self.count, self.singleCount) = (count, singleCount)
        historicEstimate = hasHistory ? history : nil
    }

    /// The bits themselves.
    func sketch() throws -> CPCSketch {
        let shape = CPCShape(lgK: lgK, count: count), size = 1 << lgK
        var sketch = CPCSketch(lgK: lgK, mark: mark)
        let places = try singles()
        if shape.hasWindow {
            var rows = [UInt64](repeating: 1 << UInt64(shape.offset) - 1, count: size)
            var reader = CPCBitReader(window)
            let code = CPCCode.windows[shape.phase]
            for row in 0..<size { rows[row] |= UInt64(reader.symbol(code)) << UInt64(shape.offset) }
            guard !reader.hasOverrun else { throw damage }
            var columns = [UInt64](repeating: 0, count: 64)
            for (column, written) in shape.writtenColumns.enumerated() { if let written { columns[Int(written)] = 1 << UInt64(column) } }
            for place in places { rows[Int(place >> 6)] ^= columns[Int(place & 63)] }
            sketch = CPCSketch(lgK: lgK, mark: mark, rows: rows)
        } else {
            for place in places { sketch.insert(row: place >> 6, column: place & 63) }
        }
        guard sketch.count == count else { throw damage }
        return sketch
    }

    private func singles() throws -> [UInt32] {
        guard singleCount > 0 else { return [] }
        var reader = CPCBitReader(table)
        let plain = CPCFormat.plainBits(lgK, singleCount), limit = UInt64(1) << UInt64(lgK)
        var places: [UInt32] = []
        places.reserveCapacity(singleCount)
        var row: UInt64 = 0, column = 0
        for _ in 0..<singleCount {
            let gap = reader.symbol(CPCCode.gaps)
            guard let high = reader.unary(), high <= limit else { throw damage }
            let rowGap = high << UInt64(plain) | reader.bits(plain)
            if rowGap > 0 { column = 0 }
            row += rowGap
            column += gap
            guard row < limit, column < 64, !reader.hasOverrun else { throw damage }
            places.append(UInt32(row) << 6 | UInt32(column))
            column += 1
        }
        return places
    }
}
