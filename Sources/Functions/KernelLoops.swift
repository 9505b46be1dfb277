import Columnar

// Row loops that scalar kernels are written with. They are generic over element types and take the row's computation as
// a closure; both disappear because the loops are inlined into this module's kernels, where all types are known.
//
// `body` of a `compute` sees only rows whose arguments are all valid, and answers nil for NULL. `body` of a `total`
// sees every selected row, placeholders of NULL rows included, so it must have a value for any bit pattern; it makes
// the loops that matter branch-free.

/// Where a kernel writes: the result column, the rows to compute, and which of them are valid.
struct ResultFrame {
    let column: Column
    let rows: RowSelection
    /// Rows whose arguments are all valid; nil for all. Shared with `column`.
    let validity: ValidityBitmap?
}

extension KernelInput {
    var isConstant: Bool { arguments.allSatisfy(\.isConstant) }

    /// A constant result when all arguments are constant, else a flat one; nil when the result is NULL for all rows.
    /// Strings of the result may point into the arguments' bytes: `heap` keeps those alive.
    func frame(_ type: SQLType, heap: StringHeap? = nil) -> ResultFrame? {
        if let heap {
            for argument in arguments where argument.type.physical == .string { heap.retain(argument) }
        }
        if isConstant, !arguments.isEmpty {
            for argument in arguments where argument.isNull(0) { return nil }
            return ResultFrame(
                column: Column(constant: type, count: count, heap: heap), rows: .all(1), validity: nil)
        }
        for argument in arguments where argument.isConstant && argument.isNull(0) { return nil }
        let column = Column(flat: type, count: count, heap: heap)
        let validity = ValidityBitmap.intersection(arguments, count: count)
        column.setValidity(validity)
        if validity != nil, type.physical == .string {
            column.values(as: StringView.self).initialize(repeating: StringView(), count: count)
        }
        return ResultFrame(column: column, rows: rows, validity: validity)
    }

    /// 0 for a constant argument, 1 for a flat one: the factor from a row to the argument's element.
    @inline(__always)
    func scale(_ index: Int) -> Int { arguments[index].isConstant ? 0 : 1 }
}

extension ResultFrame {
    /// Runs `body` for the rows whose arguments are valid.
    @inline(__always)
    func forEach(_ body: (Int) throws -> Void) rethrows {
        if let validity {
            try rows.forEach { row in
                if validity[row] { try body(row) }
            }
        } else {
            try rows.forEach(body)
        }
    }

    /// Stores a value, or NULL for nil.
    @inline(__always)
    func store<R: ColumnElement>(_ value: R?, at row: Int, in target: UnsafeMutablePointer<R>) {
        if let value {
            target[row] = value
        } else {
            target[row] = R.placeholder
            column.setNull(row)
        }
    }
}

extension KernelInput {
    // MARK: computations that may be NULL or throw

    @inline(__always)
    func compute<A: ColumnElement, R: ColumnElement>(
        _ type: SQLType, heap: StringHeap? = nil, _ body: (A) throws -> R?
    ) rethrows -> Column {
        guard let frame = frame(type, heap: heap) else { return .nulls(type, count: count) }
        let first = arguments[0].values(as: A.self)
        let target = frame.column.values(as: R.self)
        try frame.forEach { row in frame.store(try body(first[row]), at: row, in: target) }
        return frame.column
    }

    @inline(__always)
    func compute<A: ColumnElement, B: ColumnElement, R: ColumnElement>(
        _ type: SQLType, heap: StringHeap? = nil, _ body: (A, B) throws -> R?
    ) rethrows -> Column {
        guard let frame = frame(type, heap: heap) else { return .nulls(type, count: count) }
        let first = arguments[0].values(as: A.self), firstScale = scale(0)
        let second = arguments[1].values(as: B.self), secondScale = scale(1)
        let target = frame.column.values(as: R.self)
        try frame.forEach { row in
            frame.store(try body(first[row &* firstScale], second[row &* secondScale]), at: row, in: target)
        }
        return frame.column
    }

