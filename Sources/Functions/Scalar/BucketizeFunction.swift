import Columnar

/// The points of row `row` of a column of arrays; nil for NULL.
private func points(_ column: Column, _ row: Int, excludingBoundaries: Bool, _ function: String) throws -> [Double]? {
    guard let list = column.list(row), let elements = column.children.first else { return nil }
    let plain = elements.decoded(.all(elements.count))
    let values = plain.values(as: Double.self)
    var points: [Double] = []
    for place in list {
        let point = plain.isNull(place) ? .nan : values[plain.element(of: place)]
        guard point.isFinite, points.last.map({ $0 <= point }) ?? true else {
            throw FunctionError(.argumentType(1), "\(function) takes as array_split_points finite numbers in ascending order")
        }
        points.append(point)
    }
    return excludingBoundaries ? Array(points.dropFirst().dropLast()) : points
}

let bucketizeFunction = ScalarFunction(
    "ml.bucketize",
    documentation: FunctionDocumentation(
        "_FUNC_(x, array_split_points[, exclude_boundaries[, output_format]]) - Returns the bucket of x between points",
        extended: "exclude_boundaries (FALSE unless given) leaves out the first and the last point. output_format is 'bucket_names' (bin_1, bin_2 …,\n"
            + "unless given), 'bucket_ranges' or 'bucket_ranges_json'.\nExample:\n  > SELECT _FUNC_(2.5, array(1, 2, 3));\n  bin_3\n"
            + "  > SELECT _FUNC_(2.5, array(1, 2, 3), false, 'bucket_ranges');\n  [2, 3)"),
    traits: ScalarTraits(canFail: true)
) { call in
    try call.expect(2...4)
    try call.expectNumber(0)
    try call.expectArray(1, of: "numeric", \.isNumeric)
    let isExcluding = try call.constantBoolean(2, "exclude_boundaries", fallback: false)
    let format = try call.constantWord(3, "output_format", BucketFormat.self)
    let type = SQLType.array(.double)
    if call.isConstant(1), let given = call.constants[1], let constant = try? Cast.apply(given, to: type, rows: .all(1), count: 1) {
        // What is wrong with a constant is told before the query runs.
        _ = try points(constant, 0, excludingBoundaries: isExcluding, call.name)
    }
    let name = call.name
    return ResolvedScalar(argumentTypes: [.double, type] + call.argumentTypes.dropFirst(2), resultType: .string) { input in
        let column = input.arguments[0].flattened(input.rows), lists = input.arguments[1]
        let values = column.values(as: Double.self)
        func buckets(_ row: Int) throws -> Buckets? {
            try points(lists, row, excludingBoundaries: isExcluding, name).map { Buckets($0, format: format) }
        }
        let constant = lists.isConstant ? try buckets(0) : nil
        return try input.build(.string) { row, builder in
            guard !column.isNull(row), let buckets = lists.isConstant ? constant : try buckets(row) else { return builder.appendNull() }
            buckets.append(values[row], to: builder)
        }
    }
}
