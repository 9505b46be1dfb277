import Columnar
import Expressions
import Functions
import Planner

/// What all workers of a window operator share.
final class WindowPlan: @unchecked Sendable {
    // Unchecked: nothing in it changes after `init`.
    /// Where an argument's values come from.
    enum Source {
        /// A kept column.
        case column(Int)
        case literal(LiteralValue, SQLType)
    }

    struct Function {
        let named: NamedWindowFunction
        let arguments: [Source]
    }

    let program: ExpressionProgram
    let inputWidth: Int
    /// The input's columns, then computed values.
    let types: [SQLType]
    /// Roots that are kept beside the input's columns.
    let extraRoots: [Int]
    let partitionColumns: [Int]
    let partitionLayout: KeyLayout
    let partitionRoots: Range<Int>
    let orderColumns: [Int]
    let orderComparison: SortKeyComparison
    let functions: [Function]

    init(_ node: LogicalWindow, input: [OutputColumn]) throws {
        var expressions = node.partitionBy + node.orderBy.map(\.expression)
        partitionRoots = 0..<node.partitionBy.count
        var places: [[Int?]] = []
        for function in node.functions {
            places.append(
                function.arguments.map { argument in
                    if argument.isLiteral { return nil }
                    expressions.append(argument)
                    return expressions.count - 1
                })
        }
        let program = try ExpressionProgram(expressions, input: input)
        self.program = program
        inputWidth = input.count
        // Roots that are one node are kept once.
        var extra: [Int] = []
        var placeOfNode: [Int: Int] = [:]
        func place(_ root: Int) -> Int {
            if let column = program.inputColumn(of: root) { return column }
            let node = program.roots[root]
            if let known = placeOfNode[node] { return known }
            placeOfNode[node] = input.count + extra.count
            extra.append(root)
            return input.count + extra.count - 1
        }
        partitionColumns = node.partitionBy.indices.map { place($0) }
        orderColumns = node.orderBy.indices.map { place(node.partitionBy.count + $0) }
        functions = zip(node.functions, places).map { function, roots in
            Function(
                named: function,
                arguments: zip(function.arguments, roots).map { argument, root in
                    if let root { return .column(place(root)) }
                    if case .literal(let value) = argument.kind { return .literal(value, argument.type) }
                    return .literal(.null, argument.type)
                })
        }
        extraRoots = extra
        types = input.map(\.type) + extra.map { program.nodes[program.roots[$0]].type }
        partitionLayout = KeyLayout(node.partitionBy.map(\.type))
        orderComparison = SortKeyComparison(
            types: node.orderBy.map(\.expression.type),
            orders: node.orderBy.map { SortOrder(ascending: $0.isAscending, nullsFirst: $0.nullsFirst) })
    }
}
