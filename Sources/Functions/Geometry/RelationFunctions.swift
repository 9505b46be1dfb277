import Columnar

/// `ST_Contains` and its like. As in Hive, what is NULL or no geometry has no relation, so the answer is FALSE and not NULL, and reference
/// systems are not compared.
private func relationFunction(
    _ name: String, _ relation: SpatialRelation, _ meaning: String, example: String
) -> ScalarFunction {
    ScalarFunction(
        name,
        documentation: FunctionDocumentation(
            "_FUNC_(geometry1, geometry2) - Returns whether \(meaning)",
            extended: "Geometries may be well-known texts. FALSE when one of them is NULL or no geometry.\n" + example),
        traits: ScalarTraits(cost: .dear)
    ) { call in
        try call.expect(2)
        try call.expectGeometryOrText(0)
        try call.expectGeometryOrText(1)
        let areTexts = call.argumentTypes.map(\.isCharacter)
        let caches = [PreparedGeometryCache(), PreparedGeometryCache()]
        return ResolvedScalar(argumentTypes: areTexts.map { $0 ? .string : .binary }, resultType: .boolean) { input in
            var left = PreparedArgument(input.arguments[0], isText: areTexts[0], caches[0])
            var right = PreparedArgument(input.arguments[1], isText: areTexts[1], caches[1])
            if input.isConstant {
                let column = Column(constant: .boolean, count: input.count)
                column.values(as: UInt8.self)[0] =
                    left.constant.flatMap { a in right.constant.map { relation.holds(a, $0) } } ?? false ? 1 : 0
                return column
            }
            let column = Column(flat: .boolean, count: input.count)
            let target = column.values(as: UInt8.self)
            var asked = 0
            try input.rows.forEach { row in
                let holds: Bool
                if let place = right.place(row), let geometry = left.geometry(row) {
                    holds = relation.holds(geometry, place)
                } else if let place = left.place(row), let geometry = right.geometry(row) {
                    holds = relation.converse.holds(geometry, place)
                } else if let first = left.geometry(row), let second = right.geometry(row) {
                    // Large geometries take long.
                    asked &+= first.edges.edges.count &+ second.edges.edges.count
                    if asked > 1 << 14 {
                        try input.context.checkCancellation()
                        asked = 0
                    }
                    holds = relation.holds(first, second)
                } else {
                    holds = false
                }
                target[row] = holds ? 1 : 0
            }
            return column
        }
    }
}

private let relate = ScalarFunction(
    "st_relate",
    documentation: FunctionDocumentation(
        "_FUNC_(geometry1, geometry2, pattern) - Returns whether two geometries lie to each other as a DE-9IM pattern says",
        extended:
            "The pattern has nine of T, F, *, 0, 1 and 2, for interior, boundary and exterior of the first by those of the second.\n"
            + "NULL for what is no pattern and for geometries of different reference systems.\n"
            + "Example:\n  > SELECT _FUNC_(st_linestring(0,0, 3,3), st_linestring(1,1, 4,4), '1********');\n  true"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear)
) { call in
    try call.expect(3)
    try call.expectGeometryOrText(0)
    try call.expectGeometryOrText(1)
    try call.expectPrimitive(2)
    let caches = [PreparedGeometryCache(), PreparedGeometryCache()]
    let areTexts = call.argumentTypes.prefix(2).map(\.isCharacter)
    return ResolvedScalar(argumentTypes: areTexts.map { $0 ? .string : .binary } + [.string], resultType: .boolean) { input in
        var left = PreparedArgument(input.arguments[0], isText: areTexts[0], caches[0])
        var right = PreparedArgument(input.arguments[1], isText: areTexts[1], caches[1])
        return try input.buildValid(.boolean) { row, builder in
            try input.context.checkCancellation()
            let pattern = input.arguments[2].values(as: StringView.self)[row * input.scale(2)]
            guard let pattern = MatrixPattern(pattern.bytes), left.reference(row) == right.reference(row), let first = left.geometry(row),
                let second = right.geometry(row)
            else { return builder.appendNull() }
            builder.append(first.relate(second).matches(pattern))
        }
    }
}

