import Columnar
import Functions
import Testing

/// Aggregates of a small table against Hive's answers.
@Suite struct AggregateAnswerTests {
    // In the order in which the query's DISTINCT made Hive see the rows.
    private static let integers: [Int32?] = [4, 1, 3, 8, 6, 2, 5, 7, nil]
    private static let doubles: [Double?] = [10.25, 1.5, -1, 3.5, 7, 2.5, nil, 3, 1]
    private static let strings: [String?] = [nil, "a", "a", "a", "b", "b", "c", "d", "e"]

    /// Name, arguments (`i`, `d`, `s`, `de` are columns; numbers are constants), answer.
    static let answers: [(String, [String], String)] = [
        ("variance", ["i"], #"5.25"#),
        ("var_samp", ["i"], #"6.0"#),
        ("stddev", ["i"], #"2.29128784747792"#),
        ("stddev_samp", ["d"], #"3.5768039903962148"#),
        ("covar_pop", ["i", "d"], #"2.433673469387755"#),
        ("covar_samp", ["i", "d"], #"2.839285714285714"#),
        ("corr", ["i", "d"], #"0.2902392124511778"#),
        ("regr_slope", ["i", "d"], #"0.2062702702702703"#),
        ("regr_intercept", ["i", "d"], #"3.6403243243243244"#),
        ("regr_r2", ["i", "d"], #"0.08423880044427991"#),
        ("regr_count", ["i", "d"], #"7"#),
        ("regr_avgx", ["i", "d"], #"3.8214285714285716"#),
        ("regr_avgy", ["i", "d"], #"4.428571428571429"#),
        ("regr_sxx", ["i", "d"], #"82.58928571428571"#),
        ("regr_syy", ["i", "d"], #"41.714285714285715"#),
        ("regr_sxy", ["i", "d"], #"17.035714285714285"#),
        ("percentile", ["i", "0.3"], #"3.1"#),
        ("percentile", ["i", "array(0.0,0.25,0.5,0.9,1.0)"], #"[1.0,2.75,4.5,7.3,8.0]"#),
        ("percentile_approx", ["d", "0.3"], #"1.2"#),
        ("percentile_approx", ["d", "array(0.1,0.25,0.5,0.9)"], #"[-1.0,1.0,2.5,7.65]"#),
        ("percentile_approx", ["d", "0.5", "3"], #"0.98"#),
        ("histogram_numeric", ["d", "3"], #"[{"x":-1.0,"y":1.0},{"x":2.3000000000000003,"y":5.0},{"x":8.625,"y":2.0}]"#),
        ("histogram_numeric", ["i", "2"], #"[{"x":2.5,"y":4.0},{"x":6.5,"y":4.0}]"#),
        ("collect_set", ["s"], #"["a","b","c","d","e"]"#),
        ("collect_list", ["s"], #"["a","a","a","b","b","c","d","e"]"#),
        ("avg", ["d"], #"3.46875"#),
        ("sum", ["d"], #"27.75"#),
        ("max", ["s"], #"e"#),
        ("min", ["s"], #"a"#),
        ("avg", ["de"], #"3.468750"#),
        ("sum", ["de"], #"27.75"#),
        ("count", ["s"], #"8"#),
    ]

    private static func column(_ argument: String) -> Column {
        let count = integers.count
        switch argument {
        case "i":
            let builder = ColumnBuilder(.int)
            for value in integers { if let value { builder.append(value) } else { builder.appendNull() } }
            return builder.finish()
        case "d":
            let builder = ColumnBuilder(.double)
            for value in doubles { if let value { builder.append(value) } else { builder.appendNull() } }
            return builder.finish()
        case "de":
            let builder = ColumnBuilder(.decimal(precision: 10, scale: 2))
            for value in doubles { if let value { builder.append(Int128(value * 100)) } else { builder.appendNull() } }
            return builder.finish()
        case "s":
            let builder = ColumnBuilder(.string)
            for value in strings { if let value { builder.append(value) } else { builder.appendNull() } }
            return builder.finish()
        default:
            if argument.hasPrefix("array(") {
                let builder = ColumnBuilder(.array(.double))
                let values = argument.dropFirst(6).dropLast().split(separator: ",").compactMap { Double($0) }
                for _ in 0..<count {
                    for value in values { builder.children[0].append(value) }
                    builder.append(listOf: values.count)
                }
                return builder.finish()
            }
            if let number = Int32(argument) { return .constant(number, type: .int, count: count) }
            return .constant(Double(argument) ?? 0, type: .double, count: count)
        }
    }

    @Test func answersAreHives() throws {
        for (name, arguments, answer) in Self.answers {
            let columns = arguments.map { Self.column($0) }
            let function = try #require(FunctionRegistry.builtIn.aggregate(name))
            let resolved = try function.resolve(
                FunctionCall(
                    name: name, argumentTypes: columns.map(\.type), constants: columns.map { $0.isConstant ? $0 : nil }))
            let rows = RowSelection.all(Self.integers.count)
            let accumulator = resolved.makeAccumulator(FunctionExpression.context)
            accumulator.resize(groupCount: 1)
            let converted = try zip(columns, resolved.argumentTypes).map {
                try Cast.apply($0, to: $1, rows: rows, count: rows.count)
            }
            try accumulator.update(converted, rows: rows, group: 0)
            let result = try accumulator.finish(0..<1)
            #expect(result.type == resolved.resultType)
            let buffer = ByteBuffer()
            TextFormatter(.output).append(result, row: 0, to: buffer)
            // Hive's own order of operations differs in places by the last digit.
            let isClose = Double(buffer.string).flatMap { got in Double(answer).map { abs(got - $0) <= 1e-14 * abs($0) } } ?? false
            #expect(buffer.string == answer || isClose, "\(name)(\(arguments.joined(separator: ", ")))")
        }
    }

    @Test func nothingGivesNull() throws {
        for name in ["sum", "avg", "min", "max", "variance", "collect_set", "count"] {
            let function = try #require(FunctionRegistry.builtIn.aggregate(name))
            let resolved = try function.resolve(FunctionCall(name: name, argumentTypes: [.int]))
            let accumulator = resolved.makeAccumulator(FunctionExpression.context)
            accumulator.resize(groupCount: 1)
            let result = try accumulator.finish(0..<1)
            let buffer = ByteBuffer()
            TextFormatter(.output).append(result, row: 0, to: buffer)
            #expect(buffer.string == (name == "count" ? "0" : name == "collect_set" ? "[]" : "NULL"), "\(name)")
        }
    }
}
