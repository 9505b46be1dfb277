import Columnar

/// Writes the matrix of some rows, blocks of them in parallel.
struct MatrixWriting: Sendable {
    private let encoding: FeatureEncoding
    /// The encoding's, which may be many: whoever writes many matrices makes them once.
    private let featureNames: [String]
    private let readers: [ColumnReader]
    private let rows: [Int32]
    private let threads: Int
    private let unseen: UnseenLevelPolicy
    private let mayLackValues: Bool

    init(_ encoding: FeatureEncoding, featureNames: [String], readers: [ColumnReader], rows: [Int32], threads: Int) {
        self.encoding = encoding
        self.featureNames = featureNames
        self.readers = readers
        self.rows = rows
        self.threads = threads
        unseen = encoding.unseenLevels
        mayLackValues = encoding.columns.contains(where: \.mayLackValues)
    }

    func matrix(memory: ImportMemory) throws -> (FeatureMatrix, [LevelCounts]) {
        encoding.layout == .sparse ? try sparse(memory) : try dense(memory)
    }

    var rowCount: Int { rows.count }

    /// The same for some of the rows.
    /// - Parameter places: among the rows.
    func selecting(_ places: [Int32]) -> MatrixWriting {
        MatrixWriting(encoding, featureNames: featureNames, readers: readers, rows: places.map { rows[Int($0)] }, threads: threads)
    }

    private func sum(_ parts: [[LevelCounts]]) -> [LevelCounts] {
        var sums = readers.map { _ in LevelCounts() }
        for part in parts { for position in sums.indices { sums[position].add(part[position]) } }
        return sums
    }

    // MARK: Dense

    private func dense(_ memory: ImportMemory) throws -> (FeatureMatrix, [LevelCounts]) {
        let matrix = try FeatureMatrix(
            rowCount: rows.count, columnNames: featureNames, mayLackValues: mayLackValues, memory: memory)
        guard let elements = matrix.dense else { return (matrix, sum([])) }
        return (matrix, write(0..<rows.count, to: elements))
    }

    /// Writes dense rows.
    /// - Parameters:
    ///   - places: among the rows.
    ///   - elements: of those rows; all are 0.
    @discardableResult
    func write(_ places: Range<Int>, to elements: UnsafeMutablePointer<Double>) -> [LevelCounts] {
        let width = featureNames.count
        let target = ElementsToWrite(elements)
        return forEachStep(places, width: width) { some, start, counts in
            var offset = start * width
            for (position, reader) in readers.enumerated() {
                reader.write(some, into: target.first + offset, stride: width, unseen, &counts[position])
                offset += reader.encoding.width
            }
        }
    }

    /// Calls `body` with rows that stay in the cache while all columns write to them, on several threads.
    /// - Parameters:
    ///   - places: among the rows.
    ///   - body: gets rows, how many of the places are before them, and what counts their levels.
    private func forEachStep(
        _ places: Range<Int>, width: Int,
        _ body: (_ rows: UnsafeBufferPointer<Int32>, _ start: Int, _ counts: inout [LevelCounts]) -> Void
    ) -> [LevelCounts] {
        let step = max(16, 131_072 / max(width * 8, 1))
        let counts = rows.withUnsafeBufferPointer { rows in
            let rows = UnsafeBufferPointer(rebasing: rows[places])
            return RowBlocks(rowCount: rows.count).map(threads: threads) { _, block in
                var counts = readers.map { _ in LevelCounts() }
                for start in stride(from: block.lowerBound, to: block.upperBound, by: step) {
                    body(UnsafeBufferPointer(rebasing: rows[start..<min(start + step, block.upperBound)]), start, &counts)
                }
                return counts
            }
        }
        return sum(counts)
    }

    // MARK: Unwritten

    /// Whether rows can be written again and again without keeping more than the columns beside them.
    var canWait: Bool { encoding.layout == .dense && !readers.contains(where: \.holdsNumbers) }

    /// A dense matrix whose rows are written when they are asked for.
    func unwrittenMatrix(memory: ImportMemory) throws -> FeatureMatrix {
        try FeatureMatrix(
            rowCount: rows.count, columnNames: featureNames, mayLackValues: mayLackValues, memory: memory, writing: self)
    }

