import Columnar

/// A condition on one column that statistics can say to hold for no row of a part of a file.
package struct ColumnPredicate: Sendable {
    package enum Test: Sendable {
        /// `column op constant`; the constant has one row, of the predicate's type.
        case comparison(ComparisonOperator, Column)
        /// `column IN (constants)`
        case membership([Column])
        case isNull
        case isNotNull
    }

    /// The column's ordinal in the table's schema.
    package var ordinal: Int
    /// What the column is converted to before it is compared; the conversion keeps the order of values.
    package var type: SQLType
    package var test: Test

    package init(ordinal: Int, type: SQLType, test: Test) {
        self.ordinal = ordinal
        self.type = type
        self.test = test
    }
}

/// What is known of a column's values in some parts of a file (row groups, stripes), one row a part.
struct ColumnBounds {
    /// Bounds of the values that are not NULL; NULL where they are not known. NaN is left out of them.
    var minimum: Column
    var maximum: Column
    /// Whether there is a NULL, and whether there is anything else; nil: not known.
    var hasNull: [Bool?]
    var hasValue: [Bool?]

    var partCount: Int { hasNull.count }
}

extension ColumnPredicate {
    /// Marks the parts in which no row meets the predicate.
    /// - Parameter tableType: of the column.
    func exclude(_ bounds: ColumnBounds, tableType: SQLType, from kept: inout [Bool]) throws {
        let count = bounds.partCount
        for part in 0..<count {
            switch test {
            case .isNull: if bounds.hasNull[part] == false { kept[part] = false }
            case .comparison(.nullSafeEqual, _): break
            default: if bounds.hasValue[part] == false { kept[part] = false }
            }
        }
        let stored = bounds.minimum.type
        guard ColumnConversion.keepsOrder(stored, tableType), ColumnConversion.keepsOrder(tableType, type) else { return }
        func converted(_ column: Column) throws -> Column {
            let rows = RowSelection.all(count)
            let own = try Cast.apply(column, to: tableType, rows: rows, count: count)
            return try Cast.apply(own, to: type, rows: rows, count: count)
        }
        switch test {
        case .isNull, .isNotNull: return
        case .comparison(let operation, let constant):
            let minimum = try converted(bounds.minimum)
            let maximum = try converted(bounds.maximum)
            guard let outside = try outside(operation, constant, minimum, maximum, count) else { return }
            for part in 0..<count where outside[part] { kept[part] = false }
        case .membership(let constants):
            let minimum = try converted(bounds.minimum)
            let maximum = try converted(bounds.maximum)
            var outsideAll = [Bool](repeating: true, count: count)
            for constant in constants {
                guard let outside = try outside(.equal, constant, minimum, maximum, count) else { return }
                for part in 0..<count where !outside[part] { outsideAll[part] = false }
            }
            for part in 0..<count where outsideAll[part] { kept[part] = false }
        }
    }

    /// The values, as constants of one row, of which a column must have one to meet the predicate, as the file has them; nil when
    /// others may do too.
    /// - Parameters:
    ///   - stored: the column's type in the file.
    ///   - tableType: in the table, which the column becomes before it is converted for the predicate.
    package func requiredValues(stored: SQLType, tableType: SQLType) throws -> [Column]? {
        let constants: [Column]
        switch test {
        case .comparison(.equal, let constant), .comparison(.nullSafeEqual, let constant): constants = [constant]
        case .membership(let list): constants = list
        case .comparison, .isNull, .isNotNull: return nil
        }
        guard ColumnConversion.keepsDifferent(stored, tableType), ColumnConversion.keepsDifferent(tableType, type) else {
            return nil
        }
        var values: [Column] = []
        for constant in constants {
            guard constant.type == type, !constant.isNull(0) else { return nil }
            // What no value becomes is met by no row.
            if let value = try Self.origin(of: constant, stored, tableType) { values.append(value) }
        }
        return values
    }

    /// The stored value that becomes a constant; nil when there is none. Conversions keep different values different.
    private static func origin(of constant: Column, _ stored: SQLType, _ tableType: SQLType) throws -> Column? {
        let one = RowSelection.all(1)
        if stored == constant.type, tableType == stored { return constant.flattened(one) }
        func cast(_ column: Column, _ type: SQLType) throws -> Column {
            column.type == type ? column : try Cast.apply(column, to: type, rows: one, count: 1)
        }
        let value = try cast(constant, stored)
        let again = try cast(cast(value, tableType), constant.type)
        guard !value.isNull(0), !again.isNull(0) else { return nil }
        let isSame = try Comparison.apply(.equal, again, constant, rows: one, count: 1)
        guard !isSame.isNull(0), isSame.values(as: UInt8.self)[isSame.element(of: 0)] != 0 else { return nil }
        return value.flattened(one)
    }

    /// The parts between whose bounds no value compares so; nil when bounds do not tell.
    private func outside(
        _ operation: ComparisonOperator, _ constant: Column, _ minimum: Column, _ maximum: Column, _ count: Int
    ) throws -> [Bool]? {
        guard let outside = try outsideBounds(operation, constant, minimum, maximum, count) else { return nil }
        // Bounds that contradict each other say nothing.
        let isAbsurd = try Comparison.apply(.greater, minimum, maximum, rows: .all(count), count: count)
        return outside.indices.map { part in
            outside[part] && (isAbsurd.isNull(part) || isAbsurd.values(as: UInt8.self)[isAbsurd.element(of: part)] == 0)
        }
    }

    private func outsideBounds(
        _ operation: ComparisonOperator, _ constant: Column, _ minimum: Column, _ maximum: Column, _ count: Int
    ) throws -> [Bool]? {
        let constant = constant.withCount(count)
        // NaN, which no bound shows, is above every number.
        let mayHideNaN = type == .float || type == .double
        func holds(_ operation: ComparisonOperator, _ bound: Column) throws -> [Bool] {
            let result = try Comparison.apply(operation, bound, constant, rows: .all(count), count: count)
            return (0..<count).map { part in
                !result.isNull(part) && result.values(as: UInt8.self)[result.element(of: part)] != 0
            }
        }
        switch operation {
        case .less: return try holds(.greaterOrEqual, minimum)
        case .lessOrEqual: return try holds(.greater, minimum)
        case .greater: return mayHideNaN ? nil : try holds(.lessOrEqual, maximum)
        case .greaterOrEqual: return mayHideNaN ? nil : try holds(.less, maximum)
        case .equal:
            if mayHideNaN, Self.isNaN(constant) { return nil }
            return zip(try holds(.greater, minimum), try holds(.less, maximum)).map { $0 || $1 }
        case .notEqual, .nullSafeEqual: return nil
        }
    }

    private static func isNaN(_ constant: Column) -> Bool {
        switch constant.type {
        case .float: constant.values(as: Float.self)[0].isNaN
        case .double: constant.values(as: Double.self)[0].isNaN
        default: false
        }
    }
}
