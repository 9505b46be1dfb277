import Columnar

/// What one worker reads a column of a batch into: the values of the rows that have one, side by side, and where they stand.
final class BatchRows {
    private(set) var capacity = 0
    /// Rows of the batch.
    private(set) var rowCount = 0
    private(set) var rows = RowSelection.all(0)
    /// Values of the column that was read last.
    private(set) var count = 0
    private(set) var words: UnsafeMutablePointer<UInt64> = .allocate(capacity: 1)
    private(set) var numbers: UnsafeMutablePointer<Double> = .allocate(capacity: 1)
    private(set) var views: UnsafeMutablePointer<StringView> = .allocate(capacity: 1)
    private(set) var hashes: UnsafeMutablePointer<UInt64> = .allocate(capacity: 1)
    /// For each value its row among those of the batch.
    private(set) var places: UnsafeMutablePointer<Int32> = .allocate(capacity: 1)
    /// A number a row that no other row of this worker has.
    private(set) var marks: UnsafeMutablePointer<UInt64> = .allocate(capacity: 1)
    private var nextMark: UInt64
    /// NaN and the infinities of the column that was read last, which are not among its values.
    private(set) var nans = 0
    private(set) var positiveInfinities = 0
    private(set) var negativeInfinities = 0

    /// - Parameter worker: tells its marks from those of others.
    init(worker: Int) { nextMark = UInt64(truncatingIfNeeded: worker) << 48 }

    deinit { deallocate() }

    private func deallocate() {
        words.deallocate()
        numbers.deallocate()
        views.deallocate()
        hashes.deallocate()
        places.deallocate()
        marks.deallocate()
    }

    var byteCount: Int { capacity * 52 }

    func begin(_ batch: Batch) {
        rows = batch.rows
        rowCount = batch.rowCount
        if rowCount > capacity {
            deallocate()
            capacity = rowCount
            words = .allocate(capacity: capacity)
            numbers = .allocate(capacity: capacity)
            views = .allocate(capacity: capacity)
            hashes = .allocate(capacity: capacity)
            places = .allocate(capacity: capacity)
            marks = .allocate(capacity: capacity)
        }
        for row in 0..<rowCount { marks[row] = Hashing.mix(nextMark &+ UInt64(truncatingIfNeeded: row)) | 1 }
        nextMark &+= UInt64(truncatingIfNeeded: rowCount)
    }

    /// Whether every row has a value of the column that was read last.
    var isComplete: Bool { count == rowCount }

    // MARK: Reading

    /// Reads words and numbers.
    func read(_ column: Column, as form: WordForm) {
        (nans, positiveInfinities, negativeInfinities) = (0, 0, 0)
        let plain = column.decoded(rows)
        switch plain.type.physical {
        case .boolean: integers(plain, UInt8.self)
        case .int8: integers(plain, Int8.self)
        case .int16: integers(plain, Int16.self)
        case .int32: integers(plain, Int32.self)
        case .int64: integers(plain, Int64.self)
        case .float: floats(plain, Float.self) { Double($0) }
        case .double: floats(plain, Double.self) { $0 }
        case .int128: decimals(plain, form)
        case .timestamp:
            fill(plain, Timestamp.self) { value in
                let microseconds = WordForm.microseconds(value)
                return (WordForm.word(microseconds), Double(microseconds) / 1e6)
            }
        case .string, .list, .structure, .union: count = 0
        }
    }

    private func integers<T: ColumnElement & FixedWidthInteger>(_ column: Column, _: T.Type) {
        fill(column, T.self) { value in
            let integer = Int64(truncatingIfNeeded: value)
            return (WordForm.word(integer), Double(integer))
        }
    }

