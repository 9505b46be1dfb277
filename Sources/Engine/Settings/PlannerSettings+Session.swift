import Planner

extension PlannerSettings {
    /// What the planner needs to know of a session's settings.
    init(_ settings: SessionSettings) {
        self.init()
        let everywhere = settings[Settings.positionsEverywhere]
        groupsByPosition = everywhere || settings[Settings.groupsByPosition]
        ordersByPosition = everywhere || settings[Settings.ordersByPosition]
        quotesAreIdentifiers = settings[Settings.quotedIdentifiers] != .none
        escapesScriptRows = settings[Settings.escapesScriptRows]
        isOptimizerOn = settings[Settings.optimizer]
        pushesPredicates = settings[Settings.pushesPredicates]
        usesFileSummaries = settings[Settings.usesFileSummaries]
        let mode = settings.given(Settings.strictness).map { $0.lowercased() == "strict" }
        if mode ?? settings[Settings.checksLargeQueries] { strictChecks.insert(.largeQueries) }
        if mode ?? settings[Settings.checksCartesianProducts] { strictChecks.insert(.cartesianProducts) }
        for (name, value) in settings.configuration where Bool(settingText: value) == false {
            if let rule = Settings.optimizerRules.part(of: name) { rulesOff.insert(rule) }
        }
    }
}
