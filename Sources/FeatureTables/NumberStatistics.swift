import Columnar

/// What fitting a numeric column needs to know of its training rows.
struct NumberStatistics {
    /// Rows that have a number.
    private(set) var count = 0
    private(set) var largestMagnitude = 0.0
    /// Kept for the median and the mode alone.
    private var values: [Double] = []
    private var origin = 0.0
    private var sum = 0.0
    private var plainMean = 0.0

    init(_ reader: NumberReader, _ rows: [Int32], keepsValues: Bool) {
        rows.withUnsafeBufferPointer { rows in
            reader.forEachChunk(rows) { numbers in
                for value in numbers where !value.isNaN {
                    // Around the first value, so that large offsets cost no digits.
                    if count == 0 { origin = value }
                    sum += value - origin
                    largestMagnitude = max(largestMagnitude, abs(value))
                    count += 1
                }
                if keepsValues { values += numbers.filter { !$0.isNaN } }
            }
            guard !(origin + sum / Double(count)).isFinite else { return }
            reader.forEachChunk(rows) { numbers in
                for value in numbers where !value.isNaN { plainMean += value / Double(count) }
            }
        }
        values.sort()
    }

    var mean: Double {
        let result = origin + sum / Double(count)
        return result.isFinite ? result : plainMean
    }

    var median: Double {
        let middle = values.count / 2
        return values.count % 2 == 1 ? values[middle] : values[middle - 1] / 2 + values[middle] / 2
    }

    /// The most frequent value; the smallest of equally frequent ones.
    var mode: Double {
        var best = values[0]
        var bestLength = 0
        var start = 0
        for position in 1...values.count where position == values.count || values[position] != values[start] {
            if position - start > bestLength {
                best = values[start]
                bestLength = position - start
            }
            start = position
        }
        return best
    }
}

extension ImportData {
    /// What becomes of a column's values that a user may not expect: dates as numbers, numbers that are rounded.
    func conversionNotes(
        _ position: Int, _ reader: NumberReader, _ statistics: NumberStatistics, _ options: ImportOptions, _ rows: [Int32]
    ) -> [String] {
        var notes: [String] = []
        let type = schema[position].type
        switch type {
        case .date: notes.append("read as days since 1970-01-01; date parts are other features (--date-parts)")
        case .timestamp, .timestampLocalTimeZone:
            notes.append("read as seconds since 1970-01-01; date parts are other features (--date-parts)")
        case .intervalYearMonth: notes.append("read as months")
        case .intervalDayTime: notes.append("read as seconds")
        default: break
        }
        let rounded = roundedRows(position, rows)
        if rounded > 0 { notes.append("\(rounded) value(s) beyond 2^53 are rounded to double precision") }
        // In single precision whole numbers are exact up to 2^24.
        if options.isSinglePrecision, statistics.largestMagnitude > 16_777_216, !type.isFloatingPoint {
            let merged = mergedValues(reader, rows)
            if merged > 0 {
                notes.append("\(merged) value(s) beyond 2^24 become equal to others in single precision, which trees use")
            }
        }
        return notes
    }

    /// Rows whose number is not exact in a `Double`.
    private func roundedRows(_ position: Int, _ rows: [Int32]) -> Int {
        let column = columns[position]
        let validity = column.validity
        var count = 0
        func countRows<T: FixedWidthInteger & ColumnElement>(_: T.Type) {
            let values = column.values(as: T.self)
            for row in rows {
                let value = values[Int(row)]
                guard value.magnitude > 1 << 53, validity.map({ $0[Int(row)] }) ?? true else { continue }
                // Zeros at the end of the number are no digits that are lost.
                if Int(value.magnitude.trailingZeroBitCount) + 53 < T.bitWidth - value.magnitude.leadingZeroBitCount {
                    count += 1
                }
            }
        }
        switch column.type.physical {
        case .int64: countRows(Int64.self)
        case .int128: countRows(Int128.self)
        default: break
        }
        withExtendedLifetime(column) {}
        return count
    }

    /// How many of the distinct numbers vanish when they become single precision.
    private func mergedValues(_ reader: NumberReader, _ rows: [Int32]) -> Int {
        var values: [Double] = []
        values.reserveCapacity(rows.count)
        rows.withUnsafeBufferPointer { rows in
            reader.forEachChunk(rows) { values += $0.filter { !$0.isNaN } }
        }
        values.sort()
        var merged = 0
        for place in values.indices.dropFirst()
        where values[place] != values[place - 1] && Float(values[place]) == Float(values[place - 1]) { merged += 1 }
        return merged
    }
}

extension SQLType {
    var isFloatingPoint: Bool { self == .float || self == .double }
}
