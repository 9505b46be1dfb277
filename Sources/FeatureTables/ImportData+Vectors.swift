import Columnar

/// The arrays of a column: where each row's elements begin.
struct VectorValues {
    /// NaN where an element is missing.
    let elements: [Double]
    /// One a row; −1 where the whole array is missing.
    let starts: [Int]
    let length: Int

    /// Whether a row lacks its array or an element of it.
    func isMissing(_ row: Int) -> Bool {
        let start = starts[row]
        return start < 0 || elements[start..<(start + length)].contains { $0.isNaN }
    }
}

extension ImportData {
    /// Whether a column holds arrays of numbers, which become one feature an element.
    static func isVector(_ type: SQLType) -> Bool {
        if case .array(let element) = type { element.isNumeric || element == .boolean } else { false }
    }

    /// The arrays of a column, in all rows of the same length.
    /// - Parameter length: the length to expect; nil: that of the first array.
    /// - Throws: `FeatureError.unevenArrays`; `.unsupportedType` for anything but an array of numbers.
    func vectors(_ position: Int, length: Int? = nil) throws -> VectorValues {
        let column = columns[position]
        guard Self.isVector(column.type), let child = column.children.first else {
            throw FeatureError.unsupportedType(
                column: schema[position].name, type: "\(column.type)", use: "read as arrays of numbers")
        }
        let elements = try numbers(child.flattened(.all(child.count)), schema[position].name)
        let entries = column.values(as: ListEntry.self)
        var expected = length
        var starts = [Int](repeating: -1, count: rowCount)
        for row in 0..<rowCount where !column.isNull(row) {
            let entry = entries[row]
            let found = Int(entry.length)
            if let expected, expected != found {
                throw FeatureError.unevenArrays(column: schema[position].name, expected: expected, found: found)
            }
            expected = found
            starts[row] = Int(entry.offset)
        }
        return VectorValues(elements: elements, starts: starts, length: expected ?? 0)
    }

    /// Fits the elements of an array column, each as a numeric column of its own.
    func fitVector(_ position: Int, policy: MissingPolicy, rows: [Int32]) throws -> (fills: [Double], missing: Int) {
        let name = schema[position].name
        let vectors = try vectors(position)
        var sums = [Double](repeating: 0, count: vectors.length)
        var counts = [Int](repeating: 0, count: vectors.length)
        var missing = 0
        for row in rows {
            let start = vectors.starts[Int(row)]
            var isWhole = start >= 0
            if start >= 0 {
                for place in 0..<vectors.length {
                    let value = vectors.elements[start + place]
                    if value.isNaN {
                        isWhole = false
                    } else {
                        sums[place] += value
                        counts[place] += 1
                    }
                }
            }
            if !isWhole { missing += 1 }
        }
        switch policy {
        case .keep, .mean, .dropRow, .dropColumn:
            return (zip(sums, counts).map { $1 > 0 ? $0 / Double($1) : 0 }, missing)
        case .constant(let text):
            guard let value = Double(text), value.isFinite else {
                throw FeatureError.invalidPolicy(column: name, policy: policy.name, reason: "'\(text)' is not a number")
            }
            return ([Double](repeating: value, count: vectors.length), missing)
        default:
            throw FeatureError.invalidPolicy(column: name, policy: policy.name, reason: "the column holds arrays")
        }
    }
}
