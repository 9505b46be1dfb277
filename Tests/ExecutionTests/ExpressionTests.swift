import Columnar
import Execution
import Expressions
import Functions
import Planner
import Testing

@Suite struct ExpressionTests {
    private func project(_ expressions: [BoundExpression], over input: TestTable) -> LogicalPlan {
        .project(
            LogicalProject(
                input: input.plan(),
                expressions: expressions.enumerated().map {
                    NamedExpression(
                        output: OutputColumn(id: ColumnID(100 + $0), name: "e\($0)", type: $1.type), expression: $1)
                }))
    }

    private let truths: [Cell] = [.integer(1), .integer(0), .null]

    @Test func connectivesAreThreeValued() throws {
        let rows = truths.flatMap { a in truths.flatMap { b in truths.map { c in [a, b, c] } } }
        let input = TestTable([("a", .boolean), ("b", .boolean), ("c", .boolean)], rows: rows)
        let operands = (0..<3).map { input.column($0) }
        let expressions = [
            BoundExpression(.and(operands), type: .boolean), BoundExpression(.or(operands), type: .boolean),
            BoundExpression(.not(operands[0]), type: .boolean),
            BoundExpression(
                .or([BoundExpression(.and([operands[0], operands[1]]), type: .boolean), BoundExpression(.not(operands[2]), type: .boolean)]),
                type: .boolean),
        ]
        func and(_ cells: [Cell]) -> Cell {
            cells.contains(.integer(0)) ? .integer(0) : cells.contains(.null) ? .null : .integer(1)
        }
        func or(_ cells: [Cell]) -> Cell {
            cells.contains(.integer(1)) ? .integer(1) : cells.contains(.null) ? .null : .integer(0)
        }
        func not(_ cell: Cell) -> Cell { cell == .null ? .null : cell == .integer(0) ? .integer(1) : .integer(0) }
        let wanted = rows.map { [and($0), or($0), not($0[0]), or([and([$0[0], $0[1]]), not($0[2])])] }
        for mode in RunMode.all {
            #expect(try run(project(expressions, over: input), mode) == wanted)
            for (index, expression) in expressions.enumerated() {
                let kept = try run(.filter(LogicalFilter(input: input.plan(), predicate: expression)), mode)
                #expect(kept == zip(rows, wanted).filter { $1[index] == .integer(1) }.map(\.0), "filter \(index)")
                let negated = BoundExpression(.not(expression), type: .boolean)
                let rest = try run(.filter(LogicalFilter(input: input.plan(), predicate: negated)), mode)
                #expect(rest == zip(rows, wanted).filter { $1[index] == .integer(0) }.map(\.0), "filter not \(index)")
            }
        }
    }

    /// A function that fails on rows it is not meant to see.
    private func guarded(_ operand: BoundExpression) -> BoundExpression {
        let resolved = ResolvedScalar(argumentTypes: [.int], resultType: .int) { input in
            let column = input.arguments[0]
            let result = Column(flat: .int, count: input.count)
            try input.rows.forEach { row in
                let value = column.values(as: Int32.self)[column.element(of: row)]
                if value == 0 { throw FunctionError(.argument, "a row that no branch asked for") }
                result.values(as: Int32.self)[row] = 100 / value
            }
            return result
        }
        let function = ScalarFunction("guarded", documentation: FunctionDocumentation("")) { _ in resolved }
        return .call(function, resolved, [operand])
    }

    @Test func branchesAreEvaluatedOnTheirRowsOnly() throws {
        let rows = (0..<50).map { [Cell.integer(Int64($0 % 5))] }
        let input = TestTable([("x", .int)], rows: rows)
        let x = input.column(0)
        let isZero = try call("=", x, integer(0))
        let branch = BoundExpression(
            .conditional([ConditionalBranch(condition: isZero, value: integer(-1))], otherwise: guarded(x)), type: .int)
        let both = BoundExpression(
            .or([isZero, try call(">", guarded(x), integer(30))]), type: .boolean)
        for mode in RunMode.all {
            let got = try run(project([branch, both], over: input), mode)
            let wanted = rows.map { row -> [Cell] in
                guard case .integer(let value) = row[0], value != 0 else { return [.integer(-1), .integer(1)] }
                return [.integer(100 / value), .integer(100 / value > 30 ? 1 : 0)]
            }
            #expect(got == wanted, "\(mode)")
        }
        #expect(throws: (any Error).self) { try run(self.project([branch, self.guarded(x)], over: input)) }
    }

    @Test func membershipKnowsNull() throws {
        let input = TestTable([("x", .int)], rows: (0..<12).map { [$0 == 11 ? .null : .integer(Int64($0))] })
        for items in [[1, 3], [1, 3, 5, 7, 9, 20, 30]] as [[Int64]] {
            for hasNull in [false, true] {
                let list = items.map { integer($0) } + (hasNull ? [.null(.int)] : [])
                let test = BoundExpression(.inList(input.column(0), list), type: .boolean)
                let wanted = input.rows.map { row -> [Cell] in
                    guard case .integer(let value) = row[0] else { return [.null] }
                    return [items.contains(value) ? .integer(1) : hasNull ? .null : .integer(0)]
                }
                #expect(try run(project([test], over: input)) == wanted)
                let negated = BoundExpression(.not(test), type: .boolean)
                let rest = try run(.filter(LogicalFilter(input: input.plan(), predicate: negated)))
                #expect(rest == zip(input.rows, wanted).filter { $1[0] == .integer(0) }.map(\.0))
            }
        }
    }

    @Test func coalesceTakesTheFirstValue() throws {
        let rows: [[Cell]] = [[.null, .null], [.integer(1), .null], [.null, .integer(2)], [.integer(3), .integer(4)]]
        let input = TestTable([("a", .int), ("b", .int)], rows: rows)
        let value = BoundExpression(.coalesce([input.column(0), input.column(1)]), type: .int)
        #expect(try run(project([value], over: input)) == [[.null], [.integer(1)], [.integer(2)], [.integer(3)]])
    }
}
