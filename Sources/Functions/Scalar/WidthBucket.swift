import Columnar

/// Where a value lies among `count` buckets between two bounds.
/// - Parameter passed: How many whole buckets lie before a value between the bounds: `count · distance / range`.
private func bucket<Value: Comparable>(
    of value: Value, from first: Value, to last: Value, count: Int32, passed: () -> Int32
) throws -> Int32 {
    guard count > 0 else { throw FunctionError(.argument, "numBuckets in width_bucket function must be above 0") }
    guard first != last else {
        throw FunctionError(.argument, "maxValue cannot be equal to minValue in width_bucket function")
    }
    let isAscending = first < last
    if isAscending ? value < first : value > first { return 0 }
    if isAscending ? value >= last : value <= last { return count &+ 1 }
    return passed() &+ 1
}

private func bucket(of value: Int128, from first: Int128, to last: Int128, count: Int32) throws -> Int32 {
    try bucket(of: value, from: first, to: last, count: count) {
        let distance = value.subtractingReportingOverflow(first), range = last.subtractingReportingOverflow(first)
        let scaled = distance.partialValue.multipliedReportingOverflow(by: Int128(count))
        if distance.overflow || range.overflow || scaled.overflow {
            return passed(Double(value), from: Double(first), to: Double(last), count: count)
        }
        return Int32(truncatingIfNeeded: scaled.partialValue / range.partialValue)
    }
}

private func bucket(of value: Double, from first: Double, to last: Double, count: Int32) throws -> Int32 {
    let place = try bucket(of: value, from: first, to: last, count: count) {
        passed(value, from: first, to: last, count: count)
    }
    // A NaN among the numbers falls into no bucket.
    return value.isNaN || first.isNaN || last.isNaN ? 0 : place
}

private func passed(_ value: Double, from first: Double, to last: Double, count: Int32) -> Int32 {
    let exact = Double(count) * (value - first) / (last - first)
    // Halves, so that bounds far apart have a distance.
    let place = exact.isFinite ? exact : Double(count) * ((value / 2 - first / 2) / (last / 2 - first / 2))
    // Between infinite bounds nothing is a distance.
    return place.isNaN ? -1 : min(Int32(saturating: place), count - 1)
}

/// The type in which Hive compares value and bounds: integers and decimals stay exact.
private func boundType(_ types: ArraySlice<SQLType>) -> SQLType {
    guard let type = TypeCoercion.commonType(Array(types)) else { return .double }
    if type.isIntegral { return .bigint }
    if case .decimal = type { return type }
    return .double
}

let widthBucket = ScalarFunction(
    "width_bucket",
    documentation: FunctionDocumentation(
        "_FUNC_(expr, min, max, n) - Returns in which of n equal buckets between min and max expr falls, from 1",
        extended: "0 below min, n + 1 from max on; with min above max the buckets run downwards.\n"
            + "Example:\n  > SELECT _FUNC_(10, 5, 25, 4);\n  2")
) { call in
    try call.expect(4)
    for index in 0..<4 { try call.expectNumericOrString(index) }
    let type = boundType(call.argumentTypes[..<3])
    return ResolvedScalar(argumentTypes: [type, type, type, .int], resultType: .int) { input in
        switch type {
        case .bigint:
            try input.compute(.int) { (value: Int64, first: Int64, last: Int64, count: Int32) throws -> Int32? in
                try bucket(of: Int128(value), from: Int128(first), to: Int128(last), count: count)
            }
        case .decimal:
            try input.compute(.int) { (value: Int128, first: Int128, last: Int128, count: Int32) throws -> Int32? in
                try bucket(of: value, from: first, to: last, count: count)
            }
        default:
            try input.compute(.int) { (value: Double, first: Double, last: Double, count: Int32) throws -> Int32? in
                try bucket(of: value, from: first, to: last, count: count)
            }
        }
    }
}
