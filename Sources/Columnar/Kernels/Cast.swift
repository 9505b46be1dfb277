/// What a conversion needs to know of its session.
package struct CastContext: Sendable {
    package var zone: ZoneRules
    /// `hive.int.timestamp.conversion.in.seconds`: integers become timestamps as seconds, not milliseconds.
    package var integersAreSeconds: Bool

    package init(zone: ZoneRules = .utc, integersAreSeconds: Bool = false) {
        self.zone = zone
        self.integersAreSeconds = integersAreSeconds
    }
}

/// Conversion of columns between types: `CAST`, and what is converted silently. What cannot be converted is NULL.
package enum Cast {
    /// Whether `CAST(from AS to)` is accepted.
    package static func isAllowed(_ from: SQLType, _ to: SQLType) -> Bool {
        if from == to || from == .void { return true }
        switch (from, to) {
        case (.array(let a), .array(let b)): return isAllowed(a, b)
        case (.map(let k1, let v1), .map(let k2, let v2)): return isAllowed(k1, k2) && isAllowed(v1, v2)
        case (.structure(let a), .structure(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { isAllowed($0.type, $1.type) }
        default: break
        }
        if from.isComplex || to.isComplex { return false }
        switch to {
        case .boolean, .tinyint, .smallint, .int, .bigint, .float, .double:
            return from.isNumeric || from.isCharacter || from == .boolean || from == .date || isTimestamp(from)
        case .decimal: return from.isNumeric || from.isCharacter || from == .boolean || isTimestamp(from)
        case .string, .varchar, .char: return true
        case .date: return from.isCharacter || isTimestamp(from)
        case .timestamp, .timestampLocalTimeZone:
            return from.isNumeric || from.isCharacter || from == .boolean || from == .date || isTimestamp(from)
        case .binary: return from.isCharacter
        case .intervalYearMonth, .intervalDayTime: return from.isCharacter
        case .void, .array, .map, .structure, .union: return false
        }
    }

    private static func isTimestamp(_ type: SQLType) -> Bool { type == .timestamp || type == .timestampLocalTimeZone }

    /// `column` as `type` for the selected rows. Shape: `count` rows, constant when the operand is; strings of the result
    /// may point at the operand's bytes.
    /// - Throws: `KernelError` when there is no such conversion (`isAllowed`).
    package static func apply(
        _ column: Column, to type: SQLType, rows: RowSelection, count: Int, context: CastContext = CastContext()
    ) throws -> Column {
        if column.type == type { return column }
        if column.type == .void { return .nulls(type, count: count) }
        let frame = UnaryFrame(column, rows, count)
        switch type {
        case .boolean: return try toBoolean(frame)
        case .tinyint: return try toInteger(frame, type, Int8.self)
        case .smallint: return try toInteger(frame, type, Int16.self)
        case .int: return try toInteger(frame, type, Int32.self)
        case .bigint: return try toInteger(frame, type, Int64.self)
        case .float: return try toFloat(frame)
        case .double: return try toDouble(frame)
        case .decimal(let precision, let scale): return try toDecimal(frame, type, precision, scale)
        case .string, .varchar, .char: return try toText(frame, type, context)
        case .binary: return try toBinary(frame)
        case .date: return try toDate(frame, context)
        case .timestamp, .timestampLocalTimeZone: return try toTimestamp(frame, type, context)
        case .intervalYearMonth, .intervalDayTime: return try toInterval(frame, type)
        case .array, .map, .structure: return try toNested(frame, type, context)
        case .void, .union: throw impossible(column.type, type)
        }
    }

    static func impossible(_ from: SQLType, _ to: SQLType) -> KernelError {
        KernelError("\(from) cannot be cast to \(to)")
    }

    private static func toNested(_ frame: UnaryFrame, _ type: SQLType, _ context: CastContext) throws -> Column {
        let operand = frame.operand
        guard isAllowed(operand.type, type) else { throw impossible(operand.type, type) }
        var children: [Column] = []
        for (child, childType) in zip(operand.children, type.childTypes) {
            let isRowWise = operand.type.physical == .structure && child.count == frame.count && !frame.isConstant
            children.append(
                try apply(
                    child, to: childType, rows: isRowWise ? frame.rows : .all(child.count), count: child.count,
                    context: context))
        }
        let result = frame.isConstant
            ? Column(constant: type, count: frame.count, children: children)
            : Column(flat: type, count: frame.count, children: children)
        if type.physical.stride > 0 {
            result.rawValues.copyMemory(from: operand.rawValues, byteCount: frame.length * type.physical.stride)
        }
        if let bits = operand.validity { result.setValidity(ValidityBitmap(copying: bits)) }
        return result
    }
}
