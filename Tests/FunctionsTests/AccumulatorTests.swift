import Columnar
import Functions
import Testing

/// Every aggregate on random rows: in one go, in parts that are merged, and by way of saved states gives the same.
@Suite struct AccumulatorTests {
    /// Argument types to try each aggregate with.
    private static let signatures: [String: [[SQLType]]] = {
        let numbers: [SQLType] = [.tinyint, .smallint, .int, .bigint, .float, .double, .decimal(precision: 10, scale: 2)]
        let ordered = numbers + [.boolean, .string, .varchar(length: 9), .date, .timestamp, .binary]
        let pairs: [[SQLType]] = [[.double, .double], [.int, .bigint]]
        var result: [String: [[SQLType]]] = [
            "count": [[], [.int], [.string]], "min": ordered.map { [$0] }, "max": ordered.map { [$0] },
            "sum": numbers.map { [$0] }, "avg": numbers.map { [$0] },
            "collect_list": ordered.map { [$0] } + [[.array(.int)], [.structure([StructField(name: "a", type: .string)])]],
            "collect_set": ordered.map { [$0] } + [[.array(.string)]],
            "percentile": [[.int, .double], [.bigint, .array(.double)]],
            "percentile_approx": [[.double, .double], [.int, .array(.double)]],
            "histogram_numeric": [[.double, .int]],
            "percentile_cont": [[.double, .double], [.int, .array(.double)]], "percentile_disc": [[.double, .double], [.int, .array(.double)]],
            "median": [[.int], [.double]], "mode": ordered.map { [$0] } + [[.array(.int)]], "any_value": ordered.map { [$0] },
            "approx_count_distinct": [[.int], [.string]], "count_if": [[.boolean]], "bool_and": [[.boolean]], "bool_or": [[.boolean]],
            "skewness": [[.double], [.int]], "kurtosis": [[.double], [.int]],
            "listagg": [[.string], [.int]], "ngrams": [[.array(.string), .int, .int]],
            "context_ngrams": [[.array(.string), .array(.string), .int]], "ds_kll_sketch": [[.float], [.double], [.int]],
            "ds_quantile_doubles_sketch": [[.float], [.double], [.int]],
            // Random bytes are no geometries: `GeometryAggregateTests` has some.
            "st_aggr_convexhull": [[.binary]], "st_aggr_union": [[.binary]],
        ]
        for name in ["ds_hll_sketch", "ds_theta_sketch", "ds_cpc_sketch"] { result[name] = [[.int], [.bigint], [.double], [.string], [.binary]] }
        for name in ["ds_hll_union", "ds_theta_union", "ds_theta_intersect", "ds_cpc_union", "ds_kll_union", "ds_quantile_doubles_union"] { result[name] = [[.binary]] }
        for name in ["max_by", "min_by"] { result[name] = ordered.map { [.int, $0] } + [[.array(.string), .string]] }
        for name in ["variance", "var_samp", "stddev", "stddev_samp"] { result[name] = [[.double], [.int]] }
        for name in ["covar_pop", "covar_samp", "corr", "regr_count", "regr_avgx", "regr_avgy", "regr_sxx", "regr_syy",
            "regr_sxy", "regr_slope", "regr_intercept", "regr_r2"] { result[name] = pairs }
        return result
    }()

    private static let groupCount = 7

    struct Batch {
        var arguments: [Column]
        var rows: RowSelection
        var groups: [Int32]
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    private static func append(_ type: SQLType, to builder: ColumnBuilder, _ random: inout Generator) {
        if random.next() % 7 == 0 { return builder.appendNull() }
        let number = Int(random.next() >> 33) % 60 - 30
        switch type.physical {
        case .boolean: builder.append(UInt8(number & 1))
        case .int8: builder.append(Int8(number))
        case .int16: builder.append(Int16(number))
        case .int32: builder.append(Int32(number))
        case .int64: builder.append(Int64(number) << 33)
        case .float: builder.append(Float(number) / 4)
        case .double: builder.append(Double(number) / 4)
        case .int128: builder.append(Int128(number))
        case .timestamp: builder.append(Timestamp(seconds: Int64(number)))
        case .string: builder.append(String(repeating: "ab", count: abs(number) % 9) + "\(number)")
        case .list:
            for _ in 0..<(abs(number) % 4) { for child in builder.children { append(child.type, to: child, &random) } }
            builder.append(listOf: abs(number) % 4)
        case .structure:
            for child in builder.children { append(child.type, to: child, &random) }
            builder.appendStructure()
        case .union: break
        }
    }

