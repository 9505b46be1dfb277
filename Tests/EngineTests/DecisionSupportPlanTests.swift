import Engine
import Foundation
import TestSupport
import Testing

/// How the queries of TPC-H are planned: comma-separated tables and conditions all over WHERE, as people write them.
@Suite struct DecisionSupportPlanTests {
    @Test func everyJoinHasAKey() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        let file = try GoldenFile(path: GoldenFolder.root + "/decision_support/tpch.slt")
        var planned = 0
        for block in file.blocks {
            let sql = block.sql.replacingOccurrences(of: "${DATA}", with: GoldenFolder.data)
            guard case .rows = block.expectation else {
                _ = try session.execute(sql)
                continue
            }
            let plan = try session.lines("explain " + sql).map { $0.trimmingCharacters(in: .whitespaces) }
            let start = try #require(plan.firstIndex(of: "PHYSICAL PLAN:"), "line \(block.line)")
            let operators = plan[start...]
            // The one value of a subquery stands beside each row; nothing else may be compared row by row.
            let beside = operators.indices.filter { operators[$0] == "NestedLoopJoinOperator" }.map { operators[$0 + 1] }
            #expect(beside.allSatisfy { $0 == "kind: left" } && beside.count <= 1, "line \(block.line): \(beside)")
            planned += 1
        }
        #expect(planned == 22)
    }
}
