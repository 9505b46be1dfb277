import Columnar
import Expressions
import Functions

/// Reads of structures, arrays and maps only the fields that something above needs. Types stay what they are: a field that
/// nobody looks at reads as NULL.
struct FieldPruning: OptimizerRule {
    static let name = "field_pruning"

    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan {
        var hasNested = false
        plan.forEachNode { node in
            if case .scan(let scan) = node, scan.columns.contains(where: { $0.output.type.isComplex }) { hasNested = true }
        }
        guard hasNested else { return plan }
        var uses = FieldUses(context)
        for output in plan.outputs { uses.add(.whole, of: output.id) }
        try uses.visit(plan)
        return plan.transformedUp { node in
            guard case .scan(var scan) = node else { return node }
            for index in scan.columns.indices {
                let output = scan.columns[index].output
                scan.columns[index].fields = (uses[output.id] ?? .whole).simplified(for: output.type)
            }
            return .scan(scan)
        }
    }
}

/// What a plan needs of its columns. Nodes are visited before what they read.
private struct FieldUses {
    private let context: OptimizerContext
    private var selections: [ColumnID: FieldSelection] = [:]

    init(_ context: OptimizerContext) { self.context = context }

    /// nil: nothing was said of the column.
    subscript(id: ColumnID) -> FieldSelection? { selections[id] }

    mutating func add(_ selection: FieldSelection, of id: ColumnID) {
        selections[id] = selections[id].map { $0.union(selection) } ?? selection
    }

    mutating func visit(_ plan: LogicalPlan) throws {
        try context.checkCancellation()
        switch plan {
        case .project(let node):
            for item in node.expressions { add(selections[item.output.id] ?? .whole, of: item.expression) }
        case .aggregate(let node):
            for group in node.groups { add(.whole, of: group.expression) }
            for call in node.aggregates.map(\.call) {
                // Whether it is NULL is all that a count looks at.
                let isCount = call.function.traits.slidingForm == .count && !call.isDistinct
                for argument in call.arguments { add(isCount ? .none : .whole, of: argument) }
                if let filter = call.filter { add(.whole, of: filter) }
            }
        case .union(let node):
            for input in node.inputs {
                for (output, source) in zip(node.outputs, input.outputs) {
                    add(selections[output.id] ?? .whole, of: source.id)
                }
            }
        case .lateralView(let node):
            add(node)
        case .sharedScan(let node):
            for column in node.columns { add(selections[column.output.id] ?? .whole, of: column.source) }
        case .with(let node):
            // Readers come before what they read.
            try visit(node.input)
            for subplan in node.subplans.reversed() { try visit(subplan.plan) }
            return
        case .branches(let node):
            for input in node.inputs { for output in input.outputs { add(.whole, of: output.id) } }
        case .recursion(let node):
            for output in node.anchor.outputs + node.step.outputs { add(.whole, of: output.id) }
        case .scan, .values, .filter, .join, .asofJoin, .window, .sort, .limit, .transform:
            for expression in plan.expressions { add(.whole, of: expression) }
        }
        for input in plan.inputs { try visit(input) }
    }

    private mutating func add(_ node: LogicalLateralView) {
        guard node.arguments.count == 1, !node.function.sources.isEmpty else {
            for argument in node.arguments { add(.whole, of: argument) }
            return
        }
        var selection = FieldSelection.none
        for (output, source) in zip(node.generated, node.function.sources) {
            guard let source, let wanted = selections[output.id] else { continue }
            selection.formUnion(source.reversed().reduce(wanted) { .only($1, $0) })
        }
        add(selection, of: node.arguments[0])
    }

    /// Adds what is needed of columns when `selection` is of the expression's value.
    private mutating func add(_ selection: FieldSelection, of expression: BoundExpression) {
        switch expression.kind {
        case .column(let id): add(selection, of: id)
        case .literal: return
        case .field(let base, let index):
            if case .array = base.type {
                // The field of each element.
                add(selection[0].map { .only(0, .only(index, $0)) } ?? .none, of: base)
            } else {
                add(.only(index, selection), of: base)
            }
        case .isNull(let operand), .isNotNull(let operand): add(.none, of: operand)
        case .conditional(let branches, let otherwise):
            for branch in branches {
                add(.whole, of: branch.condition)
                add(selection, of: branch.value)
            }
            if let otherwise { add(selection, of: otherwise) }
        case .coalesce(let operands): for operand in operands { add(selection, of: operand) }
        case .letting(let id, let value, let body):
            add(selection, of: body)
            add(selections[id] ?? .none, of: value)
        case .call(let call):
            guard let part = call.traits.part, let operand = call.arguments.first, operand.type.isComplex else {
                for argument in call.arguments { add(.whole, of: argument) }
                return
            }
            add(Self.selection(of: operand.type, part, selection), of: operand)
            for argument in call.arguments.dropFirst() { add(.whole, of: argument) }
        case .comparison, .cast, .and, .or, .not, .inList:
            for child in expression.children { add(.whole, of: child) }
        }
    }

    /// What a call that gives a part of its argument needs of that, when `selection` of its value is needed.
    private static func selection(
        of type: SQLType, _ part: ScalarTraits.Part, _ selection: FieldSelection
    ) -> FieldSelection {
        switch (part, type) {
        case (.length, _): .none
        case (.element, .array): .only(0, selection)
        case (.element, .map): FieldSelection(children: [0: .whole, 1: selection])
        case (.keys, .map): selection[0].map { .only(0, $0) } ?? .none
        case (.values, .map): selection[0].map { .only(1, $0) } ?? .none
        case (.element, _), (.keys, _), (.values, _): .whole
        }
    }
}