    /// The second argument of percentile and histogram functions.
    private static func parameter(_ type: SQLType, _ count: Int) -> Column {
        switch type {
        case .array:
            let builder = ColumnBuilder(type)
            for _ in 0..<count {
                for fraction in [0.25, 0.5, 0.9] { builder.children[0].append(fraction) }
                builder.append(listOf: 3)
            }
            return builder.finish()
        case .int: return .constant(Int32(40), type: .int, count: count)
        default: return .constant(0.3, type: .double, count: count)
        }
    }

    private static func takesSketches(_ name: String) -> Bool {
        name.hasPrefix("ds_") && (name.hasSuffix("_union") || name.hasSuffix("_intersect"))
    }

    /// Sketches of few numbers each, some of none.
    private static func sketches(for name: String, _ count: Int, _ random: inout Generator) throws -> Column {
        let maker = name.split(separator: "_").dropLast().joined(separator: "_") + "_sketch"
        let accumulator = try resolve(maker, [.float]).makeAccumulator(FunctionExpression.context)
        accumulator.resize(groupCount: count)
        let type = try resolve(maker, [.float]).argumentTypes[0]
        for _ in 0..<4 {
            let builder = ColumnBuilder(.float)
            for _ in 0..<count { append(.float, to: builder, &random) }
            let numbers = try Cast.apply(builder.finish(), to: type, rows: .all(count), count: count)
            let groups = (0..<count).map { _ in Int32(random.next() >> 40) % Int32(count) }
            try accumulator.update([numbers], rows: .all(count), groups: groups)
        }
        return try accumulator.finish(0..<count)
    }

    private static func batches(_ name: String, _ types: [SQLType], seed: UInt64) throws -> [Batch] {
        var random = Generator(state: seed)
        return try (0..<6).map { number in
            let count = 50 + number * 13
            let isPercentile = name.hasPrefix("percentile") || name.hasPrefix("histogram")
            let arguments = try types.enumerated().map { index, type -> Column in
                if isPercentile, index == 1 { return parameter(type, count) }
                if takesSketches(name) { return try sketches(for: name, count, &random) }
                if number == 3, type.isPrimitive { return Column.nulls(type, count: count) }
                let builder = ColumnBuilder(type)
                for _ in 0..<count { append(type, to: builder, &random) }
                return builder.finish()
            }
            var rows = RowSelection.all(count)
            if number % 2 == 1 { rows = rows.filtered(capacity: count) { $0 % 3 != 0 } }
            let resolved = try resolve(name, types)
            let converted = try zip(arguments, resolved.argumentTypes).map {
                try Cast.apply($0, to: $1, rows: rows, count: count)
            }
            let groups = (0..<rows.count).map { _ in Int32(random.next() >> 40) % Int32(groupCount) }
            return Batch(arguments: converted, rows: rows, groups: groups)
        }
    }

    private static func resolve(_ name: String, _ types: [SQLType]) throws -> ResolvedAggregate {
        let function = try #require(FunctionRegistry.builtIn.aggregate(name))
        let constants = types.enumerated().map { index, type in index == 0 ? nil : constant(name, index, type) }
        return try function.resolve(FunctionCall(name: name, argumentTypes: types, constants: constants))
    }

    /// An argument that has to be a constant; nil for the others.
    private static func constant(_ name: String, _ index: Int, _ type: SQLType) -> Column? {
        if index == 1, name.hasPrefix("percentile") || name.hasPrefix("histogram") { return parameter(type, 1) }
        guard name.hasSuffix("ngrams") else { return nil }
        guard case .array(let element) = type else { return .constant(Int32(index), type: .int, count: 1) }
        let builder = ColumnBuilder(.array(element))
        builder.children[0].appendNull()
        builder.append(listOf: 1)
        return builder.finish()
    }

