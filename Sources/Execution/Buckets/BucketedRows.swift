import Catalog
import Columnar
import Expressions
import Planner

/// How the rows that a plan gives fall into the buckets of the tables they come from: rows whose values in `keys` fall into
/// different buckets have nothing to do with each other, so the plan may run for some buckets after the others.
struct BucketedRows {
    /// Lists of columns, in the order of the bucket columns, that hold the values that were hashed. Without any, nothing
    /// above can tell the buckets apart.
    private(set) var keys: [[ColumnID]]
    /// Types of the bucket columns.
    private let types: [SQLType]
    private let hash: HiveHash
    /// Whether an operator of the plan keeps rows or groups, so that fewer at a time are a gain.
    private(set) var keepsRows = false

    /// - Parameter inputs: how the rows of the node's inputs fall into buckets.
    /// - Returns: nil when the node needs the rows of several buckets together.
    init?(of plan: LogicalPlan, inputs: [BucketedRows?]) {
        if case .scan(let scan) = plan {
            self.init(scan)
            return
        }
        guard let first = inputs.first, let input = first else { return nil }
        self = input
        switch plan {
        case .filter, .lateralView: break
        case .project(let node):
            keys = input.keys(through: node.expressions)
        case .aggregate(let node):
            keys = input.keys(through: node.groups)
            guard node.groupingSets == nil, !keys.isEmpty else { return nil }
            keepsRows = true
        case .window(let node):
            guard input.areAmong(node.partitionBy) else { return nil }
            keepsRows = true
        case .join(let node):
            guard let right = inputs[1], input.meets(right, by: node.equalities) else { return nil }
            switch node.kind {
            case .inner: keys += right.keys
            case .left, .leftSemi, .leftAnti, .mark: break
            case .right: keys = right.keys
            case .full: keys = []
            // NOT IN asks whether there is a NULL anywhere.
            case .leftAntiNullAware, .cross: return nil
            }
            keepsRows = true
        case .asofJoin(let node):
            guard let right = inputs[1], input.meets(right, by: node.equalities) else { return nil }
            keepsRows = true
        case .scan, .values, .sort, .limit, .union, .transform, .with, .sharedScan, .branches, .recursion: return nil
        }
    }

    private init?(_ scan: LogicalScan) {
        guard scan.table.storage.isBucketed, scan.summaries.isEmpty, scan.sample == nil else { return nil }
        var columns: [OutputColumn] = []
        for name in scan.table.storage.bucketColumns {
            guard let ordinal = scan.table.columns.firstIndex(where: { $0.name == name }),
                Self.hashesAgree(scan.table.columns[ordinal].type),
                let column = scan.columns.first(where: { $0.ordinal == ordinal })
            else { return nil }
            columns.append(column.output)
        }
        keys = [columns.map(\.id)]
        types = columns.map(\.type)
        hash = scan.table.bucketHash
    }

    /// Whether equal values have equal hashes, whoever wrote them: writers count days before 1582-10-15 differently.
    private static func hashesAgree(_ type: SQLType) -> Bool { type != .date && BucketFiles.isReadAsHashed(type) }

    /// The keys as a projection names them.
    private func keys(through expressions: [NamedExpression]) -> [[ColumnID]] {
        var names: [ColumnID: ColumnID] = [:]
        for expression in expressions {
            if case .column(let id) = expression.expression.kind { names[id] = expression.output.id }
        }
        return keys.compactMap { key in
            let renamed = key.compactMap { names[$0] }
            return renamed.count == key.count ? renamed : nil
        }
    }

    private func areAmong(_ expressions: [BoundExpression]) -> Bool {
        let columns = Set(
            expressions.compactMap { expression -> ColumnID? in
                if case .column(let id) = expression.kind { id } else { nil }
            })
        return keys.contains { $0.allSatisfy(columns.contains) }
    }

    /// Whether rows of both sides that meet by `equalities` are of the same bucket.
    private func meets(_ right: BucketedRows, by equalities: [LogicalJoin.Equality]) -> Bool {
        guard hash == right.hash, types == right.types else { return false }
        return keys.contains { left in
            right.keys.contains { right in
                zip(left, right).allSatisfy { left, right in
                    equalities.contains { $0.left.kind == .column(left) && $0.right.kind == .column(right) }
                }
            }
        }
    }
}
