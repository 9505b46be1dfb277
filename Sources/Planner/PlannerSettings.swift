/// The session settings that planning depends on, by their lower-case names.
package struct PlannerSettings: Sendable {
    private let values: [String: String]

    package init(_ values: [String: String] = [:]) { self.values = values }

    package subscript(name: String) -> String? { values[name] }

    private func flag(_ name: String, default fallback: Bool) -> Bool {
        guard let value = values[name]?.lowercased() else { return fallback }
        return value == "true" || value == "1"
    }

    private var positionsEverywhere: Bool { flag("hive.groupby.orderby.position.alias", default: false) }
    /// `GROUP BY 1` means the first select item.
    package var groupsByPosition: Bool { positionsEverywhere || flag("hive.groupby.position.alias", default: false) }
    /// `ORDER BY 1` means the first select item.
    package var ordersByPosition: Bool { positionsEverywhere || flag("hive.orderby.position.alias", default: true) }
    /// Back-quoted names are names, not regular expressions over column names.
    package var quotesAreIdentifiers: Bool { values["hive.support.quoted.identifiers"]?.lowercased() != "none" }
    /// All optimizer rules at once.
    package var isOptimizerOn: Bool { flag("hiveql.optimizer", default: true) }

    /// `hiveql.optimizer.<rule>`, on unless switched off.
    package func isRuleOn(_ rule: String) -> Bool {
        if rule == PredicatePushdown.name, !flag("hive.optimize.ppd", default: true) { return false }
        return flag("hiveql.optimizer.\(rule)", default: true)
    }
}
