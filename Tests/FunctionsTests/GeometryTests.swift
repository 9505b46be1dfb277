import Columnar
import Foundation
import Functions
import Testing

/// Geometries against what others make of them: matrices by GEOS, places by fractions (`Tests/Fixtures/geometry`).
@Suite struct GeometryTests {
    private static func rows(_ name: String) throws -> [[String]] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: folder.appendingPathComponent("Fixtures/geometry/\(name)"), encoding: .utf8)
        return text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
    }

    private static func value(_ expression: String, _ shape: FunctionExpression.Shape = .constant) throws -> String {
        try FunctionExpression.evaluate(expression, shape: shape)
    }

    private static let patterns: [(name: String, matches: @Sendable (_ matrix: [Character], _ left: Int, _ right: Int) -> Bool)] = [
        ("contains", { m, _, _ in fits(m, "T*****FF*") }), ("within", { m, _, _ in fits(m, "T*F**F***") }),
        ("disjoint", { m, _, _ in fits(m, "FF*FF****") }), ("intersects", { m, _, _ in !fits(m, "FF*FF****") }),
        ("equals", { m, a, b in a == b && fits(m, "T*F**FFF*") }),
        ("touches", { m, a, b in a + b > 0 && (fits(m, "FT*******") || fits(m, "F**T*****") || fits(m, "F***T****")) }),
        ("crosses", { m, a, b in a == 1 && b == 1 ? fits(m, "0********") : a < b ? fits(m, "T*T******") : a > b && fits(m, "T*****T**") }),
        ("overlaps", { m, a, b in a == b && fits(m, a == 1 ? "1*T***T**" : "T*T***T**") }),
    ]

    private static func fits(_ matrix: [Character], _ pattern: String) -> Bool {
        zip(matrix, pattern).allSatisfy { $1 == "*" || ($1 == "T" ? $0 != "F" : $1 == "F" ? $0 == "F" : $0 == $1) }
    }

    private static func dimension(_ text: String) -> Int { text.contains("POINT") ? 0 : text.contains("LINE") ? 1 : 2 }

    @Test func matricesAreThoseOfOthers() throws {
        let rows = try Self.rows("relations.tsv")
        #expect(rows.count == 300)
        for row in rows {
            let (left, right, matrix) = (row[0], row[1], row[2])
            #expect(try Self.value("st_relate(st_geomfromtext('\(left)'), st_geomfromtext('\(right)'), '\(matrix)')") == "true", "\(row)")
            for (name, matches) in Self.patterns {
                let expected = matches(Array(matrix), Self.dimension(left), Self.dimension(right))
                #expect(try Self.value("st_\(name)('\(left)', '\(right)')") == "\(expected)", "\(name) of \(row)")
            }
        }
    }

    @Test(arguments: FunctionExpression.Shape.allCases)
    func placesAreExact(shape: FunctionExpression.Shape) throws {
        let rows = try Self.rows("locations.tsv")
        #expect(rows.count == 240)
        for row in rows {
            let arguments = "(st_geomfromtext('\(row[0])'), st_geomfromtext('\(row[1])'))"
            #expect(try Self.value("st_contains\(arguments)", shape) == "\(row[2] == "I")", "\(row)")
            #expect(try Self.value("st_touches\(arguments)", shape) == "\(row[2] == "B")", "\(row)")
            #expect(try Self.value("st_disjoint\(arguments)", shape) == "\(row[2] == "E")", "\(row)")
        }
    }

    /// Every form gives back what it was made of, and the number of Esri's shape says which one it is.
    @Test func formsAreReadBack() throws {
        for row in try Self.rows("relations.tsv") {
            let geometry = "st_geomfromtext('\(row[0])', 4326)"
            let stored = try Self.value("hex(\(geometry))")
            #expect(stored.hasPrefix("000010E60"))
            let back = [
                "st_geomfromwkb(st_asbinary(\(geometry)), 4326)", "st_geomfromtext(st_astext(\(geometry)), 4326)",
                "st_geomfromgeojson(st_asgeojson(\(geometry)))", "unhex(hex(\(geometry)))",
            ]
            for expression in back { #expect(try Self.value("hex(\(expression))") == stored, "\(expression)") }
            // Shapes and Esri's JSON do not say whether one part is a collection.
            for expression in ["st_geomfromshape(st_asshape(\(geometry)), 4326)", "st_geomfromjson(st_asjson(\(geometry)))"] {
                let text = try Self.value("hex(\(expression))")
                #expect(text.dropFirst(10) == stored.dropFirst(10) && text.prefix(8) == stored.prefix(8), "\(expression)")
            }
        }
    }

    /// Bytes that were cut or changed are no geometry, or another one, and never more.
    @Test func brokenBytesAreHarmless() throws {
        let texts = [
            "point zm (1 2 3 4)", "multipoint z ((1 2 3), (4 5 6))", "linestring m (1 2 3, 4 5 6)",
            "polygon ((0 0, 4 0, 4 4, 0 0), (1 0.5, 2 0.5, 2 1, 1 0.5))", "multipolygon (((0 0, 1 0, 0 1, 0 0)), ((5 5, 6 5, 5 6, 5 5)))",
        ]
        let functions = [
            "st_astext(@)", "st_issimple(@)", "st_area(@)", "st_contains(@, @)", "st_asjson(st_boundary(@))", "st_numgeometries(@)",
        ]
        var state: UInt64 = 7
        for text in texts {
            let whole = try Self.value("hex(st_geomfromtext('\(text)'))")
            let binary = try Self.value("hex(st_asbinary(st_geomfromtext('\(text)')))")
            for _ in 0..<60 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                var digits = Array(whole), other = Array(binary)
                for _ in 0..<(state >> 60) % 3 {
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    digits[Int(state >> 33) % digits.count] = "0123456789ABCDEF".randomElement() ?? "0"
                    other[Int(state >> 33) % other.count] = "F"
                }
                let length = state >> 62 == 0 ? Int(state >> 33) % (digits.count / 2) * 2 : digits.count
                for function in functions {
                    _ = try Self.value(function.replacingOccurrences(of: "@", with: "unhex('\(String(digits.prefix(length)))')"))
                }
                _ = try Self.value("st_astext(st_geomfromwkb(unhex('\(String(other.prefix(max(2, length))))')))")
            }
        }
    }

    @Test func texts() throws {
        let unreadable = [
            "", " ", "point", "point (", "point (1", "point (1 2", "point (1, 2)", "point (1 2 3)", "point z (1 2)", "linestring (1 2, )",
            "linestring ((1 2), (3 4))", "polygon (1 2, 3 4, 5 6)", "polygon ((1 2, 3 4, 5 6)", "multipoint", "circle (1 2)",
            "point (0x1 2)",
            "point (1d 2)", "geometrycollection (point (1 2))", "point (1 2, 3 4)", "multipolygon ((1 2, 3 4, 5 6))",
        ]
        for text in unreadable { #expect(try Self.value("st_astext(st_geomfromtext('\(text)'))") == "NULL", "\(text)") }
        let readable = [
            ("PoInT(1 2)", "POINT (1 2)"), ("\tpoint  (  1e3   -.5 ) ", "POINT (1000 -0.5)"), ("pointzm(1 2 3 4)", "POINT ZM (1 2 3 4)"),
            ("multipoint (1 2, (3 4), empty)", "MULTIPOINT ((1 2), (3 4))"), ("linestring (1 2)", "LINESTRING (1 2, 1 2)"),
            ("polygon ((0 0, 4 0, 0 4), empty)", "POLYGON ((0 0, 4 0, 0 4, 0 0))"),
            ("point (-0.0 1e22)", "POINT (-0 1.0000000000000000e+22)"),
            ("point (12345678.12345678 0.0001)", "POINT (12345678.12345678 0.0001)"),
            ("point (99999999999999990 0.00009)", "POINT (99999999999999984 9.0000000000000000e-05)"),
            ("multilinestring empty", "MULTILINESTRING EMPTY"),
            ("multipolygon (empty, ((0 0, 1 0, 0 1)))", "MULTIPOLYGON (((0 0, 1 0, 0 1, 0 0)))"),
        ]
        for (text, answer) in readable { #expect(try Self.value("st_astext(st_geomfromtext('\(text)'))") == answer, "\(text)") }
    }
}

/// The aggregates of geometries, whose states the random bytes of `AccumulatorTests` do not fill.
@Suite struct GeometryAggregateTests {
    private static func column(_ texts: [String?]) throws -> Column {
        let builder = ColumnBuilder(.binary, capacity: texts.count)
        for text in texts {
            guard let text else {
                builder.appendNull()
                continue
            }
            let hex = try FunctionExpression.evaluate("hex(st_geomfromtext('\(text)'))")
            let digits = Array(hex.utf8)
            func value(_ digit: UInt8) -> UInt8 { digit < 58 ? digit - 48 : digit - 55 }
            let bytes = stride(from: 0, to: digits.count, by: 2).map { value(digits[$0]) << 4 | value(digits[$0 + 1]) }
            bytes.withUnsafeBufferPointer { builder.append(bytes: $0) }
        }
        return builder.finish()
    }

    private static func text(_ accumulator: any Accumulator) throws -> String {
        let column = try accumulator.finish(0..<1)
        guard !column.isNull(0) else { return "NULL" }
        let hex = column.values(as: StringView.self)[0].bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return try FunctionExpression.evaluate("st_astext(unhex('\(hex)'))")
    }

    private static func accumulator(_ name: String) throws -> any Accumulator {
        let function = try #require(FunctionRegistry.builtIn.aggregate(name))
        let accumulator = try function.resolve(FunctionCall(name: name, argumentTypes: [.binary])).makeAccumulator(
            FunctionExpression.context)
        accumulator.resize(groupCount: 1)
        return accumulator
    }

    private static let points = [
        "point (3 3)", "point (0 0)", nil, "point (4 0)", "point empty", "point (2 2)", "multipoint ((4 4), (0 4), (2 0))", "point (4 4)",
    ]

    @Test(arguments: [
        ("st_aggr_convexhull", "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"),
        ("st_aggr_union", "MULTIPOINT ((0 0), (0 4), (2 0), (2 2), (3 3), (4 0), (4 4))"),
    ])
    func partsAreTheWhole(name: String, answer: String) throws {
        let column = try Self.column(Self.points), zero: [Int32] = [0]
        let whole = try Self.accumulator(name), merged = try Self.accumulator(name), restored = try Self.accumulator(name)
        #expect(try Self.text(whole) == "NULL")
        for row in 0..<column.count {
            let one = RowSelection.all(column.count).filtered(capacity: column.count) { $0 == row }
            let part = try Self.accumulator(name)
            for target in [whole, part] { try target.update([column], rows: one, group: 0) }
            try merged.merge(part, sources: zero, targets: zero, count: 1)
            try restored.restore(part.save(0..<1), targets: zero)
        }
        for accumulator in [whole, merged, restored] { #expect(try Self.text(accumulator) == answer) }
    }

    @Test func manyPlacesAreThinnedOut() throws {
        let hull = try Self.accumulator("st_aggr_convexhull")
        for block in 0..<40 {
            let texts = (0..<100).map { "point (\((block * 100 + $0) * 7919 % 1000) \((block * 100 + $0) * 104_729 % 997))" }
            try hull.update([Self.column(texts)], rows: .all(100), group: 0)
        }
        #expect(hull.byteCount < 40_000)
        #expect(try Self.text(hull).hasPrefix("POLYGON ((0 0, "))
    }

    @Test func whatHasNoCommonValue() throws {
        let mixed = try Self.accumulator("st_aggr_convexhull")
        try mixed.update([Self.column(["point (1 2)"])], rows: .all(1), group: 0)
        let degrees = ColumnBuilder(.binary, capacity: 1)
        let stored: [UInt8] = [0, 0, 0x10, 0xE6, 1, 1, 0, 0, 0] + Array(repeating: 0, count: 16)
        stored.withUnsafeBufferPointer { degrees.append(bytes: $0) }
        try mixed.update([degrees.finish()], rows: .all(1), group: 0)
        #expect(try Self.text(mixed) == "NULL")
        let union = try Self.accumulator("st_aggr_union")
        #expect(throws: FunctionError.self) { try union.update([Self.column(["linestring (1 2, 3 4)"])], rows: .all(1), group: 0) }
    }
}
