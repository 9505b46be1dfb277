import Columnar

// What calls of the sketch functions are checked for.

extension FunctionCall {
    /// A sketch, as BINARY; a text stands for its bytes, as elsewhere in Hive.
    func expectSketch(_ index: Int) throws {
        let type = argumentTypes[index]
        guard type == .binary || type.isCharacter || type == .void else { throw mismatch(index, "binary") }
    }

    /// A constant integer in `range`; `usual` when the call does not have the argument.
    func sketchOption(_ index: Int, _ what: String, in range: ClosedRange<Int>, usual: Int) throws -> Int {
        guard index < count else { return usual }
        try expectIntegral(index)
        guard isConstant(index) else {
            throw FunctionError(.argumentType(index), "The \(Self.ordinal(index)) argument of \(name) must be a constant")
        }
        guard let value = constantInteger(index), let option = Int(exactly: value), range.contains(option) else {
            throw FunctionError(
                .argumentType(index),
                "\(name) needs \(what) between \(range.lowerBound) and \(range.upperBound) as \(Self.ordinal(index)) argument")
        }
        return option
    }

    /// A constant seed of hashes, any BIGINT whose mark is not 0.
    func sketchSeed(_ index: Int) throws -> UInt64 {
        let seed = try sketchOption(index, "a seed", in: Int(Int64.min)...Int(Int64.max), usual: Int(SketchHash.usualSeed))
        let bits = UInt64(bitPattern: Int64(seed))
        guard SketchHash.mark(ofSeed: bits) != 0 else {
            throw FunctionError(.argumentType(index), "\(name) cannot hash with the seed \(seed)")
        }
        return bits
    }
}

extension KernelInput {
    /// A result a row, from the sketches of the first arguments; NULL where `body` answers nil.
    func sketches(_ body: (_ row: Int) throws -> [UInt8]?) throws -> Column {
        try build(.binary) { row, builder in
            try context.checkCancellation()
            guard let bytes = try body(row) else { return builder.appendNull() }
            bytes.withUnsafeBufferPointer { builder.append(bytes: $0) }
        }
    }

    /// The bytes of an argument; nil for NULL.
    func bytes(_ index: Int, _ row: Int) -> StringView? {
        let argument = arguments[index]
        return argument.isNull(row) ? nil : argument.values(as: StringView.self)[argument.element(of: row)]
    }

    func value<T: ColumnElement>(_: T.Type, _ index: Int, _ row: Int) -> T? {
        let argument = arguments[index]
        return argument.isNull(row) ? nil : argument.values(as: T.self)[argument.element(of: row)]
    }
}

extension ColumnBuilder {
    /// An array of numbers.
    func append<T: ColumnElement>(list values: [T]) {
        for value in values { children[0].append(value) }
        append(listOf: values.count)
    }
}
