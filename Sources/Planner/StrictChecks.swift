import HiveSyntax

/// What `hive.mapred.mode=strict`, or a setting of its own, has refused because it may take long by mistake.
package struct StrictChecks: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Reading a partitioned table without a condition on its partitions, and ORDER BY without LIMIT.
    package static let largeQueries = StrictChecks(rawValue: 1)
    package static let cartesianProducts = StrictChecks(rawValue: 2)

    /// - Throws: `PlanError` where the query orders all of its rows.
    func check(_ query: Query) throws {
        guard contains(.largeQueries), query.limit == nil, let first = query.orderBy.first else { return }
        throw PlanError(
            Self.disabled("Order by-s without limit", "hive.strict.checks.large.query"), at: first.expression.range)
    }

    /// - Parameter plan: with conditions where they are used, and all partitions.
    /// - Throws: `PlanError` for a scan or a join.
    func check(_ plan: LogicalPlan) throws {
        guard !isEmpty else { return }
        var refused: PlanError?
        plan.forEachNode { node in
            switch node {
            case .scan(let scan) where contains(.largeQueries) && scan.table.isPartitioned && !Self.choosesPartitions(scan):
                refused = PlanError(
                    Self.disabled("Queries against partitioned tables without a partition filter", "hive.strict.checks.large.query")
                        + " No partition predicate for Table \"\(scan.table.name)\"", at: nil)
            case .join(let join)
            where contains(.cartesianProducts) && join.equalities.isEmpty && !join.isSingleMatch
                && [.inner, .cross, .left, .right, .full].contains(join.kind):
                refused = PlanError(Self.disabled("Cartesian products", "hive.strict.checks.cartesian.product"), at: nil)
            default: break
            }
        }
        if let refused { throw refused }
    }

    private static func choosesPartitions(_ scan: LogicalScan) -> Bool {
        if scan.partitionsAreGiven { return true }
        let keys = Set(scan.columns.filter { $0.ordinal >= scan.table.columns.count }.map(\.output.id))
        return scan.filters.contains { !$0.columnIDs.isEmpty && $0.columnIDs.isSubset(of: keys) && $0.isDeterministic }
    }

    private static func disabled(_ what: String, _ setting: String) -> String {
        "\(what) are disabled for safety reasons. If you know what you are doing, please set \(setting) to false and that "
            + "hive.mapred.mode is not set to 'strict' to proceed. Note that if you may get errors or incorrect results if you "
            + "make a mistake while using some of the unsafe features."
    }
}