    /// What writing all rows of a dense matrix counts.
    func levelCounts() -> [LevelCounts] {
        let counting = readers.indices.filter { readers[$0].countsLevels }
        let width = counting.map { readers[$0].encoding.width }.max() ?? 0
        guard width > 0 else { return sum([]) }
        return forEachStep(0..<rows.count, width: width) { some, _, counts in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: some.count * width) { scratch in
                guard let target = scratch.baseAddress else { return }
                for position in counting {
                    readers[position].write(some, into: target, stride: width, unseen, &counts[position])
                }
            }
        }
    }

    private struct ElementsToWrite: @unchecked Sendable {
        // Unchecked: each block writes its own rows.
        let first: UnsafeMutablePointer<Double>
        init(_ first: UnsafeMutablePointer<Double>) { self.first = first }
    }

    // MARK: Sparse

    private func sparse(_ memory: ImportMemory) throws -> (FeatureMatrix, [LevelCounts]) {
        let blocks = RowBlocks(rowCount: rows.count)
        let reservation = try ImportReservation(
            memory, for: "the lengths of \(rows.count) rows", help: ImportMemory.fewerRows, bytes: rows.count * 4)
        defer { withExtendedLifetime(reservation) {} }
        let lengths = [Int32](unsafeUninitializedCapacity: rows.count) { lengths, used in
            if let target = lengths.baseAddress {
                blocks.forEach(threads: threads) { _, block in
                    for place in block {
                        var length = 0
                        for reader in readers { length += reader.elementCount(Int(rows[place]), unseen) }
                        target[place] = Int32(truncatingIfNeeded: length)
                    }
                }
            }
            used = rows.count
        }
        var counts: [[LevelCounts]] = []
        let matrix = try FeatureMatrix(
            columnNames: featureNames, lengths: lengths, mayLackValues: mayLackValues, memory: memory
        ) { starts, columns, values in
            counts = blocks.map(threads: threads) { _, block in
                var counts = readers.map { _ in LevelCounts() }
                for place in block {
                    var next = starts[place]
                    var offset: Int32 = 0
                    for (position, reader) in readers.enumerated() {
                        next += reader.write(
                            rows[place], columns + next, values + next, offset: offset, unseen, &counts[position])
                        offset += Int32(reader.encoding.width)
                    }
                }
                return counts
            }
        }
        return (matrix, sum(counts))
    }
}

extension ColumnReader {
    /// Whether writing the column counts levels.
    var countsLevels: Bool {
        switch values {
        case .levels, .levelNumbers: true
        case .numbers, .vectors, .sparseVectors, .dateParts: false
        }
    }

    /// Whether it holds numbers that were made of the column's values, which may be as many as those that it writes.
    var holdsNumbers: Bool {
        switch values {
        case .numbers(let reader): reader.isParsed
        case .vectors, .sparseVectors: true
        case .levels, .dateParts, .levelNumbers: false
        }
    }

    /// Fills the column's features of some rows.
    /// - Parameters:
    ///   - target: the column's first feature of the first of `rows`; all are 0.
    ///   - stride: from a row to the next.
    func write(
        _ rows: UnsafeBufferPointer<Int32>, into target: UnsafeMutablePointer<Double>, stride: Int,
        _ unseen: UnseenLevelPolicy, _ counts: inout LevelCounts
    ) {
        let keepsMissing = encoding.missing == .keep
        switch (values, encoding.form) {
        case (.numbers(let reader), .number(let fill, let indicator)):
            reader.read(rows, into: target, stride: stride)
            guard !keepsMissing, !reader.hasAllValues else { return }
            for place in 0..<rows.count where target[place &* stride].isNaN {
                target[place &* stride] = fill
                if indicator { target[place &* stride &+ 1] = 1 }
            }
        case (.levels(let codes, let slots), .levels(let levels)):
            let writer = LevelWriter(levels, keepsMissing: keepsMissing, unseen)
            codes.withUnsafeBufferPointer { codes in
                for place in 0..<rows.count {
                    let value = target + place &* stride
                    let row = rows[place]
                    switch writer.place(codes[Int(row)], slots, row, &counts) {
                    case .slot(let slot): if writer.isOneHot { value[slot] = 1 } else { value.pointee = Double(slot) }
                    case .none: if !writer.isOneHot { value.pointee = keepsMissing ? .nan : -1 }
                    case .missing:
                        if writer.isOneHot {
                            for slot in 0..<levels.slotCount { value[slot] = .nan }
                        } else {
                            value.pointee = .nan
                        }
                    }
                }
            }
        case (.vectors(let vectors), .vector(let fills)):
            for place in 0..<rows.count { writeVector(vectors, fills, rows[place], target + place &* stride, keepsMissing) }
        case (.sparseVectors(let vectors), .sparseVector):
            for place in 0..<rows.count {
                let value = target + place &* stride
                for element in vectors.range(Int(rows[place])) { value[Int(vectors.features[element])] = vectors.values[element] }
            }
        case (.dateParts(let reader), .dateParts(_, let fills)):
            for place in 0..<rows.count { writeParts(reader, fills, rows[place], target + place &* stride, keepsMissing) }
        case (.levelNumbers(let numbers), .statistics):
            for place in 0..<rows.count {
                numbers.write(rows[place], to: target + place &* stride, keepsMissing: keepsMissing, &counts)
            }
        default: break
        }
    }

    private func writeVector(
        _ vectors: VectorValues, _ fills: [Double], _ row: Int32, _ target: UnsafeMutablePointer<Double>, _ keeps: Bool
    ) {
        let start = vectors.starts[Int(row)]
        for place in fills.indices {
            let value = start < 0 ? .nan : vectors.elements[start + place]
            target[place] = value.isNaN && !keeps ? fills[place] : value
        }
    }

