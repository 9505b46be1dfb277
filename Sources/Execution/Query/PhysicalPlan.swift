import Planner

/// The operators that a query runs as, for EXPLAIN; after a run with what each did.
package struct PhysicalPlan: Sendable {
    package let root: PhysicalOperator

    init(root: PhysicalOperator) { self.root = root }

    /// What runs several branches together; nil for a plan that gives one stream of rows.
    var severalBranches: BranchesOperator? { (root is WithOperator ? root.inputs.last : root) as? BranchesOperator }

    /// The plans whose rows come out side by side.
    var branches: [PhysicalOperator] { severalBranches?.inputs ?? [root] }

    /// One operator a line with its inputs indented below. `analyzed`: with rows, time and bytes of the run.
    package func lines(analyzed: Bool = false) -> [String] {
        var result: [String] = []
        append(root, depth: 0, analyzed, &result)
        return result
    }

    private func append(_ node: PhysicalOperator, depth: Int, _ analyzed: Bool, _ lines: inout [String]) {
        let indent = String(repeating: "  ", count: depth)
        var line = indent + node.name
        if analyzed {
            line += "  rows: \(node.profile.rows), time: \(Self.milliseconds(node.nanoseconds)) ms"
            if node.profile.bytes > 0 { line += ", bytes: \(node.profile.bytes)" }
            if node.profile.turns > 0 { line += ", turns: \(node.profile.turns)" }
            if node.profile.spilledRuns > 0 {
                line += ", spilled bytes: \(node.profile.spilledBytes), runs: \(node.profile.spilledRuns)"
            }
            if node.profile.bucketFiles > 0 {
                line += ", files of buckets: \(node.profile.bucketFiles), skipped: \(node.profile.skippedBucketFiles)"
            }
            if node.profile.parts > 0 {
                line += ", parts of files: \(node.profile.parts), skipped: \(node.profile.skippedParts)"
            }
            if node.profile.pages > 0 { line += ", pages: \(node.profile.pages), skipped: \(node.profile.skippedPages)" }
            if node.profile.summarizedFiles > 0 { line += ", files answered by footers: \(node.profile.summarizedFiles)" }
        }
        lines.append(line)
        for detail in node.details { lines.append(indent + "    " + detail) }
        for input in node.inputs { append(input, depth: depth + 1, analyzed, &lines) }
    }

    static func milliseconds(_ nanoseconds: Int) -> String {
        let hundredths = (nanoseconds + 5_000) / 10_000
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}

/// What a run did as a whole.
package struct QueryProfile: Sendable {
    /// The plan that ran, its operators' profiles filled.
    package let plan: PhysicalPlan
    /// Rows that the consumer got.
    package let rowCount: Int
    package let nanoseconds: Int
    /// Most bytes that buffers held at a time.
    package let peakMemoryBytes: Int
    package let bytesScanned: Int

    package var lines: [String] {
        plan.lines(analyzed: true) + [
            "rows: \(rowCount), time: \(PhysicalPlan.milliseconds(nanoseconds)) ms, "
                + "memory: \(peakMemoryBytes) bytes, scanned: \(bytesScanned) bytes"
        ]
    }
}
