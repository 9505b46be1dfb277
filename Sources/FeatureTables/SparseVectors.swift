import Columnar
import Platform

/// The sparse arrays of a column, ARRAY<STRUCT<index, value>>: the elements of row `r` are those from `starts[r]` up to
/// `starts[r + 1]`, their indices ascending and each there once.
struct SparseVectors: Sendable {
    let starts: [Int]
    let indices: [Int]
    let values: [Double]
    /// Whether a row lacks its array, or an index or value in it. What is there of it counts all the same.
    let isMissing: [Bool]

    private static func fields(_ type: SQLType) -> (index: Int, value: Int)? {
        guard case .array(.structure(let fields)) = type, fields.count == 2,
            let index = fields.firstIndex(where: { $0.name.lowercased() == "index" && $0.type.isIntegral }),
            let value = fields.firstIndex(where: { $0.name.lowercased() == "value" && ($0.type.isNumeric || $0.type == .boolean) })
        else { return nil }
        return (index, value)
    }

    /// Whether a column holds sparse arrays, whose indices become features.
    static func areHeld(by type: SQLType) -> Bool { fields(type) != nil }

    /// Elements with one index are added up.
    /// - Throws: `FeatureError.unsupportedType` for a column of another type; `.negativeIndex`.
    init(_ data: ImportData, _ position: Int) throws {
        let column = data.columns[position]
        let name = data.schema[position].name
        guard let fields = Self.fields(column.type), let structures = column.children.first else {
            throw FeatureError.unsupportedType(column: name, type: "\(column.type)", use: "read as sparse arrays")
        }
        let elements = structures.flattened(.all(structures.count))
        let places = elements.children[fields.index].flattened(.all(elements.count))
        let numbers = try data.numbers(elements.children[fields.value].flattened(.all(elements.count)), name)
        let all = Self.integers(places)
        var starts = [0], indices: [Int] = [], values: [Double] = []
        var isMissing = [Bool](repeating: false, count: data.rowCount)
        starts.reserveCapacity(data.rowCount + 1)
        var row: [(index: Int, value: Double)] = []
        for place in 0..<data.rowCount {
            row.removeAll(keepingCapacity: true)
            let range = column.isNull(place) ? nil : column.list(place)
            isMissing[place] = range == nil
            for element in range ?? 0..<0 {
                guard !elements.isNull(element), !places.isNull(element), !numbers[element].isNaN else {
                    isMissing[place] = true
                    continue
                }
                guard all[element] >= 0 else { throw FeatureError.negativeIndex(column: name, index: all[element]) }
                row.append((all[element], numbers[element]))
            }
            Self.append(&row, to: &indices, &values, from: starts[place])
            starts.append(indices.count)
        }
        (self.starts, self.indices, self.values, self.isMissing) = (starts, indices, values, isMissing)
    }

    private static func integers(_ column: Column) -> [Int] {
        func read<T: ColumnElement & FixedWidthInteger>(_: T.Type) -> [Int] {
            let elements = column.values(as: T.self)
            return (0..<column.count).map { Int(truncatingIfNeeded: elements[$0]) }
        }
        defer { withExtendedLifetime(column) {} }
        switch column.type.physical {
        case .int8: return read(Int8.self)
        case .int16: return read(Int16.self)
        case .int32: return read(Int32.self)
        default: return read(Int64.self)
        }
    }

    private static func append(
        _ row: inout [(index: Int, value: Double)], to indices: inout [Int], _ values: inout [Double], from start: Int
    ) {
        if zip(row, row.dropFirst()).contains(where: { $0.index >= $1.index }) {
            // Sums do not depend on how equal indices were sorted but by their rounding: their order is kept.
            let order = row.indices.sorted { (row[$0].index, $0) < (row[$1].index, $1) }
            row = order.map { row[$0] }
        }
        for element in row {
            if indices.count > start, indices[indices.count - 1] == element.index {
                values[values.count - 1] += element.value
            } else {
                indices.append(element.index)
                values.append(element.value)
            }
        }
    }

    /// The indices that occur in some rows, ascending.
    func indices(in rows: [Int32]) -> [Int] {
        var found: Set<Int> = []
        for row in rows { for place in starts[Int(row)]..<starts[Int(row) + 1] { found.insert(indices[place]) } }
        return found.sorted()
    }

    /// The same rows with features for indices; elements without a feature are left out.
    /// - Parameter known: the index of each feature, ascending.
    func features(_ known: [Int]) -> SparseFeatures {
        var starts = [0], features: [Int32] = [], values: [Double] = []
        for row in isMissing.indices {
            var next = 0
            for place in self.starts[row]..<self.starts[row + 1] {
                next = (next..<known.count).partitionPoint { known[$0] >= indices[place] }
                guard next < known.count, known[next] == indices[place] else { continue }
                features.append(Int32(truncatingIfNeeded: next))
                values.append(self.values[place])
            }
            starts.append(features.count)
        }
        return SparseFeatures(starts: starts, features: features, values: values, isMissing: isMissing)
    }
}

/// Of each row the features of a column of sparse arrays, ascending.
struct SparseFeatures: Sendable {
    let starts: [Int]
    let features: [Int32]
    let values: [Double]
    let isMissing: [Bool]

    func range(_ row: Int) -> Range<Int> { starts[row]..<starts[row + 1] }
}

extension ImportData {
    /// A feature for each index that occurs in `rows`.
    func fitSparseVector(_ position: Int, _ options: ImportOptions, _ own: MissingPolicy?, _ rows: [Int32]) throws -> Result {
        let name = schema[position].name
        // What is not in a sparse array is 0, and so is all of an array that is missing.
        var policy = MissingPolicy.constant("0")
        switch own ?? options.missing {
        case .dropRow?: policy = .dropRow
        case .dropColumn?: policy = .dropColumn
        case .constant(let text)? where Double(text) == 0: break
        case let other?:
            guard own == nil else {
                throw FeatureError.invalidPolicy(column: name, policy: other.name, reason: "the column holds sparse arrays")
            }
        case nil: break
        }
        let vectors = try SparseVectors(self, position)
        let missing = rows.count { vectors.isMissing[Int($0)] }
        let indices = vectors.indices(in: rows)
        if indices.isEmpty { return .leftOut(name: name, missing: missing, reason: "its arrays are empty") }
        if policy == .dropColumn, missing > 0 {
            return .leftOut(name: name, missing: missing, reason: "\(missing) missing value(s) (drop-column)")
        }
        return .encoding(
            ColumnEncoding(
                name: name, type: "\(schema[position].type)", missing: policy, form: .sparseVector(indices: indices)))
    }
}
