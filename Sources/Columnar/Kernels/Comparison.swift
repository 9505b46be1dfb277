package enum ComparisonOperator: String, Sendable, Hashable, CaseIterable {
    case equal = "="
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    /// `<=>`: NULL equals NULL and nothing else; never NULL.
    case nullSafeEqual = "<=>"

    /// The operator that gives the same with its operands exchanged.
    package var mirrored: ComparisonOperator {
        switch self {
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        case .equal, .notEqual, .nullSafeEqual: self
        }
    }
}

/// A layout with Hive's order: NaN equals NaN and is above every number, and -0.0 equals 0.0.
protocol OrderedElement: ColumnElement {
    static func isEqual(_ left: Self, _ right: Self) -> Bool
    static func isLess(_ left: Self, _ right: Self) -> Bool
}

extension OrderedElement where Self: Comparable {
    @inline(__always) static func isEqual(_ left: Self, _ right: Self) -> Bool { left == right }
    @inline(__always) static func isLess(_ left: Self, _ right: Self) -> Bool { left < right }
}

extension UInt8: OrderedElement {}
extension Int8: OrderedElement {}
extension Int16: OrderedElement {}
extension Int32: OrderedElement {}
extension Int64: OrderedElement {}
extension Int128: OrderedElement {}
extension Timestamp: OrderedElement {}
extension StringView: OrderedElement {}

extension Float: OrderedElement {
    @inline(__always) static func isEqual(_ left: Float, _ right: Float) -> Bool {
        (left == right) != (left != left && right != right)
    }
    @inline(__always) static func isLess(_ left: Float, _ right: Float) -> Bool {
        (left < right) != (left == left && right != right)
    }
}

extension Double: OrderedElement {
    @inline(__always) static func isEqual(_ left: Double, _ right: Double) -> Bool {
        (left == right) != (left != left && right != right)
    }
    @inline(__always) static func isLess(_ left: Double, _ right: Double) -> Bool {
        (left < right) != (left == left && right != right)
    }
}