    private func writeParts(
        _ reader: DatePartReader, _ fills: [Double], _ row: Int32, _ target: UnsafeMutablePointer<Double>, _ keeps: Bool
    ) {
        reader.read(Int(row), into: target)
        guard !keeps else { return }
        for place in fills.indices where target[place].isNaN { target[place] = fills[place] }
    }

    // MARK: Sparse

    /// How many elements a row has of the column. Numbers are there even where they are 0, so that trees tell them from
    /// missing ones; of levels the row's own.
    func elementCount(_ row: Int, _ unseen: UnseenLevelPolicy) -> Int {
        switch (values, encoding.form) {
        case (.numbers(let reader), .number(_, let indicator)):
            return indicator && reader.value(row).isNaN ? 2 : 1
        case (.levels(let codes, let slots), .levels(let levels)):
            let writer = LevelWriter(levels, keepsMissing: encoding.missing == .keep, unseen)
            guard writer.isOneHot else { return 1 }
            var counts = LevelCounts()
            if case .slot = writer.place(codes[row], slots, 0, &counts) { return 1 }
            return 0
        case (.sparseVectors(let vectors), .sparseVector): return vectors.range(row).count
        default: return encoding.width
        }
    }

    /// Writes a row's elements of the column, as many as `elementCount` says.
    func write(
        _ row: Int32, _ columns: UnsafeMutablePointer<Int32>, _ numbers: UnsafeMutablePointer<Double>, offset: Int32,
        _ unseen: UnseenLevelPolicy, _ counts: inout LevelCounts
    ) -> Int {
        let keepsMissing = encoding.missing == .keep
        switch (values, encoding.form) {
        case (.numbers(let reader), .number(let fill, let indicator)):
            let value = reader.value(Int(row))
            columns[0] = offset
            numbers[0] = value.isNaN && !keepsMissing ? fill : value
            guard indicator, value.isNaN else { return 1 }
            columns[1] = offset + 1
            numbers[1] = 1
            return 2
        case (.levels(let codes, let slots), .levels(let levels)):
            let writer = LevelWriter(levels, keepsMissing: keepsMissing, unseen)
            let found = writer.place(codes[Int(row)], slots, row, &counts)
            guard writer.isOneHot else {
                columns[0] = offset
                switch found {
                case .slot(let slot): numbers[0] = Double(slot)
                case .none: numbers[0] = keepsMissing ? .nan : -1
                case .missing: numbers[0] = .nan
                }
                return 1
            }
            // A level that is missing has no slot, which for trees is missing too.
            guard case .slot(let slot) = found else { return 0 }
            columns[0] = offset + Int32(slot)
            numbers[0] = 1
            return 1
        case (.sparseVectors(let vectors), .sparseVector):
            let elements = vectors.range(Int(row))
            for (place, element) in elements.enumerated() {
                columns[place] = offset + vectors.features[element]
                numbers[place] = vectors.values[element]
            }
            return elements.count
        case (.vectors(let vectors), .vector(let fills)):
            writeVector(vectors, fills, row, numbers, keepsMissing)
        case (.dateParts(let reader), .dateParts(_, let fills)):
            writeParts(reader, fills, row, numbers, keepsMissing)
        case (.levelNumbers(let levels), .statistics):
            levels.write(row, to: numbers, keepsMissing: keepsMissing, &counts)
        default: return 0
        }
        for place in 0..<encoding.width { columns[place] = offset + Int32(place) }
        return encoding.width
    }
}

/// Which slot a row's level has.
private struct LevelWriter {
    enum Place {
        case slot(Int)
        /// No slot stands for the level.
        case none
        /// The value is missing and stays so.
        case missing
    }

    let isOneHot: Bool
    private let keepsMissing: Bool
    /// What a missing value is: its slot, the level that stands for it, or nothing.
    private let missingSlot: Int?
    private let rareSlot: Int?
    private let unseenSlot: Int?

    init(_ levels: LevelEncoding, keepsMissing: Bool, _ unseen: UnseenLevelPolicy) {
        isOneHot = levels.form == .oneHot
        self.keepsMissing = keepsMissing
        missingSlot = levels.missingSlot ?? levels.fill
        rareSlot = levels.otherSlot
        unseenSlot = levels.groupsRareLevels || unseen == .ownSlot ? levels.otherSlot : nil
    }

    @inline(__always)
    func place(_ code: Int32, _ slots: [LevelSlot], _ row: Int32, _ counts: inout LevelCounts) -> Place {
        let slot: Int?
        if code < 0 {
            slot = missingSlot
            if slot == nil, keepsMissing { return .missing }
        } else {
            switch slots[Int(code)] {
            case .slot(let known): return .slot(Int(known))
            case .rare:
                counts.rareRows += 1
                slot = rareSlot
            case .unseen:
                if counts.rows == 0 { counts.first = row }
                counts.rows += 1
                slot = unseenSlot
            }
        }
        return slot.map { .slot($0) } ?? .none
    }
}
