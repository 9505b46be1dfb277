import HiveQL

/// What the README shows, between the two markers; `DocumentationTests` holds one against the other and `ReadmeTests` runs it.
func readmeExample(
    folder: String
) throws -> (longest: Double, tips: [Double?], table: FeatureTable, outcome: TrainingOutcome) {
    // README begins
    let warehouse = try Warehouse(at: folder)
    let session = try Session(warehouse: warehouse)

    // A script, as `hiveql -f` runs it: a table and a thousand rows.
    try session.runScript("""
        CREATE TABLE rides (cab INT, kilometres DOUBLE, payment STRING, tip DOUBLE);
        INSERT INTO rides
        SELECT pos % 40, 1 + pos % 17, if(pos % 3 = 0, 'cash', 'card'), if(pos % 3 = 0 OR pos % 7 = 0, 0, 1.5)
        FROM (SELECT posexplode(split(space(999), ' ')) AS (pos, word)) numbers;
        """)

    // A function of your own, called once a row; there is a form that is called once a batch.
    session.register(scalarFunction: "miles") { (kilometres: Double) in kilometres / 1.609344 }

    // A result of any size, batch by batch.
    var longest = 0.0
    try session.stream("SELECT miles(kilometres) FROM rides") { batch in
        for miles in try batch.values(ofColumn: 0, as: Double.self) { longest = max(longest, miles ?? 0) }
    }

    // A result in memory; its columns come as typed arrays, nil for NULL.
    let result = try session.query("SELECT payment, max(tip) AS tip FROM rides GROUP BY payment ORDER BY payment")
    let tips = try result.column(named: "tip", as: Double.self)

    // A query as features: text becomes one column a level, the label and what gives it away stay out.
    let data = try ImportData(session, query: "SELECT *, tip > 0 AS tipped FROM rides")
    let roles = ColumnRoles(label: "tipped", excluded: ["tip"], identifiers: ["cab"])
    let table = try data.featureTable(roles: roles)
    print(table.rowCount, table.featureNames)  // 1000 ["kilometres", "payment=card", "payment=cash"]

    // A learner in the same process: trained on three quarters of the rows, judged by the rest.
    let request = TrainingRequest(roles: roles, learner: "logistic-regression", split: SplitOptions(fraction: 0.75, seed: 7))
    let outcome = try request.run(on: data)
    print(outcome.report.lines().joined(separator: "\n"))
    try outcome.model.save(to: "\(folder)/tipped.model")
    // README ends
    return (longest, tips, table, outcome)
}
