import Columnar
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

// Norms and distances of vectors. A vector with a NULL has none.

/// The p-norm of numbers.
private struct Norm {
    let degree: Double

    /// - Throws: `FunctionError` for what is no degree of a norm.
    init(_ degree: Double, _ function: String) throws {
        guard degree == 0 || degree >= 1 else {
            throw FunctionError(.argument, "\(function) takes a degree that is 0, 1 or more, or infinite, got \(degree)")
        }
        self.degree = degree
    }

    func callAsFunction(_ values: [Double]) -> Double {
        switch degree {
        case 0: return Double(values.lazy.filter { $0 != 0 }.count)
        case 1: return values.reduce(0) { $0 + abs($1) }
        case .infinity: return greatest(values)
        default:
            let sum = sum(values, 1)
            if sum.isFinite, sum > .leastNormalMagnitude { return root(sum) }
            // Powers of large and of small numbers are none: they are taken of their shares of the largest.
            let greatest = greatest(values)
            return greatest == 0 || !greatest.isFinite ? greatest : greatest * root(self.sum(values, greatest))
        }
    }

    private func greatest(_ values: [Double]) -> Double {
        values.reduce(0) { $0.isNaN || $1.isNaN ? .nan : max($0, abs($1)) }
    }

    private func sum(_ values: [Double], _ unit: Double) -> Double {
        degree == 2
            ? values.reduce(0) { $0 + ($1 / unit) * ($1 / unit) } : values.reduce(0) { $0 + pow(abs($1 / unit), degree) }
    }

    private func root(_ sum: Double) -> Double { degree == 2 ? sum.squareRoot() : pow(sum, 1 / degree) }
}

/// The numbers of row `row` of a column of ARRAY<DOUBLE>, into `values`; false when it, or one of them, is NULL.
private func read(_ column: Column, _ row: Int, into values: inout [Double]) -> Bool {
    values.removeAll(keepingCapacity: true)
    guard let list = column.list(row), let elements = column.children.first else { return false }
    let numbers = (elements.base ?? elements).values(as: Double.self)
    for place in list {
        if elements.isNull(place) { return false }
        values.append(numbers[elements.element(of: place)])
    }
    return true
}

private let numbers = SQLType.array(.double)

private let normalizer = ScalarFunction(
    "ml.normalizer",
    documentation: FunctionDocumentation(
        "_FUNC_(array[, p]) - Divides numbers by their p-norm (2 unless given)",
        extended: "p is 0, a number from 1 on, or infinity. Of zeros alone nothing is changed.\n"
            + "Example:\n  > SELECT _FUNC_(array(4.0, 1.0, 2.0, 2.0, 0.0));\n  [0.8,0.2,0.4,0.4,0.0]"),
    traits: ScalarTraits(nulls: .propagated, canFail: true)
) { call in
    try call.expect(1...2)
    try call.expectArray(0, of: "numeric", \.isNumeric)
    if call.count > 1 { try call.expectNumber(1) }
    let name = call.name
    return ResolvedScalar(argumentTypes: [numbers] + (call.count > 1 ? [.double] : []), resultType: numbers) { input in
        var values: [Double] = []
        return try input.buildValid(numbers) { row, builder in
            guard read(input.arguments[0], row, into: &values) else { return builder.appendNull() }
            let norm = try Norm(input.arguments.count > 1 ? input.number(1, row) : 2, name)(values)
            for value in values { builder.children[0].append(norm == 0 ? value : value / norm) }
            builder.append(listOf: values.count)
        }
    }
}

private let lpNorm = ScalarFunction(
    "ml.lp_norm",
    documentation: FunctionDocumentation(
        "_FUNC_(array, p) - Returns the p-norm of numbers",
        extended: "p is 0, a number from 1 on, or infinity.\nExample:\n  > SELECT _FUNC_(array(3.0, 4.0), 2);\n  5.0"),
    traits: ScalarTraits(nulls: .propagated, canFail: true)
) { call in
    try call.expect(2)
    try call.expectArray(0, of: "numeric", \.isNumeric)
    try call.expectNumber(1)
    let name = call.name
    return ResolvedScalar(argumentTypes: [numbers, .double], resultType: .double) { input in
        var values: [Double] = []
        return try input.buildValid(.double) { row, builder in
            guard read(input.arguments[0], row, into: &values) else { return builder.appendNull() }
            builder.append(try Norm(input.number(1, row), name)(values))
        }
    }
}

extension KernelInput {
    /// Row `row` of an argument of doubles.
    fileprivate func number(_ index: Int, _ row: Int) -> Double { arguments[index].values(as: Double.self)[row * scale(index)] }
}

private enum DistanceKind: String, CaseIterable {
    case euclidean, manhattan, cosine