    @inline(__always)
    func compute<A: ColumnElement, B: ColumnElement, C: ColumnElement, R: ColumnElement>(
        _ type: SQLType, heap: StringHeap? = nil, _ body: (A, B, C) throws -> R?
    ) rethrows -> Column {
        guard let frame = frame(type, heap: heap) else { return .nulls(type, count: count) }
        let first = arguments[0].values(as: A.self), firstScale = scale(0)
        let second = arguments[1].values(as: B.self), secondScale = scale(1)
        let third = arguments[2].values(as: C.self), thirdScale = scale(2)
        let target = frame.column.values(as: R.self)
        try frame.forEach { row in
            let value = try body(first[row &* firstScale], second[row &* secondScale], third[row &* thirdScale])
            frame.store(value, at: row, in: target)
        }
        return frame.column
    }

    @inline(__always)
    func compute<A: ColumnElement, B: ColumnElement, C: ColumnElement, D: ColumnElement, R: ColumnElement>(
        _ type: SQLType, heap: StringHeap? = nil, _ body: (A, B, C, D) throws -> R?
    ) rethrows -> Column {
        guard let frame = frame(type, heap: heap) else { return .nulls(type, count: count) }
        let first = arguments[0].values(as: A.self), firstScale = scale(0)
        let second = arguments[1].values(as: B.self), secondScale = scale(1)
        let third = arguments[2].values(as: C.self), thirdScale = scale(2)
        let fourth = arguments[3].values(as: D.self), fourthScale = scale(3)
        let target = frame.column.values(as: R.self)
        try frame.forEach { row in
            let value = try body(
                first[row &* firstScale], second[row &* secondScale], third[row &* thirdScale],
                fourth[row &* fourthScale])
            frame.store(value, at: row, in: target)
        }
        return frame.column
    }

    // MARK: computations that have a value for every bit pattern

    @inline(__always)
    func total<A: ColumnElement, R: ColumnElement>(_ type: SQLType, _ body: (A) -> R) -> Column {
        guard let frame = frame(type) else { return .nulls(type, count: count) }
        let first = arguments[0].values(as: A.self)
        let target = frame.column.values(as: R.self)
        frame.rows.forEach { row in target[row] = body(first[row]) }
        return frame.column
    }

    @inline(__always)
    func total<A: ColumnElement, B: ColumnElement, R: ColumnElement>(_ type: SQLType, _ body: (A, B) -> R) -> Column {
        guard let frame = frame(type) else { return .nulls(type, count: count) }
        let first = arguments[0].values(as: A.self), firstScale = scale(0)
        let second = arguments[1].values(as: B.self), secondScale = scale(1)
        let target = frame.column.values(as: R.self)
        frame.rows.forEach { row in target[row] = body(first[row &* firstScale], second[row &* secondScale]) }
        return frame.column
    }

    // MARK: results built element by element

    /// For results that have no element of their own (ARRAY, MAP, STRUCT): `body` appends exactly one element for each
    /// selected row to the builder. Rows outside the selection become NULL. Arguments may be NULL in `body`.
    func build(_ type: SQLType, _ body: (Int, ColumnBuilder) throws -> Void) rethrows -> Column {
        let builder = ColumnBuilder(type, capacity: count)
        try rows.forEach { row in
            while builder.count < row { builder.appendNull() }
            try body(row, builder)
        }
        while builder.count < count { builder.appendNull() }
        return builder.finish()
    }
}

/// Namespace of small kernel factories shared by the families.
enum Kernels {
    /// The first argument, under another name of the same layout.
    static func identity(_ type: SQLType) -> ScalarKernel {
        { input in
            let argument = input.arguments[0]
            return argument.type == type ? argument : argument.retyped(type)
        }
    }
}
