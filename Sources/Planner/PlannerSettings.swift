/// What planning depends on of a session's settings.
package struct PlannerSettings: Sendable {
    /// `GROUP BY 1` means the first select item.
    package var groupsByPosition = false
    /// `ORDER BY 1` means the first select item.
    package var ordersByPosition = true
    /// Back-quoted names are names, not regular expressions over column names.
    package var quotesAreIdentifiers = true
    /// Tabs and line ends go to the programs of TRANSFORM as escapes.
    package var escapesScriptRows = false
    /// All optimizer rules at once.
    package var isOptimizerOn = true
    /// Conditions move towards the scans, unless their rule is off.
    package var pushesPredicates = true
    /// Counts and extremes are taken from what files say of themselves, unless their rule is off.
    package var usesFileSummaries = true
    /// Names of rules that are switched off.
    package var rulesOff: Set<String> = []
    /// What is refused because it may take long by mistake.
    package var strictChecks: StrictChecks = []

    package init() {}

    package func isRuleOn(_ rule: String) -> Bool {
        !rulesOff.contains(rule) && (pushesPredicates || rule != PredicatePushdown.name)
            && (usesFileSummaries || rule != FileSummaries.name)
    }
}