    func callAsFunction(_ left: [Double], _ right: [Double]) -> Double {
        switch self {
        case .euclidean: return zip(left, right).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        case .manhattan: return zip(left, right).reduce(0) { $0 + abs($1.0 - $1.1) }
        case .cosine:
            func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
            return 1 - product(left, right) / (product(left, left).squareRoot() * product(right, right).squareRoot())
        }
    }
}

/// Sparse vectors: what an entry is called by, and its number.
private struct SparseEntries<Key: Comparable> {
    private var entries: [(key: Key, value: Double)] = []

    /// The entries of row `row` of a column of ARRAY<STRUCT<key, DOUBLE>>, in the order of their keys; nil when there is a
    /// NULL.
    init?(_ column: Column, _ row: Int, _ function: String, _ key: (Column, Int) -> Key) throws {
        guard let list = column.list(row), let elements = column.children.first else { return nil }
        let structs = elements.flattened(.all(elements.count))
        let keys = structs.children[0], values = structs.children[1]
        let numbers = (values.base ?? values).values(as: Double.self)
        for place in list {
            if structs.isNull(place) || keys.isNull(place) || values.isNull(place) { return nil }
            entries.append((key(keys, place), numbers[values.element(of: place)]))
        }
        entries.sort { $0.key < $1.key }
        for (former, next) in zip(entries, entries.dropFirst()) where former.key == next.key {
            throw FunctionError(.argument, "\(function) was given a vector that has an entry twice")
        }
    }

    /// The values of both side by side, 0 where one has no entry.
    func aligned(with other: SparseEntries) -> (own: [Double], others: [Double]) {
        var left: [Double] = [], right: [Double] = []
        var i = 0, j = 0
        while i < entries.count || j < other.entries.count {
            let isOwn = j == other.entries.count || (i < entries.count && entries[i].key <= other.entries[j].key)
            let isOther = i == entries.count || (j < other.entries.count && other.entries[j].key <= entries[i].key)
            left.append(isOwn ? entries[i].value : 0)
            right.append(isOther ? other.entries[j].value : 0)
            i += isOwn ? 1 : 0
            j += isOther ? 1 : 0
        }
        return (left, right)
    }
}

private let distance = ScalarFunction(
    "ml.distance",
    documentation: FunctionDocumentation(
        "_FUNC_(vector1, vector2[, type]) - Returns the 'EUCLIDEAN' (unless given), 'MANHATTAN' or 'COSINE' distance of two vectors",
        extended: "Vectors are arrays of numbers, of one length, or arrays of structs of a name or number and the entry's value.\n"
            + "Example:\n  > SELECT _FUNC_(array(0.0, 3.0), array(4.0, 0.0));\n  5.0"),
    traits: ScalarTraits(canFail: true)
) { call in
    try call.expect(2...3)
    let kind = try call.constantWord(2, "type", DistanceKind.self)
    let name = call.name
    func resolved(_ type: SQLType, _ pair: @escaping @Sendable (Column, Column, Int) throws -> (own: [Double], others: [Double])?) -> ResolvedScalar {
        ResolvedScalar(argumentTypes: [type, type] + call.argumentTypes.dropFirst(2), resultType: .double) { input in
            try input.build(.double) { row, builder in
                guard let (left, right) = try pair(input.arguments[0], input.arguments[1], row) else { return builder.appendNull() }
                builder.append(kind(left, right))
            }
        }
    }
    guard case .array(.structure(let fields)) = call.argumentTypes[0] else {
        for index in 0...1 { try call.expectArray(index, of: "numeric", \.isNumeric) }
        return resolved(numbers) { left, right, row in
            var own: [Double] = [], others: [Double] = []
            guard read(left, row, into: &own), read(right, row, into: &others) else { return nil }
            guard own.count == others.count else {
                throw FunctionError(.argument, "\(name) was given vectors of \(own.count) and \(others.count) numbers")
            }
            return (own, others)
        }
    }
    guard fields.count == 2, fields[0].type == .bigint || fields[0].type == .string, fields[1].type == .double else {
        throw call.mismatch(0, "array<struct<bigint or string, double>>")
    }
    guard call.argumentTypes[1] == call.argumentTypes[0] || call.argumentTypes[1] == .void else { throw call.mismatch(1, "\(call.argumentTypes[0])") }
    guard fields[0].type == .bigint else {
        return resolved(call.argumentTypes[0]) { left, right, row in
            guard let own = try SparseEntries(left, row, name, { $0.stringAnyEncoding($1) }),
                let others = try SparseEntries(right, row, name, { $0.stringAnyEncoding($1) })
            else { return nil }
            return own.aligned(with: others)
        }
    }
    return resolved(call.argumentTypes[0]) { left, right, row in
        func key(_ column: Column, _ row: Int) -> Int64 { (column.base ?? column).values(as: Int64.self)[column.element(of: row)] }
        guard let own = try SparseEntries(left, row, name, key), let others = try SparseEntries(right, row, name, key) else { return nil }
        return own.aligned(with: others)
    }
}

let vectorFunctions: [ScalarFunction] = [normalizer, lpNorm, distance]
