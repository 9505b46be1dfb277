import Columnar
import Functions
import Testing

/// Fitted functions below SQL: what they learn does not depend on the order of rows and merges, and bytes that are no state
/// are refused.
@Suite struct FittedFunctionTests {
    /// A call of a function: types, and the constants behind the rows' value.
    struct Call: Sendable, CustomStringConvertible {
        let name: String
        let type: SQLType
        /// The type of the second argument where it is a label, which here depends on the value.
        var label: SQLType?
        var constants: [Column] = []

        var description: String { "\(name)(\(type)\(label.map { ", label \($0)" } ?? "")\(constants.map { ", \($0.type)" }.joined()))" }

        func resolve() throws -> ResolvedFittedFunction {
            let function = try #require(FunctionRegistry.builtIn.fitted(name))
            let rows = [type] + (label.map { [$0] } ?? [])
            return try function.resolve(
                FunctionCall(
                    name: name, argumentTypes: rows + constants.map(\.type), constants: rows.map { _ in nil } + constants.map { $0 }))
        }
    }

    static func text(_ text: String) -> Column { .constant(string: Array(text.utf8), count: 1) }

    static func number(_ value: Int32) -> Column { .constant(value, type: .int, count: 1) }

    static let calls: [Call] = [
        Call(name: "ml.standard_scaler", type: .double), Call(name: "ml.standard_scaler", type: .int),
        Call(name: "ml.min_max_scaler", type: .double), Call(name: "ml.max_abs_scaler", type: .decimal(precision: 9, scale: 2)),
        Call(name: "ml.robust_scaler", type: .double),
        Call(name: "ml.imputer", type: .double, constants: [text("mean")]), Call(name: "ml.imputer", type: .int, constants: [text("median")]),
        Call(name: "ml.imputer", type: .double, constants: [text("most_frequent")]),
        Call(name: "ml.imputer", type: .string, constants: [text("most_frequent")]),
        Call(name: "ml.quantile_bucketize", type: .double, constants: [number(7), text("bucket_ranges")]),
        Call(name: "ml.quantile_transformer", type: .double, constants: [number(9)]),
        Call(name: "ml.quantile_transformer", type: .int, constants: [number(1000), text("normal")]),
        Call(name: "ml.power_transformer", type: .double), Call(name: "ml.power_transformer", type: .double, constants: [text("box-cox")]),
        Call(name: "ml.log_normal_scaler", type: .double),
        Call(name: "ml.entropy_bucketize", type: .double, label: .string, constants: [text("bucket_ranges")]),
        Call(name: "ml.target_encoder", type: .string, label: .boolean), Call(name: "ml.target_encoder", type: .double, label: .double),
        Call(name: "ml.target_encoder", type: .double, label: .double, constants: [number(3), number(2), number(7)]),
        Call(name: "ml.woe_encoder", type: .string, label: .boolean),
        Call(name: "ml.count_encoder", type: .string, label: .string, constants: [number(3), number(2)]),
        Call(name: "ml.frequency_encoder", type: .string, constants: [number(2)]),
        Call(name: "ml.label_encoder", type: .string, constants: [number(3), number(2)]),
        Call(name: "ml.one_hot_encoder", type: .string, constants: [text("most_frequent"), number(10), number(0)]),
        Call(name: "ml.multi_hot_encoder", type: .array(.string), constants: [number(3), number(1)]),
        Call(name: "ml.bag_of_words", type: .array(.string), constants: [number(10), number(3)]),
        Call(name: "ml.tf_idf", type: .array(.string), constants: [number(4), number(1)]),
    ]

    private static let names = FunctionRegistry.builtIn.names.filter { FunctionRegistry.builtIn.fitted($0) != nil }

