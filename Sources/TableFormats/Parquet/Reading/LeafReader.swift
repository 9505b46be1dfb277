import Columnar

/// Reads one stored column of a row group, page by page: levels and values of so many rows at a time.
final class LeafReader {
    let leaf: ParquetLeaf
    private let values: any LeafValues
    let pages: LeafPages
    private let path: String
    private let memory: ParquetMemory
    private let maximum: UInt8

    /// Rows to pass over before the next ones are read.
    private var pendingSkip = 0
    /// The next row, those that are to be passed over not counted.
    private var row = 0

    // The batch.
    /// Levels of the slots: rows, or elements of the innermost repeated group. Without `hasLevels` all are the maximum.
    private(set) var levels = LevelBuffer()
    private(set) var hasLevels = false
    private(set) var slotCount = 0
    /// Of a column in a repeated group: levels of all entries.
    private(set) var entryDefinitions = LevelBuffer()
    private(set) var entryRepetitions = LevelBuffer()
    private(set) var entryCount = 0
    /// Levels of a page that are decoded and not used yet.
    private var piece = (definitions: LevelBuffer(), repetitions: LevelBuffer(), next: 0, end: 0)
    private static let pieceCapacity = 4096

    init(
        _ file: ParquetFile, rowGroup: Int, leaf ordinal: Int, keepsDictionary: Bool, usesOffsetIndex: Bool, memory: ParquetMemory
    ) throws {
        leaf = file.schema.leaves[ordinal]
        path = file.path
        self.memory = memory
        let chunk = file.metadata.rowGroups[rowGroup].columns[ordinal]
        let name = leaf.path.joined(separator: ".")
        func refuse(_ reason: String) -> TableFormatError {
            TableFormatError("column \(name) of row group \(rowGroup): \(reason)", path: file.path)
        }
        if chunk.isEncrypted { throw refuse("encrypted columns cannot be read") }
        guard chunk.filePath == nil else { throw refuse("its data are in another file, which cannot be read") }
        guard chunk.hasMetadata, chunk.physical == leaf.physical, chunk.valueCount >= 0 else {
            throw refuse("the footer does not describe it as the schema does")
        }
        guard leaf.maximumDefinition < 256 else { throw refuse("it is nested too deeply") }
        maximum = UInt8(leaf.maximumDefinition)
        values = leaf.makeValues(keepsDictionary: keepsDictionary, memory: memory)
        let index = usesOffsetIndex ? try file.offsetIndex(rowGroup: rowGroup, leaf: ordinal, memory: memory) : nil
        do { pages = try LeafPages(file, chunk, leaf, values, index: index, memory: memory) } catch let error as CorruptParquet {
            throw refuse(error.reason)
        } catch let error as BlockCodecError {
            throw refuse(error.description)
        }
    }

    deinit {
        levels.deallocate()
        entryDefinitions.deallocate()
        entryRepetitions.deallocate()
        piece.definitions.deallocate()
        piece.repetitions.deallocate()
    }

    private var isRepeated: Bool { leaf.maximumRepetition > 0 }

    /// Reads the next `rows` rows as the batch.
    /// - Throws: `TableFormatError` naming the column, the file and the page.
    func read(_ rows: Int) throws {
        try located {
            if pendingSkip > 0 { try passOver() }
            if isRepeated { try readRepeated(rows) } else { try readFlat(rows) }
            row += rows
        }
    }

    /// Passes over the next rows; pages without any other are not even decompressed.
    func skip(_ rows: Int) { pendingSkip += rows }

    /// The batch's values. To be called once a batch.
    func finish() -> Column {
        var validity: ValidityBitmap?
        if hasLevels { validity = Self.bitmap(levels.elements, slotCount, atLeast: maximum) }
        return values.finish(slotCount, validity: validity)
    }

    /// One bit a slot: whether its level is `level` at least; nil when all are.
    static func bitmap(_ levels: UnsafePointer<UInt8>, _ count: Int, atLeast level: UInt8) -> ValidityBitmap? {
        let bitmap = ValidityBitmap(count: count)
        let words = bitmap.words
        var all = true
        var slot = 0
        while slot < count {
            let end = min(slot &+ 64, count)
            var word: UInt64 = 0
            for index in slot..<end { word |= (levels[index] >= level ? 1 : 0) &<< UInt64(truncatingIfNeeded: index &- slot) }
            words[slot >> 6] = word
            let full = end &- slot == 64 ? UInt64.max : (1 << UInt64(end &- slot)) &- 1
            if word != full { all = false }
            slot = end
        }
        return all ? nil : bitmap
    }

    private func located<T>(_ body: () throws -> T) throws -> T {
        let reason: String
        do { return try body() } catch let error as CorruptParquet {
            reason = error.reason
        } catch let error as BlockCodecError {
            reason = error.description
        }
        throw TableFormatError(
            "corrupt Parquet column \(leaf.path.joined(separator: ".")): \(reason)", path: path, offset: pages.pageOffset)
    }

