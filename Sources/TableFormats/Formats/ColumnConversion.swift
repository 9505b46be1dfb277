import Columnar

/// How a stored column becomes one of a table's type: Hive reads files whose columns have other types than the table's by
/// converting what can be converted, and gives NULL for the rest.
package indirect enum ColumnConversion: Sendable {
    case none
    /// As `CAST`.
    case cast(SQLType)
    /// As `CAST`, but a number that the integer type does not hold is NULL.
    case narrowed(SQLType)
    /// A TIMESTAMP that was written as an instant becomes the session zone's, then what the table wants of one.
    case fromInstant(ColumnConversion)
    case list(SQLType, [ColumnConversion])
    /// For each field the stored one, or nil for a field that files do not have.
    case structure(SQLType, [(stored: Int, conversion: ColumnConversion)?])
    /// There is no such conversion.
    case nulls(SQLType)

    /// - Parameters:
    ///   - matching: how fields of structures are found.
    ///   - hasInstants: whether what is stored as TIMESTAMP are instants, in UTC.
    ///   - keepsOverflow: whether numbers that an integer type does not hold become what `CAST` makes of them, not NULL.
    package init(
        _ stored: SQLType, to type: SQLType, matching: ColumnMatching, hasInstants: Bool = false, keepsOverflow: Bool = false
    ) {
        if stored == type, !hasInstants || !stored.contains(.timestamp) {
            self = .none
            return
        }
        func inner(_ from: SQLType, _ to: SQLType) -> ColumnConversion {
            ColumnConversion(from, to: to, matching: matching, hasInstants: hasInstants, keepsOverflow: keepsOverflow)
        }
        switch (stored, type) {
        case (.timestamp, _) where hasInstants:
            self = .fromInstant(ColumnConversion(stored, to: type, matching: matching, keepsOverflow: keepsOverflow))
        case (.array(let from), .array(let to)): self = .list(type, [inner(from, to)])
        case (.map(let fromKey, let fromValue), .map(let toKey, let toValue)):
            self = .list(type, [inner(fromKey, toKey), inner(fromValue, toValue)])
        case (.structure(let from), .structure(let to)):
            let places = matching.places(of: to.map(\.name), among: from.map(\.name))
            self = .structure(
                type,
                zip(places, to).map { place, field in
                    place.map { ($0, inner(from[$0].type, field.type)) }
                })
        case (.union(let from), .union(let to)) where from.count == to.count:
            self = .structure(
                type,
                zip(from, to).enumerated().map { number, types in (number, inner(types.0, types.1)) })
        case (.binary, .string), (.binary, .varchar), (.binary, .char):
            self = .cast(type)
        case (_, .tinyint), (_, .smallint), (_, .int), (_, .bigint):
            switch stored {
            case .smallint, .int, .bigint, .float, .double:
                self = keepsOverflow || Self.keepsOrder(stored, type) ? .cast(type) : .narrowed(type)
            default: self = Cast.isAllowed(stored, type) ? .cast(type) : .nulls(type)
            }
        default:
            self = Cast.isAllowed(stored, type) ? .cast(type) : .nulls(type)
        }
    }

    package var isNone: Bool { if case .none = self { true } else { false } }

    /// The column as one of the wanted type. Dictionaries stay dictionaries.
    package func apply(_ column: Column, context: CastContext) throws -> Column {
        if case .none = self { return column }
        if column.encoding == .dictionary, let base = column.base {
            return .dictionary(try apply(base, context: context), indices: column.indices, count: column.count)
        }
        switch self {
        case .none: return column
        case .nulls(let type): return .nulls(type, count: column.count)
        case .fromInstant(let next):
            let instants = column.retyped(.timestampLocalTimeZone)
            let local = try Cast.apply(
                instants, to: .timestamp, rows: .all(column.count), count: column.count, context: context)
            return try next.apply(local, context: context)
        case .cast(let type):
            let converted = try Cast.apply(column, to: type, rows: .all(column.count), count: column.count, context: context)
            // Bytes of strings may be the operand's.
            converted.heap = converted.heap ?? column.heap
            return converted
        case .narrowed(let type): return try Self.narrowed(column, type, context)
        case .list(let type, let conversions):
            let children = try zip(column.children, conversions).map { child, conversion in
                try conversion.apply(child, context: context).flattened(.all(child.count))
            }
            return Self.parent(column, type, children)
        case .structure(let type, let fields):
            let rows = column.isConstant ? 1 : column.count
            let children = try zip(fields, type.childTypes).map { field, type -> Column in
                guard let field, column.children.indices.contains(field.stored) else {
                    return Column.nulls(type, count: rows).flattened(.all(rows))
                }
                let child = column.children[field.stored]
                let converted = try field.conversion.apply(child, context: context)
                return converted.isConstant ? converted : converted.flattened(.all(child.count))
            }
            return Self.parent(column, type, children)
        }
    }

    private static func narrowed(_ column: Column, _ type: SQLType, _ context: CastContext) throws -> Column {
        func cast(_ column: Column, _ type: SQLType) throws -> Column {
            try Cast.apply(column, to: type, rows: .all(column.count), count: column.count, context: context)
        }
        let converted = try cast(column, type)
        let rows = converted.isConstant ? 1 : converted.count
        let isWhole = column.type != .float && column.type != .double
        // What became of the numbers, beside what was stored.
        let (result, stored) = (try cast(converted, isWhole ? .bigint : .double), try cast(column, isWhole ? .bigint : .double))
        if isWhole {
            let (results, values) = (result.elements(as: Int64.self), stored.elements(as: Int64.self))
            for row in 0..<rows where results[row] != values[row] && !converted.isNull(row) { converted.setNull(row) }
        } else {
            let (results, values) = (result.elements(as: Double.self), stored.elements(as: Double.self))
            // The fraction is cut off; NaN is near nothing.
            for row in 0..<rows where !(abs(results[row] - values[row]) < 1) && !converted.isNull(row) { converted.setNull(row) }
        }
        return converted
    }

    /// A column with the elements of `column` and other children.
    private static func parent(_ column: Column, _ type: SQLType, _ children: [Column]) -> Column {
        let result =
            column.isConstant
            ? Column(constant: type, count: column.count, children: children)
            : Column(flat: type, count: column.count, children: children)
        result.rawValues.copyMemory(
            from: column.rawValues, byteCount: (column.isConstant ? 1 : column.count) * type.physical.stride)
        result.setValidity(column.validity)
        return result
    }

    /// Whether two different values are different when both are converted, where that gives values at all.
    package static func keepsDifferent(_ stored: SQLType, _ type: SQLType) -> Bool {
        guard keepsOrder(stored, type) else { return false }
        switch (stored, type) {
        case (.int, .float), (.bigint, .float), (.bigint, .double): return stored == type
        default: return true
        }
    }

    /// Whether a value that is not above another one is not above it either when both are converted.
    package static func keepsOrder(_ stored: SQLType, _ type: SQLType) -> Bool {
        if stored == type { return !stored.isComplex }
        switch (stored, type) {
        case (.varchar, .string): return true
        case (.date, .timestamp): return true
        case (.float, .double): return true
        case (.tinyint, .smallint), (.tinyint, .int), (.tinyint, .bigint), (.smallint, .int), (.smallint, .bigint),
            (.int, .bigint):
            return true
        case (.tinyint, _), (.smallint, _), (.int, _), (.bigint, _):
            switch type {
            case .float, .double, .decimal: return true
            default: return false
            }
        case (.decimal(_, let from), .decimal(_, let to)): return to >= from
        default: return false
        }
    }
}