    @Test func everyFittedFunctionIsTried() {
        for name in Self.names { #expect(Self.calls.contains { $0.name == name }, "\(name)") }
    }

    // MARK: columns and states

    /// Values of a small range, so that there are equal ones, with NULLs; numbers of all sizes now and then.
    private static func append(_ type: SQLType, to builder: ColumnBuilder, _ random: inout SeededRandom) {
        if random.chance(15) { return builder.appendNull() }
        switch type.physical {
        case .double:
            builder.append(
                random.chance(10)
                    ? Double(bitPattern: random.next()) : Double(Int.random(in: -40...40, using: &random)) / 8 + 0.1)
        case .string: builder.append(String(repeating: "ä", count: Int.random(in: 0...5, using: &random)))
        case .list:
            let count = Int.random(in: 0...4, using: &random)
            for _ in 0..<count { append(builder.children[0].type, to: builder.children[0], &random) }
            builder.append(listOf: count)
        default: Issue.record("no values of \(type)")
        }
    }

    private static func column(_ type: SQLType, count: Int, _ random: inout SeededRandom) -> Column {
        let builder = ColumnBuilder(type)
        for _ in 0..<count { append(type, to: builder, &random) }
        return builder.finish()
    }

    /// What `fit` takes of rows with these values; rows are in folds by their values.
    private static func arguments(_ call: Call, _ column: Column) throws -> [Column] {
        let plain = [column] + (call.label.map { [labels(column, $0)] } ?? []) + call.constants.map { $0.withCount(column.count) }
        guard try call.resolve().folding != nil else { return plain }
        let keys = ColumnBuilder(.bigint, capacity: column.count)
        for row in 0..<column.count { keys.append(Int64((size(column, row) * 8).rounded())) }
        return plain + [keys.finish()]
    }

    /// A number, within bounds, or the length of a text.
    private static func size(_ column: Column, _ row: Int) -> Double {
        if column.isNull(row) { return 0 }
        if column.type.physical == .string { return Double(column.values(as: StringView.self)[row].count) }
        let value = column.values(as: Double.self)[row]
        return value.isFinite ? max(-1e6, min(value, 1e6)) : 3
    }

    /// How large values are, roughly; NULL for some.
    private static func labels(_ column: Column, _ type: SQLType) -> Column {
        let builder = ColumnBuilder(type == .string ? .string : .double, capacity: column.count)
        for row in 0..<column.count {
            let value = size(column, row)
            if value == 0.1 {
                builder.appendNull()
            } else if type == .string {
                builder.append(value < -1 ? "low" : value < 2 ? "middle" : "high")
            } else {
                builder.append(type == .boolean ? (value > 1 ? 1.0 : 0.0) : value / 3)
            }
        }
        return builder.finish()
    }

    private static func bytes(_ column: Column, _ row: Int = 0) -> [UInt8] { Array(column.values(as: StringView.self)[row].bytes) }

    static func state(_ call: Call, of parts: [Column]) throws -> [UInt8] {
        try state(call, learnedFrom: parts.map { try arguments(call, $0) })
    }

    static func state(_ call: Call, learnedFrom parts: [[Column]]) throws -> [UInt8] {
        let accumulator = try call.resolve().resolvedFit.makeAccumulator(FunctionExpression.context)
        accumulator.resize(groupCount: 1)
        for part in parts { try accumulator.update(part, rows: .all(part[0].count), group: 0) }
        return bytes(try accumulator.finish(0..<1))
    }

    /// - Parameter keys: by which rows are in folds; nil: they are others than those that were learned from.
    static func apply(_ call: Call, _ state: Column, to column: Column, keys: Column? = nil) throws -> Column {
        let resolved = try call.resolve()
        let folds = resolved.folding == nil ? [] : [keys ?? .nulls(.bigint, count: column.count)]
        return try FunctionExpression.value(
            of: resolved.apply, resolved.resolvedApply,
            KernelInput(arguments: [state, column] + folds, rows: .all(column.count), count: column.count, context: FunctionExpression.context))
    }

    static func texts(_ column: Column) -> [String] {
        (0..<column.count).map { row in
            if column.isNull(row) { return "NULL" }
            let buffer = ByteBuffer()
            TextFormatter(.output).append(column, row: row, to: buffer)
            return buffer.string
        }
    }

    // MARK: learning

    @Test(arguments: FittedFunctionTests.calls)
    func orderDoesNotMatter(call: Call) throws {
        let resolved = try call.resolve()
        for seed in 1...UInt64(20) {
            var random = SeededRandom(seed: seed)
            let rowType = resolved.resolvedFit.argumentTypes[0]
            let parts = (0..<6).map { _ in Self.column(rowType, count: Int.random(in: 0...60, using: &random), &random) }
            let whole = try Self.state(call, of: parts)
            #expect(try Self.state(call, of: parts.shuffled(using: &random)) == whole, "\(call), seed \(seed)")

            // Each part by itself, some of them saved; then merged in a random order.
            var accumulators = try parts.map { part -> any Accumulator in
                let accumulator = resolved.resolvedFit.makeAccumulator(FunctionExpression.context)
                accumulator.resize(groupCount: 3)
                let groups = [Int32](repeating: 2, count: part.count)
                try accumulator.update(try Self.arguments(call, part), rows: .all(part.count), groups: groups)
                guard random.chance(50) else { return accumulator }
                let restored = resolved.resolvedFit.makeAccumulator(FunctionExpression.context)
                restored.resize(groupCount: 3)
                try restored.restore(try accumulator.save(2..<3), targets: [2])
                return restored
            }
            while accumulators.count > 1 {
                let other = accumulators.remove(at: Int.random(in: 0..<accumulators.count, using: &random))
                try random.pick(accumulators).merge(other, sources: [2], targets: [2], count: 1)
            }
            #expect(Self.bytes(try accumulators[0].finish(2..<3)) == whole, "\(call), seed \(seed), merged")
        }
    }

    /// More different numbers than quantiles are exact for.
    @Test func orderDoesNotMatterForManyNumbers() throws {
        let call = Call(name: "ml.robust_scaler", type: .double)
        var random = SeededRandom(seed: 5)
        let values = (0..<200_000).map { _ in Double.random(in: -3...1000, using: &random) }
        func state(_ values: [Double]) throws -> [UInt8] {
            let builder = ColumnBuilder(.double)
            for value in values { builder.append(value) }
            return try Self.state(call, of: [builder.finish()])
        }
        let learned = try state(values)
        #expect(try state(values.sorted()) == learned)
        #expect(try state(values.reversed()) == learned)
        // The median, as near as is promised.
        let sorted = values.sorted()
        let builder = ColumnBuilder(.double)
        for value in [sorted[99_999], sorted[149_999], sorted[49_999]] { builder.append(value) }
        let scaled = try Self.apply(call, .constant(string: learned, type: .binary, count: 3), to: builder.finish())
        let results = scaled.values(as: Double.self)
        #expect(abs(results[0]) < 1e-4)
        #expect(abs(results[1] - results[2] - 1) < 1e-4)
    }

    @Test func sumsAreExact() throws {
        func mean(_ values: [Double]) throws -> String {
            let call = Call(name: "ml.imputer", type: .double, constants: [Self.text("mean")])
            let builder = ColumnBuilder(.double)
            for value in values { builder.append(value) }
            let state = Column.constant(string: try Self.state(call, of: [builder.finish()]), type: .binary, count: 1)
            return Self.texts(try Self.apply(call, state, to: .nulls(.double, count: 1)))[0]
        }
        #expect(try mean([1e300, 1, -1e300, 2]) == "0.75")
        #expect(try mean([1.7e308, 1.7e308, 1.7e308]) == "1.7E308")
        #expect(try mean([5e-324, 5e-324]) == "4.9E-324")
        #expect(try mean([-1.7e308, -0.5, 1.7e308, -0.5]) == "-0.25")
        #expect(try mean([0.1, 0.2, 0.3, -0.6]) == "6.938893903907228E-18")
        #expect(try mean(Array(repeating: 0.1, count: 1000)) == "0.1")
    }

    // MARK: applying

    @Test(arguments: FittedFunctionTests.calls)
    func statesAreConstantsOrColumns(call: Call) throws {
        var random = SeededRandom(seed: 3)
        let type = try call.resolve().resolvedFit.argumentTypes[0]
        let rows = Self.column(type, count: 50, &random)
        let states = try [rows, Self.column(type, count: 9, &random), Self.column(type, count: 0, &random)].map {
            try Self.state(call, of: [$0])
        }
        let expected = try states.map { Self.texts(try Self.apply(call, .constant(string: $0, type: .binary, count: 50), to: rows)) }
        let builder = ColumnBuilder(.binary)
        for row in 0..<50 {
            if row % 7 == 6 { builder.appendNull() } else { states[row / 5 % 3].withUnsafeBufferPointer { builder.append(bytes: $0) } }
        }
        let mixed = Self.texts(try Self.apply(call, builder.finish(), to: rows))
        for row in 0..<50 {
            // Without a state only what needs none has a value: what an imputer leaves as it is.
            if row % 7 == 6 {
                #expect(mixed[row] == "NULL" || call.name == "ml.imputer", "\(call), row \(row)")
            } else {
                #expect(mixed[row] == expected[row / 5 % 3][row], "\(call), row \(row)")
            }
        }
    }

    @Test func statesOfOthersAreRefused() throws {
        let scaler = Call(name: "ml.standard_scaler", type: .double)
        let state = Column.constant(string: try Self.state(scaler, of: []), type: .binary, count: 1)
        let row = Column.constant(1.5, type: .double, count: 1)
        #expect(try Self.texts(Self.apply(scaler, state, to: row)) == ["NULL"])
        #expect(throws: FunctionError.self) { try Self.apply(Call(name: "ml.min_max_scaler", type: .double), state, to: row) }
        for bytes in [[], Array("ML".utf8), [UInt8](repeating: 255, count: 60)] {
            #expect(throws: FunctionError.self) { try Self.apply(scaler, .constant(string: bytes, type: .binary, count: 1), to: row) }
        }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 {
                let isOdd = sum & 1 == 1
                sum >>= 1
                if isOdd { sum ^= 0xEDB8_8320 }
            }
        }
        return ~sum
    }

    /// An answer or an error, whatever the bytes are; with a checksum that fits they are looked into.
    @Test(arguments: FittedFunctionTests.calls)
    func damagedStatesAreErrors(call: Call) throws {
        var random = SeededRandom(seed: 11)
        let type = try call.resolve().resolvedFit.argumentTypes[0]
        let rows = Self.column(type, count: 20, &random)
        let state = try Self.state(call, of: [rows])
        var refused = 0
        for trial in 0..<2_000 {
            var bytes = Array(state.dropLast(4))
            for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch random.pick([0, 1, 2, 3]) {
                case 0: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
                case 1: bytes[place] = random.pick([0, 1, 127, 128, 255])
                case 2: bytes.removeSubrange(place...)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
            }
            let sum = Self.checksum(bytes)
            if trial % 4 > 0 { bytes += (0..<4).map { UInt8(truncatingIfNeeded: sum >> ($0 * 8)) } }
            do {
                _ = Self.texts(try Self.apply(call, .constant(string: bytes, type: .binary, count: 20), to: rows))
            } catch is FunctionError {
                refused += 1
            }
        }
        #expect(refused > 500, "\(call)")
    }
}