    private func decimals(_ column: Column, _ form: WordForm) {
        switch form {
        case .decimal(let scale):
            let divisor = Double(Decimals.powerOfTen(scale))
            fill(column, Int128.self) { value in
                let integer = Int64(truncatingIfNeeded: value)
                return (WordForm.word(integer), Double(integer) / divisor)
            }
        case .wideDecimal(let scale):
            fill(column, Int128.self) { value in
                let number = Decimals.double(value, scale: scale)
                return (WordForm.word(number), number)
            }
        default: count = 0
        }
    }

    @inline(__always)
    private func fill<T: ColumnElement>(_ column: Column, _: T.Type, _ convert: (T) -> (UInt64, Double)) {
        let source = UnsafePointer(column.values(as: T.self))
        let words = words, numbers = numbers
        forEachValue(column) { element, target in
            let (word, number) = convert(source[element])
            words[target] = word
            numbers[target] = number
        }
        withExtendedLifetime(column) {}
    }

    /// As `fill`, but for numbers that are none.
    @inline(__always)
    private func floats<T: ColumnElement>(_ column: Column, _: T.Type, _ convert: (T) -> Double) {
        fill(column, T.self) { value in
            let number = convert(value)
            return (WordForm.word(number), number)
        }
        let numbers = numbers, count = count
        var isFinite = true
        for index in 0..<count where !numbers[index].isFinite { isFinite = false }
        guard !isFinite else { return }
        let isComplete = isComplete
        var kept = 0
        for index in 0..<count {
            let number = numbers[index]
            guard number.isFinite else {
                if number.isNaN { nans += 1 } else if number > 0 { positiveInfinities += 1 } else { negativeInfinities += 1 }
                continue
            }
            numbers[kept] = number
            words[kept] = words[index]
            places[kept] = isComplete ? Int32(truncatingIfNeeded: index) : places[index]
            kept += 1
        }
        self.count = kept
    }

    /// Reads texts and their hashes.
    func readTexts(_ column: Column) {
        let plain = column.decoded(rows)
        let source = UnsafePointer(plain.values(as: StringView.self))
        let views = views, hashes = hashes
        forEachValue(plain) { element, target in
            views[target] = source[element]
            hashes[target] = Hashing.hash(source[element])
        }
        withExtendedLifetime(plain) {}
    }

    /// Reads which rows have a value.
    func readPlaces(_ column: Column) {
        count = 0
        rows.forEach { row in count += column.isNull(row) ? 0 : 1 }
    }

    /// Calls `body` with the element of each value and its number among them; `places` are told where some rows have none.
    @inline(__always)
    private func forEachValue(_ column: Column, _ body: (_ element: Int, _ target: Int) -> Void) {
        let scale = column.isConstant ? 0 : 1
        let indices = rows.selection.map { UnsafePointer($0.indices) }
        if let bits = column.validity {
            let places = places
            var used = 0
            for row in 0..<rowCount {
                let element = (indices.map { Int($0[row]) } ?? row) &* scale
                guard bits[element] else { continue }
                places[used] = Int32(truncatingIfNeeded: row)
                body(element, used)
                used &+= 1
            }
            count = used
        } else if let indices {
            for row in 0..<rowCount { body(Int(indices[row]) &* scale, row) }
            count = rowCount
        } else {
            for row in 0..<rowCount { body(row &* scale, row) }
            count = rowCount
        }
        withExtendedLifetime(rows) {}
    }

    // MARK: What is told of the values

    /// The sum of the marks of the rows that have a value, each times the value's word: equal for columns that agree in
    /// every row, and for others by chance alone.
    func fingerprint(_ words: UnsafePointer<UInt64>) -> UInt64 {
        let marks = marks
        var sum: UInt64 = 0
        if isComplete {
            // Upper bits count for lower ones too: factors of two in all words would make chance likelier.
            for index in 0..<count { sum &+= (words[index] ^ words[index] &>> 32) &* marks[index] }
        } else {
            let places = places
            for index in 0..<count { sum &+= (words[index] ^ words[index] &>> 32) &* marks[Int(places[index])] }
        }
        return sum
    }
}
