import Expressions

/// A recursive common table expression: the rows of `anchor`, and then again and again those that `step` makes of the rows of
/// the step before, until it makes none.
package struct LogicalRecursion: Sendable {
    /// As which shared subplan `step` reads the rows of the step before.
    package var rows: Int
    /// The name of the common table expression, for EXPLAIN and for errors.
    package var name: String
    package var anchor: LogicalPlan
    package var step: LogicalPlan
    /// Column `i` is column `i` of the outputs of `anchor` and of `step`; types are equal.
    package var outputs: [OutputColumn]
    /// UNION without ALL: a row that was there before does not come again, and nothing is made of it.
    package var isDistinct: Bool

    package init(
        rows: Int, name: String, anchor: LogicalPlan, step: LogicalPlan, outputs: [OutputColumn], isDistinct: Bool
    ) {
        self.rows = rows
        self.name = name
        self.anchor = anchor
        self.step = step
        self.outputs = outputs
        self.isDistinct = isDistinct
    }
}

extension LogicalPlan {
    /// The numbers under which the steps of recursive queries in the plan read the rows of the step before.
    var recursiveRows: Set<Int> {
        var result: Set<Int> = []
        forEachNode { node in
            if case .recursion(let recursion) = node { result.insert(recursion.rows) }
        }
        return result
    }

    /// Whether the plan, in its own nodes, reads one of these shared subplans.
    func reads(_ subplans: Set<Int>) -> Bool {
        guard !subplans.isEmpty else { return false }
        var result = false
        forEachNode { node in
            if case .sharedScan(let scan) = node, subplans.contains(scan.subplan) { result = true }
        }
        return result
    }
}
