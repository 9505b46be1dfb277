import Columnar
import Functions

/// One worker's state of an `ExpressionProgram`: evaluates it batch by batch.
///
/// A value is computed for the rows of the scope that asks first. Scopes nest: inside a branch of CASE only the
/// branch's rows are computed, and what was computed outside is seen inside. A value that every row needs is computed
/// for all rows even when a branch asks first.
package final class ExpressionEvaluator {
    private struct Scope {
        let rows: RowSelection
        let identity: Int
    }

    private struct CacheEntry {
        var column: Column
        var depth: Int
        var scope: Int
    }

    package let program: ExpressionProgram
    private let context: EvaluationContext
    private let castContext: CastContext
    private var batch = Batch(columns: [], capacity: 0)
    /// The place of the last batch, and how many rows came before it and with it from there.
    private var place: (sequence: BatchSequence, before: Int, through: Int)?
    private var scopes: [Scope] = []
    private var depth = 0
    private var nextIdentity = 0
    private var cache: [CacheEntry?]
    /// Constants by node, remade when the length of batches changes.
    private var constants: [Column?]

    package init(_ program: ExpressionProgram, context: EvaluationContext) {
        self.program = program
        self.context = context
        castContext = context.castContext
        cache = Array(repeating: nil, count: program.nodes.count)
        constants = cache.map { _ in nil }
    }

    private var rows: RowSelection { scopes[depth].rows }

    /// Begins with another batch. Columns given out before stay valid.
    package func begin(_ batch: Batch) {
        self.batch = batch
        let before = place.map { $0.sequence == batch.sequence ? $0.through : 0 } ?? 0
        place = (batch.sequence, before, before + batch.capacity)
        nextIdentity += 1
        scopes.removeAll(keepingCapacity: true)
        scopes.append(Scope(rows: batch.rows, identity: nextIdentity))
        depth = 0
    }

    /// Forgets the batch, so that its buffers can go.
    package func end() {
        batch = Batch(columns: [], capacity: 0)
        for node in cache.indices { cache[node] = nil }
    }

    /// The value of a root for the batch's rows; a column of the input is handed through as it is.
    package func result(_ root: Int) throws -> Column {
        let node = program.roots[root]
        if case .column(let position) = program.nodes[node].operation { return batch.columns[position] }
        return try value(node)
    }

    /// The value of a root, flat or constant.
    package func plainResult(_ root: Int) throws -> Column { try value(program.roots[root]) }

    /// The batch's rows for which a BOOLEAN root is TRUE.
    package func selection(_ root: Int) throws -> RowSelection { try select(program.roots[root], wanting: true) }

    /// The batch's rows for which all roots are TRUE; a later root is evaluated on the rows that are left.
    package func conjunction() throws -> RowSelection {
        var kept = batch.rows
        for root in program.roots {
            if kept.isEmpty { break }
            kept = try within(kept) { try select(root, wanting: true) }
        }
        return kept
    }

    // MARK: scopes

    private func within<Result>(_ rows: RowSelection, _ body: () throws -> Result) rethrows -> Result {
        if rows.count == self.rows.count { return try body() }
        nextIdentity += 1
        let outer = depth
        scopes.removeSubrange((outer + 1)...)
        scopes.append(Scope(rows: rows, identity: nextIdentity))
        depth = outer + 1
        defer { depth = outer }
        return try body()
    }

    /// Scopes deeper than the outermost are put aside while a value for all rows is computed.
    private func outermost<Result>(_ body: () throws -> Result) rethrows -> Result {
        let saved = scopes
        let inner = depth
        depth = 0
        defer {
            scopes = saved
            depth = inner
        }
        return try body()
    }

    // MARK: values

    /// A flat or constant column, right in the rows of the scope.
    private func value(_ node: Int) throws -> Column {
        if let entry = cache[node], entry.depth <= depth, scopes[entry.depth].identity == entry.scope {
            return entry.column
        }
        let known = program.nodes[node]
        switch known.operation {
        case .literal(let literal):
            if let constant = constants[node], constant.count == batch.capacity { return constant }
            let constant = constants[node]?.withCount(batch.capacity)
                ?? literal.column(type: known.type, count: batch.capacity)
            constants[node] = constant
            return constant
        case .column(let position):
            let column = batch.columns[position].decoded(scopes[0].rows)
            cache[node] = CacheEntry(column: column, depth: 0, scope: scopes[0].identity)
            return column
        default: break
        }
        if known.isUnconditional, depth > 0 { return try outermost { try value(node) } }
        if known.landing >= 0 { try evaluateLandings(below: node) }
        let column = try compute(known)
        cache[node] = CacheEntry(column: column, depth: depth, scope: scopes[depth].identity)
        return column
    }

    /// Values down a long chain of operands, the innermost first.
    private func evaluateLandings(below node: Int) throws {
        var open: [Int] = []
        var next = program.nodes[node].landing
        while next >= 0, !isKnown(next) {
            open.append(next)
            next = program.nodes[next].landing
        }
        for landing in open.reversed() { _ = try value(landing) }
    }

    private func isKnown(_ node: Int) -> Bool {
        guard let entry = cache[node] else { return false }
        return entry.depth <= depth && scopes[entry.depth].identity == entry.scope
    }

    private func compute(_ node: ExpressionProgram.Node) throws -> Column {
        let rows = rows
        let count = batch.capacity
        switch node.operation {
        case .column(let position): return batch.columns[position].decoded(rows)
        case .literal(let literal): return literal.column(type: node.type, count: count)
        case .call(let kernel, let nodes):
            return try call(kernel, try nodes.map { try value($0) }, node.type, rows)
        case .comparison(let operation, let left, let right):
            return try Comparison.apply(operation, try value(left), try value(right), rows: rows, count: count)
        case .cast(let operand):
            return try Cast.apply(
                try value(operand), to: node.type, rows: rows, count: count, context: castContext)
        case .and(let operands): return try connective(operands, absorbing: 0)
        case .or(let operands): return try connective(operands, absorbing: 1)
        case .not(let operand): return BooleanLogic.not(try value(operand), rows: rows, count: count)
        case .isNull(let operand): return BooleanLogic.isNull(try value(operand), rows: rows, count: count)
        case .isNotNull(let operand): return BooleanLogic.isNotNull(try value(operand), rows: rows, count: count)
        case .conditional(let branches, let otherwise):
            var pieces: [(rows: RowSelection, column: Column)] = []
            var left = rows
            for branch in branches {
                if left.isEmpty { break }
                let taken = try within(left) { try select(branch.condition, wanting: true) }
                if taken.isEmpty { continue }
                pieces.append((taken, try within(taken) { try value(branch.value) }))
                left = left.subtracting(taken)
            }
            if let otherwise, !left.isEmpty { pieces.append((left, try within(left) { try value(otherwise) })) }
            return Column.blended(pieces, type: node.type, rows: rows, count: count)
        case .coalesce(let operands):
            var pieces: [(rows: RowSelection, column: Column)] = []
            var left = rows
            for operand in operands {
                if left.isEmpty { break }
                let column = try within(left) { try value(operand) }
                let valid = BooleanLogic.select(validRowsOf: column, rows: left)
                if valid.isEmpty { continue }
                pieces.append((valid, column))
                left = left.subtracting(valid)
            }
            return Column.blended(pieces, type: node.type, rows: rows, count: count)
        case .inList(let operand, let list):
            let column = try value(operand)
            let valid = BooleanLogic.select(validRowsOf: column, rows: rows)
            let (found, others) = try members(column, list, valid)
            let pieces = [
                (rows: found, column: Column.constant(UInt8(1), type: .boolean, count: count)),
                (others, .constant(UInt8(0), type: .boolean, count: count)),
            ]
            return Column.blended(pieces, type: .boolean, rows: rows, count: count)
        case .field(let operand, let index):
            return try value(operand).field(index, type: node.type)
        }
    }

    /// Long texts go through a kernel some rows at a time, so that the statement can be ended meanwhile.
    private func call(
        _ kernel: ScalarKernel, _ arguments: [Column], _ type: SQLType, _ rows: RowSelection
    ) throws -> Column {
        try context.checkCancellation()
        func apply(_ rows: RowSelection) throws -> Column {
            try kernel(
                KernelInput(
                    arguments: arguments, rows: rows, count: batch.capacity, context: context, sequence: batch.sequence,
                    firstRow: place?.before ?? 0))
        }
        let texts = arguments.filter { $0.type.physical == .string && !$0.isConstant }
        var bytes = 0
        for text in texts {
            let values = UnsafePointer(text.values(as: StringView.self))
            rows.forEach { bytes &+= Int(values[$0].length) }
        }
        guard bytes > Self.bytesWithoutCheck, rows.count > 1 else { return try apply(rows) }
        let size = max(rows.count / (bytes / Self.bytesWithoutCheck + 1), 1)
        var pieces: [(rows: RowSelection, column: Column)] = []
        var begin = 0
        while begin < rows.count {
            try context.checkCancellation()
            let part = rows.dropFirst(begin).prefix(size)
            pieces.append((part, try apply(part)))
            begin += size
        }
        return Column.blended(pieces, type: type, rows: rows, count: batch.capacity)
    }

    private static let bytesWithoutCheck = 1 << 20

    /// AND (absorbing FALSE) and OR (absorbing TRUE): later operands are evaluated where no earlier one decided.
    private func connective(_ operands: [Int], absorbing: UInt8) throws -> Column {
        let rows = rows
        let count = batch.capacity
        let result = Column(flat: .boolean, count: count)
        let target = result.values(as: UInt8.self)
        target.initialize(repeating: 1 - absorbing, count: count)
        var undecided = rows
        var bits: ValidityBitmap?
        for operand in operands {
            if undecided.isEmpty { break }
            let column = try within(undecided) { try value(operand) }
            let values = UnsafePointer(column.values(as: UInt8.self))
            let validity = column.validity
            if column.isConstant {
                if validity.map({ !$0[0] }) ?? false {
                    let marks = bits ?? result.makeValidity()
                    bits = marks
                    undecided.forEach { marks.clear($0) }
                } else if values[0] == absorbing {
                    undecided.forEach { target[$0] = absorbing }
                    if let bits { undecided.forEach { bits.set($0) } }
                    undecided = undecided.subtracting(undecided)
                }
                continue
            }
            if let validity {
                let marks = bits ?? result.makeValidity()
                bits = marks
                undecided = undecided.filtered(capacity: undecided.count) { row in
                    if !validity[row] {
                        marks.clear(row)
                        return true
                    }
                    if values[row] != absorbing { return true }
                    target[row] = absorbing
                    marks.set(row)
                    return false
                }
            } else if let marks = bits {
                undecided = undecided.filtered(capacity: undecided.count) { row in
                    if values[row] != absorbing { return true }
                    target[row] = absorbing
                    marks.set(row)
                    return false
                }
            } else {
                undecided = undecided.filtered(capacity: undecided.count) { row in
                    target[row] = values[row]
                    return values[row] != absorbing
                }
            }
        }
        return result
    }

    /// `valid` rows of `column` whose value is in the list, and those whose value is surely not.
    private func members(
        _ column: Column, _ list: MembershipList, _ valid: RowSelection
    ) throws -> (found: RowSelection, others: RowSelection) {
        func outside(_ found: RowSelection) -> RowSelection {
            list.hasNull ? RowSelection(SelectionVector(capacity: 0)) : valid.subtracting(found)
        }
        if list.isSearchable {
            let found = list.select(column, rows: valid)
            return (found, outside(found))
        }
        var pieces: [RowSelection] = []
        var left = valid
        var nullable: [Column] = []
        for node in list.nodes {
            if left.isEmpty { break }
            let item = try within(left) { try value(node) }
            if item.mayHaveNulls { nullable.append(item) }
            let found = try Comparison.select(.equal, column, item, rows: left, count: batch.capacity)
            if found.isEmpty { continue }
            pieces.append(found)
            left = left.subtracting(found)
        }
        let found = RowSelection.union(pieces, within: valid)
        // What was compared with a NULL is not outside.
        let others = nullable.reduce(outside(found)) { BooleanLogic.select(validRowsOf: $1, rows: $0) }
        return (found, others)
    }

    // MARK: selections

    /// The rows of the scope for which a BOOLEAN node is TRUE (or, if not `wanting`, FALSE). NULL is neither.
    private func select(_ node: Int, wanting: Bool) throws -> RowSelection {
        let rows = rows
        let known = program.nodes[node]
        switch known.operation {
        case .not(let operand): return try select(operand, wanting: !wanting)
        case .and(let operands), .or(let operands):
            var isChain = wanting
            if case .or = known.operation { isChain = !wanting }
            if isChain {
                var kept = rows
                for operand in operands {
                    if kept.isEmpty { break }
                    kept = try within(kept) { try select(operand, wanting: wanting) }
                }
                return kept
            }
            var pieces: [RowSelection] = []
            var left = rows
            for operand in operands {
                if left.isEmpty { break }
                let found = try within(left) { try select(operand, wanting: wanting) }
                if found.isEmpty { continue }
                pieces.append(found)
                left = left.subtracting(found)
            }
            return RowSelection.union(pieces, within: rows)
        case .comparison(let operation, let left, let right):
            guard wanting || operation != .nullSafeEqual else { break }
            let effective = wanting ? operation : operation.complement
            return try Comparison.select(
                effective, try value(left), try value(right), rows: rows, count: batch.capacity)
        case .isNull(let operand), .isNotNull(let operand):
            let column = try value(operand)
            var wantsValid = !wanting
            if case .isNotNull = known.operation { wantsValid = wanting }
            let valid = BooleanLogic.select(validRowsOf: column, rows: rows)
            return wantsValid ? valid : rows.subtracting(valid)
        case .inList(let operand, let list):
            let column = try value(operand)
            let valid = BooleanLogic.select(validRowsOf: column, rows: rows)
            let (found, others) = try members(column, list, valid)
            return wanting ? found : others
        case .literal(.integer(let truth)): return (truth != 0) == wanting ? rows : rows.subtracting(rows)
        case .literal(.null): return rows.subtracting(rows)
        default: break
        }
        let truth = try value(node)
        if wanting { return BooleanLogic.select(trueRowsOf: truth, rows: rows) }
        let valid = BooleanLogic.select(validRowsOf: truth, rows: rows)
        return BooleanLogic.select(otherThanTrueRowsOf: truth, rows: valid)
    }
}

extension ComparisonOperator {
    /// The operator that is TRUE where this one is FALSE; values are totally ordered.
    fileprivate var complement: ComparisonOperator {
        switch self {
        case .equal: .notEqual
        case .notEqual: .equal
        case .less: .greaterOrEqual
        case .lessOrEqual: .greater
        case .greater: .lessOrEqual
        case .greaterOrEqual: .less
        case .nullSafeEqual: .nullSafeEqual
        }
    }
}
