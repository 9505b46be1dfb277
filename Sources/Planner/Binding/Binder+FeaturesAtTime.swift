import Columnar
import Expressions
import Functions
import HiveSyntax
import Platform

extension Binder {
    /// `ML.FEATURES_AT_TIME(…)`: of each entity the rows that were known at a time, the latest `num_rows` of them; with
    /// `ignore_feature_nulls` a feature that is NULL is the latest one before that is not.
    func bindFeaturesAtTime(_ function: FeaturesAtTime, environment: QueryEnvironment) throws -> Source {
        expansion?.alias(function.alias)
        let input = try bind(rows(of: function.input), environment: environment)
        let settings = try FeaturesAtTimeSettings(function, self)
        _ = try column("entity_id", of: input, function)
        let time = try column("feature_timestamp", of: input, function)
        guard time.type == .timestamp || time.type == .date || time.type == .timestampLocalTimeZone else {
            throw PlanError(
                "ML.FEATURES_AT_TIME takes a column feature_timestamp of type TIMESTAMP or DATE, got \(time.type)", at: function.range)
        }
        let limit = BoundExpression(.literal(settings.time.value), type: settings.time.type)
        let isKnown = try call(.comparison(.lessOrEqual), [.column(time), limit], at: function.range)
        let known = LogicalPlan.filter(LogicalFilter(input: input.plan, predicate: isKnown))
        // What is left to be done is said in SQL, of which no place is one of the statement's.
        expansionPauses += 1
        defer { expansionPauses -= 1 }
        let text = latestRows(of: input.columns, settings)
        let query = try Parser.parseQuery(text)
        guard case .select(let core) = query.body else {
            throw PlanError("Internal error: \(text) is no SELECT", at: function.range)
        }
        let relation = try located(at: function.range) {
            try bindSelect(
                core, query: query, environment: environment.inside,
                reading: Source(plan: known, scope: [try scopeTable(nil, input.columns, renamed: [])]))
        }
        return Source(plan: relation.plan, scope: [try scopeTable(function.alias?.name, relation.columns, renamed: [])])
    }

    private func column(_ name: String, of input: Relation, _ function: FeaturesAtTime) throws -> OutputColumn {
        let found = input.columns.filter { $0.name.lowercased() == name }
        guard found.count == 1, let column = found.first else {
            throw PlanError(
                "ML.FEATURES_AT_TIME takes rows with one column \(name), got \(found.count)", at: function.range,
                hint: found.isEmpty ? NearestName.hint(for: name, among: input.columns.map(\.name)) : nil)
        }
        return column
    }

    private func latestRows(of columns: [OutputColumn], _ settings: FeaturesAtTimeSettings) -> String {
        let latestFirst = "PARTITION BY entity_id ORDER BY feature_timestamp DESC"
        let items = columns.map { column in
            let name = ViewExpansion.quoted(column.name)
            guard settings.ignoresNulls, !["entity_id", "feature_timestamp"].contains(column.name.lowercased()) else { return name }
            return "first_value(\(name), true) OVER (\(latestFirst) ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS \(name)"
        }
        return "SELECT \(items.joined(separator: ", ")) QUALIFY row_number() OVER (\(latestFirst)) <= \(settings.rowCount)"
    }
}

/// What a call says beside its rows.
private struct FeaturesAtTimeSettings {
    /// Up to when rows are known; now, unless the call says it.
    var time: (value: LiteralValue, type: SQLType)
    var rowCount: Int64 = 1
    var ignoresNulls = false

    init(_ function: FeaturesAtTime, _ binder: Binder) throws {
        var time: (value: LiteralValue, type: SQLType)?
        var known: Set<String> = []
        for setting in function.settings {
            let name = setting.name.name
            guard known.insert(name).inserted else {
                throw PlanError("ML.FEATURES_AT_TIME is given \(name) twice", at: setting.name.range)
            }
            let given = try binder.evaluateConstant(setting.value)
            switch (name, given.value) {
            case ("time", let value) where value != .null && [.timestamp, .date, .timestampLocalTimeZone].contains(given.type):
                time = given
            case ("time", _): throw PlanError("time is a TIMESTAMP, got \(given.type)", at: setting.value.range)
            case ("num_rows", .integer(let count)) where given.type.isIntegral && count > 0: rowCount = count
            case ("num_rows", _): throw PlanError("num_rows is a whole number of at least 1", at: setting.value.range)
            case ("ignore_feature_nulls", .integer(let flag)) where given.type == .boolean: ignoresNulls = flag != 0
            case ("ignore_feature_nulls", _): throw PlanError("ignore_feature_nulls is TRUE or FALSE", at: setting.value.range)
            default:
                throw PlanError(
                    "ML.FEATURES_AT_TIME has no setting '\(name)'", at: setting.name.range,
                    hint: NearestName.hint(for: name, among: ["time", "num_rows", "ignore_feature_nulls"]))
            }
        }
        self.time = try time ?? binder.evaluateConstant(Parser.parseExpression("current_timestamp()"))
    }
}