extension ColumnConversion {
    /// Whether no value becomes NULL.
    /// - Parameter stored: the type that is converted.
    func keepsValues(of stored: SQLType) -> Bool {
        switch self {
        case .none, .list, .structure: true
        case .fromInstant(let next): next.keepsValues(of: .timestamp)
        case .nulls, .narrowed: false
        case .cast(let type):
            switch (stored, type) {
            case (.string, .varchar), (.string, .char), (.varchar, .string), (.varchar, .varchar), (.varchar, .char),
                (.char, .string), (.char, .varchar), (.char, .char):
                true
            default: Self.keepsExtremes(stored, type)
            }
        }
    }

    /// Which parts of a stored value those parts of the converted one are made of.
    func storedFields(_ wanted: FieldSelection) -> FieldSelection {
        switch self {
        case .none: return wanted
        case .cast, .narrowed, .fromInstant: return .whole
        case .nulls: return FieldSelection.none
        case .list(_, let conversions):
            var stored: [Int: FieldSelection] = [:]
            for (child, conversion) in conversions.enumerated() {
                if let part = wanted[child] { stored[child] = conversion.storedFields(part) }
            }
            return FieldSelection(children: stored)
        case .structure(.structure, let fields):
            var stored: [Int: FieldSelection] = [:]
            for (child, field) in fields.enumerated() {
                guard let field, let part = wanted[child] else { continue }
                let own = field.conversion.storedFields(part)
                stored[field.stored] = stored[field.stored].map { $0.union(own) } ?? own
            }
            return FieldSelection(children: stored)
        case .structure: return .whole
        }
    }

    /// Whether the least value becomes the least one, and no value becomes NULL.
    func keepsExtremes(of stored: SQLType) -> Bool {
        switch self {
        case .none: !stored.isComplex
        case .cast(let type): Self.keepsExtremes(stored, type)
        case .fromInstant, .narrowed, .list, .structure, .nulls: false
        }
    }

    private static func keepsExtremes(_ stored: SQLType, _ type: SQLType) -> Bool {
        guard keepsOrder(stored, type) else { return false }
        // Integers need digits enough before the point.
        switch (stored, type) {
        case (.decimal(let precision, let scale), .decimal(let wider, let finer)): return wider - finer >= precision - scale
        case (.tinyint, .decimal(let precision, let scale)): return precision - scale >= 3
        case (.smallint, .decimal(let precision, let scale)): return precision - scale >= 5
        case (.int, .decimal(let precision, let scale)): return precision - scale >= 10
        case (.bigint, .decimal(let precision, let scale)): return precision - scale >= 19
        default: return true
        }
    }
}

/// How columns and fields are found in files.
package enum ColumnMatching: Sendable, Hashable {
    /// By name, whatever the case of its letters.
    case name
    case position

    /// For each wanted name its place among the stored ones.
    package func places(of wanted: [String], among stored: [String]) -> [Int?] {
        switch self {
        case .position: return wanted.indices.map { stored.indices.contains($0) ? $0 : nil }
        case .name:
            var places: [String: Int] = [:]
            for (place, name) in stored.enumerated().reversed() { places[name.lowercased()] = place }
            return wanted.map { places[$0.lowercased()] }
        }
    }
}

extension SQLType {
    /// Whether it is another type or has parts of that type.
    fileprivate func contains(_ type: SQLType) -> Bool { self == type || childTypes.contains { $0.contains(type) } }
}