/// Comparisons of columns. Operands have a common type (`TypeCoercion.comparisonType`); decimals may differ in scale,
/// character strings in their declared length, and are compared byte by byte.
package enum Comparison {
    /// A BOOLEAN column: `left op right` for the selected rows, NULL where an operand is NULL (never for `<=>`).
    /// - Throws: `KernelError` when the types have no common type.
    package static func apply(
        _ operation: ComparisonOperator, _ left: Column, _ right: Column, rows: RowSelection, count: Int
    ) throws -> Column {
        if operation == .greater || operation == .greaterOrEqual {
            return try apply(operation.mirrored, right, left, rows: rows, count: count)
        }
        let frame = try commonFrame(left, right, rows, count)
        if operation == .nullSafeEqual { return nullSafeEqual(frame) }
        if frame.hasConstantNull { return .nulls(.boolean, count: count) }
        let result = frame.makeResult(.boolean)
        switch frame.left.type.physical {
        case .boolean: compare(operation, frame, result, UInt8.self)
        case .int8: compare(operation, frame, result, Int8.self)
        case .int16: compare(operation, frame, result, Int16.self)
        case .int32: compare(operation, frame, result, Int32.self)
        case .int64: compare(operation, frame, result, Int64.self)
        case .float: compare(operation, frame, result, Float.self)
        case .double: compare(operation, frame, result, Double.self)
        case .timestamp: compare(operation, frame, result, Timestamp.self)
        case .string: compareStrings(operation, frame, result)
        case .int128: compareDecimals(operation, frame, result)
        case .list, .structure, .union: compareNested(operation, frame, result)
        }
        return result
    }

    static func commonFrame(
        _ left: Column, _ right: Column, _ rows: RowSelection, _ count: Int
    ) throws -> BinaryFrame {
        if left.type == right.type || (left.type.isCharacter && right.type.isCharacter) {
            return BinaryFrame(left, right, rows, count)
        }
        if case .decimal = left.type, case .decimal = right.type { return BinaryFrame(left, right, rows, count) }
        if left.type == .void { return BinaryFrame(.nulls(right.type, count: count), right, rows, count) }
        if right.type == .void { return BinaryFrame(left, .nulls(left.type, count: count), rows, count) }
        guard let type = TypeCoercion.comparisonType(left.type, right.type) else {
            throw KernelError("\(left.type) cannot be compared with \(right.type)")
        }
        return BinaryFrame(
            left.type == type ? left : try Cast.apply(left, to: type, rows: rows, count: count),
            right.type == type ? right : try Cast.apply(right, to: type, rows: rows, count: count), rows, count)
    }

    private static func compare<T: OrderedElement>(
        _ operation: ComparisonOperator, _ frame: BinaryFrame, _ result: Column, _: T.Type
    ) {
        switch operation {
        case .equal, .nullSafeEqual:
            mapElements(frame, into: result, T.self, T.self, UInt8.self) { T.isEqual($0, $1) ? 1 : 0 }
        case .notEqual:
            mapElements(frame, into: result, T.self, T.self, UInt8.self) { T.isEqual($0, $1) ? 0 : 1 }
        case .less, .greater:
            mapElements(frame, into: result, T.self, T.self, UInt8.self) { T.isLess($0, $1) ? 1 : 0 }
        case .lessOrEqual, .greaterOrEqual:
            mapElements(frame, into: result, T.self, T.self, UInt8.self) { T.isLess($1, $0) ? 0 : 1 }
        }
    }

    private static func compareStrings(_ operation: ComparisonOperator, _ frame: BinaryFrame, _ result: Column) {
        typealias Text = StringView
        switch operation {
        case .equal, .nullSafeEqual:
            mapSelectedElements(frame, into: result, Text.self, Text.self, UInt8.self) { $0 == $1 ? 1 : 0 }
        case .notEqual:
            mapSelectedElements(frame, into: result, Text.self, Text.self, UInt8.self) { $0 == $1 ? 0 : 1 }
        case .less, .greater:
            mapSelectedElements(frame, into: result, Text.self, Text.self, UInt8.self) { Text.compare($0, $1) < 0 ? 1 : 0 }
        case .lessOrEqual, .greaterOrEqual:
            mapSelectedElements(frame, into: result, Text.self, Text.self, UInt8.self) { Text.compare($0, $1) <= 0 ? 1 : 0 }
        }
    }

    private static func compareDecimals(_ operation: ComparisonOperator, _ frame: BinaryFrame, _ result: Column) {
        guard case .decimal(let leftPrecision, let leftScale) = frame.left.type,
            case .decimal(let rightPrecision, let rightScale) = frame.right.type, leftScale != rightScale
        else { return compare(operation, frame, result, Int128.self) }
        let common = max(leftScale, rightScale)
        if max(leftPrecision - leftScale, rightPrecision - rightScale) + common <= 38 {
            let leftFactor = Decimals.powerOfTen(common - leftScale)
            let rightFactor = Decimals.powerOfTen(common - rightScale)
            switch operation {
            case .equal, .nullSafeEqual:
                mapElements(frame, into: result, Int128.self, Int128.self, UInt8.self) {
                    $0 &* leftFactor == $1 &* rightFactor ? 1 : 0
                }
            case .notEqual:
                mapElements(frame, into: result, Int128.self, Int128.self, UInt8.self) {
                    $0 &* leftFactor == $1 &* rightFactor ? 0 : 1
                }
            case .less, .greater:
                mapElements(frame, into: result, Int128.self, Int128.self, UInt8.self) {
                    $0 &* leftFactor < $1 &* rightFactor ? 1 : 0
                }
            case .lessOrEqual, .greaterOrEqual:
                mapElements(frame, into: result, Int128.self, Int128.self, UInt8.self) {
                    $0 &* leftFactor <= $1 &* rightFactor ? 1 : 0
                }
            }
            return
        }
        mapSelectedElements(frame, into: result, Int128.self, Int128.self, UInt8.self) { left, right in
            holds(operation, Decimals.compare(left, scale: leftScale, right, scale: rightScale)) ? 1 : 0
        }
    }

    private static func compareNested(_ operation: ComparisonOperator, _ frame: BinaryFrame, _ result: Column) {
        let target = result.values(as: UInt8.self)
        let bits = result.validity
        frame.rows.forEach { row in
            target[row] = 0
            if let bits, !bits[row] { return }
            let order = RowComparator.compare(frame.left, row, frame.right, row)
            target[row] = holds(operation, order) ? 1 : 0
        }
    }

    @inline(__always)
    static func holds(_ operation: ComparisonOperator, _ order: Int) -> Bool {
        switch operation {
        case .equal, .nullSafeEqual: order == 0
        case .notEqual: order != 0
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .greater: order > 0
        case .greaterOrEqual: order >= 0
        }
    }

    private static func nullSafeEqual(_ frame: BinaryFrame) -> Column {
        let result = frame.makeResult(.boolean, keepingNulls: false)
        switch frame.left.type.physical {
        case .boolean: compare(.equal, frame, result, UInt8.self)
        case .int8: compare(.equal, frame, result, Int8.self)
        case .int16: compare(.equal, frame, result, Int16.self)
        case .int32: compare(.equal, frame, result, Int32.self)
        case .int64: compare(.equal, frame, result, Int64.self)
        case .float: compare(.equal, frame, result, Float.self)
        case .double: compare(.equal, frame, result, Double.self)
        case .timestamp: compare(.equal, frame, result, Timestamp.self)
        case .string: compareStrings(.equal, frame, result)
        case .int128: compareDecimals(.equal, frame, result)
        case .list, .structure, .union: compareNested(.equal, frame, result)
        }
        let leftBits = frame.left.validity
        let rightBits = frame.right.validity
        guard leftBits != nil || rightBits != nil else { return result }
        let target = result.values(as: UInt8.self)
        let leftScale = frame.leftScale
        let rightScale = frame.rightScale
        frame.rows.forEach { row in
            let left = leftBits.map { $0[row &* leftScale] } ?? true
            let right = rightBits.map { $0[row &* rightScale] } ?? true
            if !left || !right { target[row] = left == right ? 1 : 0 }
        }
        return result
    }
}
