import Columnar

extension FunctionCall {
    var count: Int { argumentTypes.count }

    /// How the keys of WITHIN GROUP order.
    var sortOrders: [SortOrderArgument] {
        (0..<sortKeyCount).map { SortOrderArgument(code: constantInteger(writtenCount + 2 * $0 + 1) ?? 0) }
    }

    /// Checks how many arguments there are.
    func expect(_ expected: Int) throws { try expect(expected...expected) }

    func expect(_ expected: ClosedRange<Int>) throws {
        guard !expected.contains(count) else { return }
        if expected.upperBound == 0 {
            throw FunctionError(
                .argumentCount, "The function \(name.uppercased()) does not take any arguments, but found \(count)")
        }
        let wanted =
            expected.lowerBound == expected.upperBound
            ? "\(expected.lowerBound)" : "\(expected.lowerBound)..\(expected.upperBound)"
        throw FunctionError(.argumentCount, "\(name) requires \(wanted) argument(s), got \(count)")
    }

    func expect(atLeast minimum: Int) throws {
        guard count < minimum else { return }
        throw FunctionError(.argumentCount, "\(name) requires at least \(minimum) argument(s), got \(count)")
    }

    /// "1st", "2nd", … as messages name an argument.
    static func ordinal(_ index: Int) -> String {
        let number = index + 1
        switch (number % 10, number % 100) {
        case (_, 11...13): return "\(number)th"
        case (1, _): return "\(number)st"
        case (2, _): return "\(number)nd"
        case (3, _): return "\(number)rd"
        default: return "\(number)th"
        }
    }

    func expectPrimitive(_ index: Int) throws {
        guard argumentTypes[index].isComplex else { return }
        throw FunctionError(
            .argumentType(index),
            "\(name) only takes primitive types as \(Self.ordinal(index)) argument, got \(category(index))")
    }

    func expectPrimitives() throws {
        for index in argumentTypes.indices { try expectPrimitive(index) }
    }

    /// Numbers, and strings that will be read as numbers.
    func expectNumericOrString(_ index: Int) throws {
        let type = argumentTypes[index]
        guard type.isNumeric || type.isCharacter || type == .void else { throw mismatch(index, "numeric or string") }
    }

    /// A character type; an untyped NULL passes.
    /// - Parameter name: what errors call the type.
    func expectText(_ index: Int, called name: String = "string") throws {
        let type = argumentTypes[index]
        guard type.isCharacter || type == .void else { throw mismatch(index, name) }
    }

    /// An integer type; an untyped NULL passes.
    func expectIntegral(_ index: Int) throws {
        let type = argumentTypes[index]
        guard type.isIntegral || type == .void else {
            throw FunctionError(
                .argumentType(index),
                "\(name) only takes INT/SHORT/BYTE types as \(Self.ordinal(index)) argument, got \(category(index))")
        }
    }

    /// An array whose elements have a right type; an untyped NULL passes.
    func expectArray(_ index: Int, of elements: String, _ isRight: (SQLType) -> Bool) throws {
        switch argumentTypes[index] {
        case .void: return
        case .array(let element) where isRight(element): return
        default: throw mismatch(index, "array<\(elements)>")
        }
    }

    func mismatch(_ index: Int, _ expected: String) -> FunctionError {
        FunctionError(
            .argumentType(index),
            "\(name) only takes \(expected) types as \(Self.ordinal(index)) argument, got \(category(index))")
    }

    /// What Hive calls the kind of an argument's type: `LIST`, `DECIMAL`.
    private func category(_ index: Int) -> String {
        switch argumentTypes[index] {
        case .array: "LIST"
        case .map: "MAP"
        case .structure: "STRUCT"
        case .union: "UNION"
        case let type: type.description.prefix { $0 != "(" }.uppercased()
        }
    }

    /// The value of a constant character argument; nil when it is not constant or NULL.
    func constantString(_ index: Int) -> String? {
        constantBytes(index).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes of a constant string, which may be no UTF-8; nil as for `constantString`.
    func constantBytes(_ index: Int) -> [UInt8]? {
        guard index < constants.count, let column = constants[index], column.count > 0, !column.isNull(0),
            column.type.physical == .string
        else { return nil }
        return Array(column.decoded(.all(column.count)).values(as: StringView.self)[0].bytes)
    }

    /// The value of a constant integer argument; nil when it is not constant, NULL or no integer.
    func constantInteger(_ index: Int) -> Int64? {
        guard index < constants.count, let column = constants[index], column.count > 0, !column.isNull(0)
        else { return nil }
        return column.integer(0)
    }

    /// The value of a constant number; nil when it is not constant, NULL or no number.
    func constantDouble(_ index: Int) -> Double? {
        guard index < constants.count, let column = constants[index], column.count > 0, !column.isNull(0), argumentTypes[index].isNumeric,
            let value = try? Cast.apply(column, to: .double, rows: .all(1), count: 1)
        else { return nil }
        return value.values(as: Double.self)[value.element(of: 0)]
    }

    /// The values of a constant array of integers; nil when it is not constant, is or has NULL, or has other elements.
    func constantIntegers(_ index: Int) -> [Int64]? {
        guard index < constants.count, let column = constants[index], column.count > 0, case .array = column.type,
            let list = column.list(0), let elements = column.children.first
        else { return nil }
        let values = list.map { elements.isNull($0) ? nil : elements.integer($0) }
        return values.contains(nil) ? nil : values.compactMap { $0 }
    }

    /// The texts of a constant array, nil for NULL ones; nil when it is not constant, is NULL, or has other elements.
    func constantTexts(_ index: Int) -> [[UInt8]?]? {
        guard index < constants.count, let column = constants[index], column.count > 0, case .array(let type) = column.type,
            type.physical == .string, let list = column.list(0), let elements = column.children.first
        else { return nil }
        return list.map { elements.isNull($0) ? nil : Array(elements.stringAnyEncoding($0).bytes) }
    }

    /// The value of a constant BOOLEAN argument; nil when it is not constant or NULL.
    func constantBoolean(_ index: Int) -> Bool? {
        guard index < constants.count, let column = constants[index], column.count > 0, !column.isNull(0),
            column.type == .boolean
        else { return nil }
        return column.decoded(.all(column.count)).values(as: UInt8.self)[0] != 0
    }

    func isConstant(_ index: Int) -> Bool { index < constants.count && constants[index] != nil }

    func isNullConstant(_ index: Int) -> Bool {
        argumentTypes[index] == .void || (index < constants.count && constants[index].map { $0.isNull(0) } ?? false)
    }
}

extension Column {
    /// Row `row` of a column of integers, in any encoding; nil for other types.
    fileprivate func integer(_ row: Int) -> Int64? {
        let plain = decoded(.all(count))
        let element = plain.element(of: row)
        switch plain.type.physical {
        case .int8: return Int64(plain.values(as: Int8.self)[element])
        case .int16: return Int64(plain.values(as: Int16.self)[element])
        case .int32: return Int64(plain.values(as: Int32.self)[element])
        case .int64: return plain.values(as: Int64.self)[element]
        default: return nil
        }
    }
}