    // MARK: Rows

    private func readFlat(_ rows: Int) throws {
        values.begin(capacity: rows, isExact: true)
        hasLevels = false
        slotCount = rows
        var done = 0
        while done < rows {
            if pages.entriesLeft == 0 {
                try pages.next()
                continue
            }
            let count = min(rows - done, pages.entriesLeft)
            let present = try readLevels(count, at: done, of: rows)
            try values.read(present, at: done)
            if present < count {
                values.spread(levels.elements + done, maximum: maximum, present: present, at: done, count: count)
            }
            pages.entriesLeft -= count
            done += count
        }
    }

    /// Reads levels of the batch's slots from `slot` on, and returns how many are values.
    private func readLevels(_ count: Int, at slot: Int, of rows: Int) throws -> Int {
        if maximum == 0 { return count }
        let run = try pages.definitions.takeRun(count)
        if run == maximum, !hasLevels { return count }
        levels.reserve(rows)
        let target = levels.elements
        if !hasLevels { target.update(repeating: maximum, count: slot) }
        hasLevels = true
        if let run {
            (target + slot).update(repeating: run, count: count)
            return run == maximum ? count : 0
        }
        try pages.definitions.decode(into: target + slot, count: count)
        return Self.count(target + slot, count, of: maximum)
    }

    private static func count(_ levels: UnsafePointer<UInt8>, _ count: Int, of level: UInt8) -> Int {
        var found = 0
        for index in 0..<count { found &+= levels[index] == level ? 1 : 0 }
        return found
    }

    private func passOver() throws {
        let wanted = row + pendingSkip
        pendingSkip = 0
        if let first = try pages.jump(toRow: wanted) {
            // What is left of the page before is not needed any more.
            piece.next = piece.end
            row = first
        }
        var left = wanted - row
        row = wanted
        if isRepeated {
            while left > 0 {
                let count = min(left, 1024)
                try readRepeated(count)
                left -= count
            }
            return
        }
        while left > 0 {
            if left >= pages.entriesLeft {
                left -= pages.entriesLeft
                pages.entriesLeft = 0
                if left > 0 { left -= try pages.next(skipping: left) }
                continue
            }
            let count = min(left, pages.entriesLeft, Self.pieceCapacity)
            hasLevels = false
            let present = try readLevels(count, at: 0, of: count)
            try values.skip(present)
            pages.entriesLeft -= count
            left -= count
        }
    }

    /// A row lasts until an entry with repetition level 0, which may only be found in the next page.
    private func readRepeated(_ rows: Int) throws {
        values.begin(capacity: rows, isExact: false)
        (slotCount, entryCount, hasLevels) = (0, 0, true)
        var begun = 0
        while true {
            if piece.next == piece.end {
                if pages.entriesLeft == 0 {
                    if pages.isAtLast || begun == rows && pages.beginWithRows { break }
                    try pages.next()
                    continue
                }
                try decodePiece()
            }
            let repetitions = piece.repetitions.elements
            var next = piece.next
            var isComplete = false
            while next < piece.end {
                if repetitions[next] == 0 {
                    if begun == rows {
                        isComplete = true
                        break
                    }
                    begun += 1
                } else if begun == 0 {
                    throw CorruptParquet("the first row has no beginning")
                }
                next += 1
            }
            try take(piece.next..<next)
            piece.next = next
            if isComplete { break }
        }
        guard begun == rows else { throw CorruptParquet("there are fewer rows than the row group says") }
    }

    private func decodePiece() throws {
        let count = min(pages.entriesLeft, Self.pieceCapacity)
        piece.definitions.reserve(count)
        piece.repetitions.reserve(count)
        try pages.repetitions.decode(into: piece.repetitions.elements, count: count)
        try pages.definitions.decode(into: piece.definitions.elements, count: count)
        piece.next = 0
        piece.end = count
        pages.entriesLeft -= count
    }

    /// Takes entries of the piece into the batch.
    private func take(_ range: Range<Int>) throws {
        let count = range.count
        if entryCount + count > entryDefinitions.capacity { try memory.check((entryCount + count) * 8) }
        entryDefinitions.reserve(entryCount + count)
        entryRepetitions.reserve(entryCount + count)
        levels.reserve(slotCount + count)
        let source = piece.definitions.elements + range.lowerBound
        (entryDefinitions.elements + entryCount).update(from: source, count: count)
        (entryRepetitions.elements + entryCount).update(from: piece.repetitions.elements + range.lowerBound, count: count)
        entryCount += count
        let slots = levels.elements + slotCount
        let least = UInt8(leaf.slotDefinition)
        var found = 0
        for index in 0..<count {
            slots[found] = source[index]
            found &+= source[index] >= least ? 1 : 0
        }
        let present = Self.count(slots, found, of: maximum)
        values.reserve(slotCount + found)
        try values.read(present, at: slotCount)
        if present < found {
            values.spread(slots, maximum: maximum, present: present, at: slotCount, count: found)
        }
        slotCount += found
    }
}
