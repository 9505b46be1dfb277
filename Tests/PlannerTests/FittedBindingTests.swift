import Columnar
import Expressions
import Functions
import HiveSyntax
import Planner
import Testing

/// Calls of fitted functions: as windows, and with states that somebody else gives.
@Suite struct FittedBindingTests {
    @Test func withoutStatesTheRowsGiveThem() throws {
        #expect(
            try PlannedQuery("select ml.standard_scaler(d) over () from t").boundLines == [
                "LogicalProject [ml.standard_scaler(_ml.standard_scaler_state, d) as _c0]",
                "  LogicalWindow [fit ml.standard_scaler(d)] partition by [] order by []",
                "    LogicalScan default.t [a, b, d, c]",
            ])
        #expect(
            try PlannedQuery("select ml.imputer(a + 1, 'mean') over (partition by b) m from t").boundLines.dropLast() == [
                "LogicalProject [ml.imputer(_ml.imputer_state, ml.imputer(_ml.imputer_state, cast(a + 1 as double))) as m]",
                "  LogicalWindow [fit ml.imputer(cast(a + 1 as double), 'mean')] partition by [] order by []",
                "    LogicalWindow [fit ml.imputer(cast(a + 1 as double), 'mean')] partition by [b] order by []",
            ])
    }

    /// What an encoder tells rows of a label is by folds of their places, or of what the call says.
    @Test func rowsAreInFolds() throws {
        #expect(
            try PlannedQuery("select ml.target_encoder(b, d) over () from t").boundLines == [
                "LogicalProject [ml.target_encoder(_ml.target_encoder_state, b, _row_key) as _c0]",
                "  LogicalWindow [fit ml.target_encoder(b, d, _row_key)] partition by [] order by []",
                "    LogicalProject [a, b, d, c, input__file__name, block__offset__inside__file, coalesce(row place, 0) as _row_key]",
                "      LogicalScan default.t [a, b, d, c, input__file__name, block__offset__inside__file, row place]",
            ])
        #expect(
            try PlannedQuery("select ml.woe_encoder(b, d > 1, 2, 3, a) over () from t").boundLines.dropLast() == [
                "LogicalProject [ml.woe_encoder(_ml.woe_encoder_state, b, cast(murmur_hash(a) as bigint)) as _c0]",
                "  LogicalWindow [fit ml.woe_encoder(b, cast(d > cast(1 as double) as double), 2, 3, cast(murmur_hash(a) as bigint))] "
                    + "partition by [] order by []",
            ])
    }

    /// States of groups are asked for besides that of all rows, which is there for groups that are not.
    @Test func groupsAreAskedFor() throws {
        let (lines, asked) = try bound("select ml.min_max_scaler(d) over (partition by b), ml.imputer(d, 'mean') over (partition by b) from t") {
            Array(repeating: 7, count: $0.groupKey == nil ? 1 : 2)
        }
        #expect(asked.names == ["ml.min_max_scaler", "ml.min_max_scaler", "ml.imputer", "ml.imputer"])
        #expect(
            lines.first
                == "LogicalProject [ml.min_max_scaler(coalesce(state of fitted groups(2 bytes, key of fitted groups(b)), 1 bytes), d) as _c0, "
                + "ml.imputer(1 bytes, ml.imputer(state of fitted groups(2 bytes, key of fitted groups(b)), d)) as _c1]")
    }

    private struct Asked {
        var names: [String] = []
        var ordinals: [Int] = []
        var arguments: [String] = []
    }

    /// The plan of a query, and what was asked for states; `given` gives them.
    private func bound(_ sql: String, _ given: @escaping (FittedCall) throws -> [UInt8]?) throws -> (lines: [String], asked: Asked) {
        let asked = Reference(Asked())
        let query = try PlannedQuery(sql, fittedStates: { call in
            asked.value.names.append(call.name)
            asked.value.ordinals.append(call.ordinal)
            asked.value.arguments.append(PlanPrinter.text(call.fit, [:]).replacing(try Regex("#\\d+"), with: "#"))
            #expect(call.rowArguments.count == 1 && call.rowArguments[0] == call.fit.arguments[0])
            #expect(call.fit.resolved.resultType == .binary)
            return try given(call)
        })
        return (query.boundLines, asked.value)
    }

    private final class Reference<Value> {
        var value: Value
        init(_ value: Value) { self.value = value }
    }

    @Test func statesAreConstants() throws {
        let (lines, asked) = try bound("select ml.min_max_scaler(d) over (), a, ml.imputer(b, 'most_frequent') over () from t") {
            Array(repeating: 7, count: $0.ordinal + 3)
        }
        #expect(
            lines == [
                "LogicalProject [ml.min_max_scaler(3 bytes, d) as _c0, a, ml.imputer(4 bytes, b) as _c2]",
                "  LogicalScan default.t [a, b, d, c]",
            ])
        #expect(asked.names == ["ml.min_max_scaler", "ml.imputer"])
        #expect(asked.ordinals == [0, 1])
        #expect(asked.arguments == ["fit ml.min_max_scaler(#)", "fit ml.imputer(#, 'most_frequent')"])
    }

    @Test func whatIsNotGivenIsLearned() throws {
        let (lines, asked) = try bound("select ml.min_max_scaler(d) over (), ml.max_abs_scaler(d) over () from t") {
            $0.ordinal == 0 ? nil : [1]
        }
        #expect(asked.ordinals == [0, 1])
        #expect(
            lines.prefix(2) == [
                "LogicalProject [ml.min_max_scaler(_ml.min_max_scaler_state, d) as _c0, ml.max_abs_scaler(1 bytes, d) as _c1]",
                "  LogicalWindow [fit ml.min_max_scaler(d)] partition by [] order by []",
            ])
    }

    /// With a state at hand nothing has to be computed first, so calls nest, the inner one before.
    @Test func callsNest() throws {
        let sql = "select ml.standard_scaler(ml.imputer(d, 'mean') over ()) over () from t"
        let (lines, asked) = try bound(sql) { _ in [1, 2] }
        #expect(asked.names == ["ml.imputer", "ml.standard_scaler"])
        #expect(asked.ordinals == [0, 1])
        #expect(asked.arguments[1] == "fit ml.standard_scaler(ml.imputer(2 bytes, #))")
        #expect(lines.first == "LogicalProject [ml.standard_scaler(2 bytes, ml.imputer(2 bytes, d)) as _c0]")
        #expect(planError(sql)?.message == "Window function ml.imputer is not allowed here")
    }

    /// Neither the query's source nor subqueries nor groups of rows are asked for.
    @Test func onlyTheQueryItselfIsAskedFor() throws {
        let queries = [
            "select y from (select ml.min_max_scaler(d) over () y from t) s",
            "with s as (select ml.min_max_scaler(d) over () y from t) select y from s",
            "select a from t where d in (select ml.min_max_scaler(d) over () from t)",
        ]
        for sql in queries { #expect(try bound(sql) { _ in [1] }.asked.names.isEmpty, "\(sql)") }
        #expect(
            try bound("with s as (select d from t) select ml.min_max_scaler(d) over () from s union all select ml.max_abs_scaler(a) over () from u") {
                _ in [1]
            }.asked.names == ["ml.min_max_scaler", "ml.max_abs_scaler"])
    }

    @Test func providersMayFail() {
        struct Missing: Error {}
        #expect(throws: Missing.self) { _ = try bound("select ml.min_max_scaler(d) over () from t") { _ in throw Missing() } }
    }

    @Test func refusalsHaveTheirPlaces() throws {
        func refusal(_ sql: String) -> String? {
            planError(sql).map { error in
                let source = SourceText(sql)
                return "\(error.message) @ \(error.range.map { String(source.text($0)) } ?? "")"
            }
        }
        #expect(
            refusal("select a, ml.standard_scaler(d) from t")
                == "Missing over clause for function :  ml.standard_scaler, which learns from rows: add OVER () @ ml.standard_scaler(d)")
        #expect(refusal("select ml.robust_scaler(d, array(1, 2, 3)) over () from t")?.hasSuffix("@ array(1, 2, 3)") == true)
        #expect(refusal("select ml.imputer(d, b) over () from t")?.hasSuffix("@ b") == true)
        #expect(refusal("select ml.standard_scaler(b) over () from t")?.hasSuffix("@ b") == true)
        #expect(refusal("select ml.abs(d) from t")?.hasPrefix("Invalid function ml.abs") == true)
        #expect(refusal("select ml.min_max_scaler(distinct d) over () from t")?.hasPrefix("DISTINCT") == true)
    }
}