private let envelopesIntersect = ScalarFunction(
    "st_envintersects",
    documentation: FunctionDocumentation(
        "_FUNC_(geometry1, geometry2) - Returns whether the envelopes of two geometries have a place in common",
        extended: "NULL for geometries of different reference systems.\n"
            + "Example:\n  > SELECT _FUNC_(st_linestring(0,0, 2,2), st_linestring(1,0, 3,2));\n  true"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear)
) { call in
    try call.expect(2)
    try call.expectGeometryOrText(0)
    try call.expectGeometryOrText(1)
    let areTexts = call.argumentTypes.map(\.isCharacter)
    return ResolvedScalar(argumentTypes: areTexts.map { $0 ? .string : .binary }, resultType: .boolean) { input in
        input.compute(.boolean) { (left: StringView, right: StringView) -> UInt8? in
            guard let first = Geometry(left, isText: areTexts[0]), let second = Geometry(right, isText: areTexts[1]),
                first.reference == second.reference
            else { return nil }
            return first.envelope.intersects(second.envelope) ? 1 : 0
        }
    }
}

private let distance = ScalarFunction(
    "st_distance",
    documentation: FunctionDocumentation(
        "_FUNC_(geometry1, geometry2) - Returns the least distance between two geometries, in units of their coordinates",
        extended:
            "NULL for geometries of different reference systems, NaN when one is empty. Along the earth's surface:\n"
            + "st_geodesiclengthwgs84, great_circle_distance.\n"
            + "Example:\n  > SELECT _FUNC_(st_point(0, 0), st_point(3, 4));\n  5.0"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear)
) { call in
    try call.expect(2)
    try call.expectGeometryOrText(0)
    try call.expectGeometryOrText(1)
    let caches = [PreparedGeometryCache(), PreparedGeometryCache()]
    let areTexts = call.argumentTypes.map(\.isCharacter)
    return ResolvedScalar(argumentTypes: areTexts.map { $0 ? .string : .binary }, resultType: .double) { input in
        var left = PreparedArgument(input.arguments[0], isText: areTexts[0], caches[0])
        var right = PreparedArgument(input.arguments[1], isText: areTexts[1], caches[1])
        return try input.buildValid(.double) { row, builder in
            guard left.reference(row) == right.reference(row) else { return builder.appendNull() }
            if let first = left.place(row), let second = right.place(row) { return builder.append(Geometry.distance(first, second)) }
            guard let first = left.geometry(row), let second = right.geometry(row) else { return builder.appendNull() }
            if first.edges.edges.count + second.edges.edges.count > 64 { try input.context.checkCancellation() }
            builder.append(first.distance(second))
        }
    }
}

let geometryRelationFunctions: [ScalarFunction] = [
    relationFunction(
        "st_contains", .contains,
        "the first geometry contains the second: no part of it is outside, and some is inside and not on the boundary",
        example:
            "Example:\n  > SELECT cab, fare FROM trips WHERE _FUNC_('polygon ((-74 40, -73 40, -73 41, -74 41))', "
            + "st_point(-73.98, 40.7 + fare / 1000));"),
    relationFunction(
        "st_within", .within,
        "the first geometry is within the second: no part of it is outside, and some is inside and not on the boundary",
        example: "Example:\n  > SELECT _FUNC_(st_point(2, 3), st_polygon(1,1, 1,4, 4,4, 4,1));\n  true"),
    relationFunction(
        "st_intersects", .intersects, "two geometries have a place in common, be it on their boundaries",
        example: "Example:\n  > SELECT _FUNC_(st_linestring(2,0, 2,3), st_polygon(1,1, 4,1, 4,4, 1,4));\n  true"),
    relationFunction(
        "st_disjoint", .disjoint, "two geometries have no place in common",
        example: "Example:\n  > SELECT _FUNC_(st_linestring(0,0, 0,1), st_linestring(1,1, 1,0));\n  true"),
    relationFunction(
        "st_equals", .equals, "two geometries are the same places, in whatever order",
        example: "Example:\n  > SELECT _FUNC_(st_linestring(0,0, 1,1), st_linestring(1,1, 0,0));\n  true"),
    relationFunction(
        "st_touches", .touches, "two geometries have places of their boundaries in common, and none that is inside of both",
        example: "Example:\n  > SELECT _FUNC_(st_point(1, 2), st_polygon(1,1, 1,4, 4,4, 4,1));\n  true"),
    relationFunction(
        "st_crosses", .crosses, "one geometry leads through the other: partly inside of it and partly outside",
        example: "Example:\n  > SELECT _FUNC_(st_linestring(0,0, 1,1), st_linestring(1,0, 0,1));\n  true"),
    relationFunction(
        "st_overlaps", .overlaps, "two geometries of one dimension share a part of that dimension, and each has more than it",
        example: "Example:\n  > SELECT _FUNC_(st_polygon(2,0, 2,3, 3,0), st_polygon(1,1, 1,4, 4,4, 4,1));\n  true"),
    relate, envelopesIntersect, distance,
]
