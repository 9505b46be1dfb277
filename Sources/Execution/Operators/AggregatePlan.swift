import Columnar
import Expressions
import Functions
import Planner

/// What all workers of a hash aggregate share: the expressions they evaluate and what they do with the values.
final class AggregatePlan: @unchecked Sendable {
    // Unchecked: nothing in it changes after `init`.
    struct Aggregate {
        let function: ResolvedAggregate
        /// Roots of the program.
        let arguments: [Int]
        let filter: Int?
        /// Index into `distincts` for an aggregate over distinct values.
        let distinct: Int?
    }

    /// One argument list whose distinct values are kept a group.
    struct Distinct {
        let arguments: [Int]
        let filter: Int?
        /// The group's keys, then the arguments.
        let layout: KeyLayout
        var aggregates: [Int]
    }

    let program: ExpressionProgram
    let groupTypes: [SQLType]
    /// Keys of a group: the groups' values and, with grouping sets, the set's identity.
    let keyLayout: KeyLayout
    /// For each grouping set its identity and which groups it keeps; nil without grouping sets.
    let sets: [(identity: Int64, keeps: [Bool])]?
    let givesGroupingID: Bool
    /// Whether a value shows the order in which rows come.
    let isOrderSensitive: Bool
    let aggregates: [Aggregate]
    private(set) var distincts: [Distinct] = []

    /// No keys: one group, of no rows too.
    var isGlobal: Bool { keyLayout.types.isEmpty }

    init(_ node: LogicalAggregate, input: [OutputColumn]) throws {
        groupTypes = node.groups.map(\.expression.type)
        var expressions = node.groups.map(\.expression)
        let keyTypes = groupTypes + (node.groupingSets == nil ? [] : [.bigint])
        keyLayout = KeyLayout(keyTypes)
        givesGroupingID = node.groupingID != nil
        isOrderSensitive = node.aggregates.contains { $0.call.function.traits.isOrderSensitive }
        let groupCount = node.groups.count
        sets = node.groupingSets.map { sets in
            sets.map { kept in
                var identity: Int64 = 0
                let keeps = (0..<groupCount).map { kept.contains($0) }
                for (index, keep) in keeps.enumerated() where !keep { identity |= 1 << Int64(groupCount - 1 - index) }
                return (identity, keeps)
            }
        }
        var found: [Distinct] = []
        var made: [Aggregate] = []
        var known: [DistinctKey: Int] = [:]
        for (index, aggregate) in node.aggregates.enumerated() {
            let call = aggregate.call
            let arguments = Array(expressions.count..<expressions.count + call.arguments.count)
            expressions += call.arguments
            var filter: Int?
            if let condition = call.filter {
                filter = expressions.count
                expressions.append(condition)
            }
            var distinct: Int?
            if call.isDistinct, !call.arguments.isEmpty {
                let key = DistinctKey(arguments: call.arguments, filter: call.filter)
                if let same = known[key] {
                    found[same].aggregates.append(index)
                    distinct = same
                } else {
                    known[key] = found.count
                    distinct = found.count
                    found.append(
                        Distinct(
                            arguments: arguments, filter: filter,
                            layout: KeyLayout(keyTypes + call.arguments.map(\.type)), aggregates: [index]))
                }
            }
            made.append(
                Aggregate(function: call.resolved, arguments: arguments, filter: filter, distinct: distinct))
        }
        aggregates = made
        program = try ExpressionProgram(expressions, input: input)
        distincts = found
    }

    private struct DistinctKey: Hashable {
        let arguments: [BoundExpression]
        let filter: BoundExpression?
    }
}