    private static func texts(_ accumulator: any Accumulator, _ name: String) throws -> [String] {
        let column = try accumulator.finish(0..<groupCount)
        return (0..<groupCount).map { group in
            let buffer = ByteBuffer()
            TextFormatter(.output).append(column, row: group, to: buffer)
            // The order of a set or list depends on the order of the parts.
            guard name.hasPrefix("collect") else { return buffer.string }
            return String(buffer.string.sorted())
        }
    }

    /// Equal, or numbers that differ by rounding.
    private static func same(_ left: [String], _ right: [String]) -> Bool {
        zip(left, right).allSatisfy { a, b in
            if a == b { return true }
            let x = a.split(whereSeparator: { "[],{}:\"xy".contains($0) }).map { Double($0) }
            let y = b.split(whereSeparator: { "[],{}:\"xy".contains($0) }).map { Double($0) }
            guard x.count == y.count else { return false }
            return zip(x, y).allSatisfy { p, q in
                guard let p, let q else { return false }
                return p == q || abs(p - q) <= 1e-9 * max(abs(p), abs(q), 1)
            }
        }
    }

    static var names: [String] {
        FunctionRegistry.builtIn.names.filter { name in
            FunctionRegistry.builtIn.aggregate(name).map { $0.names[0] == name } ?? false
        }
    }

    @Test(arguments: AccumulatorTests.names)
    func partsMakeTheWhole(name: String) throws {
        let signatures = try #require(Self.signatures[name], "no signature to test \(name) with")
        let context = FunctionExpression.context
        for types in signatures {
            let resolved = try Self.resolve(name, types)
            let batches = try Self.batches(name, types, seed: 42)
            let whole = resolved.makeAccumulator(context)
            whole.resize(groupCount: Self.groupCount)
            for batch in batches { try whole.update(batch.arguments, rows: batch.rows, groups: batch.groups) }
            let expected = try Self.texts(whole, name)

            // Parts, merged.
            let all = (0..<Int32(Self.groupCount)).map { $0 }
            let merged = resolved.makeAccumulator(context)
            merged.resize(groupCount: Self.groupCount)
            for half in [batches.prefix(2), batches.dropFirst(2)] {
                let part = resolved.makeAccumulator(context)
                part.resize(groupCount: Self.groupCount)
                for batch in half { try part.update(batch.arguments, rows: batch.rows, groups: batch.groups) }
                try merged.merge(part, sources: all, targets: all, count: all.count)
            }
            #expect(Self.same(try Self.texts(merged, name), expected), "\(name)(\(types)) merged")

            // Parts, saved and restored.
            let restored = resolved.makeAccumulator(context)
            restored.resize(groupCount: Self.groupCount)
            for half in [batches.prefix(3), batches.dropFirst(3)] {
                let part = resolved.makeAccumulator(context)
                part.resize(groupCount: Self.groupCount)
                for batch in half { try part.update(batch.arguments, rows: batch.rows, groups: batch.groups) }
                try restored.restore(try part.save(0..<Self.groupCount), targets: all)
            }
            #expect(Self.same(try Self.texts(restored, name), expected), "\(name)(\(types)) restored")

            // Group by group, through the form without group numbers.
            let single = resolved.makeAccumulator(context)
            single.resize(groupCount: Self.groupCount)
            for batch in batches {
                for group in 0..<Self.groupCount {
                    var ordinal = -1
                    let rows = batch.rows.filtered(capacity: batch.rows.count) { _ in
                        ordinal += 1
                        return batch.groups[ordinal] == Int32(group)
                    }
                    try single.update(batch.arguments, rows: rows, group: group)
                }
            }
            #expect(Self.same(try Self.texts(single, name), expected), "\(name)(\(types)) one group at a time")

            // A reset group is as new.
            let fresh = resolved.makeAccumulator(context)
            fresh.resize(groupCount: Self.groupCount)
            whole.reset(0..<Self.groupCount)
            for batch in batches.prefix(2) {
                try whole.update(batch.arguments, rows: batch.rows, groups: batch.groups)
                try fresh.update(batch.arguments, rows: batch.rows, groups: batch.groups)
            }
            #expect(try Self.texts(whole, name) == Self.texts(fresh, name), "\(name)(\(types)) reset")
            #expect(whole.byteCount > 0)
        }
    }
}
