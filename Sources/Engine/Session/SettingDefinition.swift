/// A setting that the product knows: its default, type and meaning.
struct SettingDefinition: Sendable {
    enum Kind: String, Sendable {
        case boolean = "BOOLEAN"
        case int = "INT"
        case long = "LONG"
        case float = "FLOAT"
        case string = "STRING"
        case time = "TIME"
    }

    let name: String
    let kind: Kind
    let defaultValue: String
    let description: String

    init(_ name: String, _ kind: Kind, _ defaultValue: String, _ description: String) {
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
        self.description = description
    }

    func accepts(_ value: String) -> Bool {
        switch kind {
        case .boolean: ["true", "false"].contains(value.lowercased())
        case .int: Int32(value) != nil
        case .long: Int64(value) != nil
        case .float: Double(value) != nil
        case .string, .time: true
        }
    }

    static let byName = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { $1 })

    static let all: [SettingDefinition] = [
        SettingDefinition("hive.cli.errors.ignore", .boolean, "false", "A script goes on after a statement that failed."),
        SettingDefinition("hive.cli.print.current.db", .boolean, "false", "The prompt shows the current database."),
        SettingDefinition("hive.cli.print.header", .boolean, "false", "Query output begins with the names of the columns."),
        SettingDefinition("hive.cli.prompt", .string, "hive", "The shell's prompt."),
        SettingDefinition("hive.compute.query.using.stats", .boolean, "false", "Accepted and without meaning: counts are counted."),
        SettingDefinition("hive.default.fileformat", .string, "TextFile", "Format of tables that are created without STORED AS."),
        SettingDefinition("hive.default.fileformat.managed", .string, "none", "The same for managed tables alone; none: as the setting above."),
        SettingDefinition("hive.enforce.bucketing", .boolean, "true", "Accepted and without meaning."),
        SettingDefinition("hive.exec.compress.output", .boolean, "false", "Files that queries write are compressed."),
        SettingDefinition("hive.exec.default.partition.name", .string, "__HIVE_DEFAULT_PARTITION__", "Accepted and without meaning: the default partition keeps Hive's own name."),
        SettingDefinition("hive.exec.drop.ignorenonexistent", .boolean, "true", "Dropping what does not exist is no error."),
        SettingDefinition("hive.exec.dynamic.partition", .boolean, "true", "INSERT may make partitions from the rows' values."),
        SettingDefinition("hive.exec.dynamic.partition.mode", .string, "nonstrict", "strict: at least one partition column of an INSERT needs a value in the statement."),
        SettingDefinition("hive.exec.max.dynamic.partitions", .int, "1000", "Partitions that one INSERT may make."),
        SettingDefinition("hive.exec.max.dynamic.partitions.pernode", .int, "100", "Accepted and without meaning: the limit in total counts."),
        SettingDefinition("hive.exec.parallel", .boolean, "false", "Accepted and without meaning: stages run as soon as they can."),
        SettingDefinition("hive.exec.reducers.bytes.per.reducer", .long, "256000000", "Accepted and without meaning: there are no reducers."),
        SettingDefinition("hive.exec.scratchdir", .string, "", "Folder for what does not fit in memory; empty: inside the warehouse."),
        SettingDefinition("hive.execution.engine", .string, "mr", "Accepted and without meaning: there is one engine."),
        SettingDefinition("hive.fetch.task.conversion", .string, "more", "Accepted and without meaning."),
        SettingDefinition("hive.groupby.orderby.position.alias", .boolean, "false", "Numbers in GROUP BY and ORDER BY are positions in the select list."),
        SettingDefinition("hive.groupby.position.alias", .boolean, "false", "Numbers in GROUP BY are positions in the select list."),
        SettingDefinition("hive.orderby.position.alias", .boolean, "true", "Numbers in ORDER BY are positions in the select list."),
        SettingDefinition("hive.local.time.zone", .string, "LOCAL", "The zone in which instants are read and shown; LOCAL: the machine's."),
        SettingDefinition("hive.lock.numretries", .int, "100", "How often a lock is tried before the statement gives up."),
        SettingDefinition("hive.lock.sleep.between.retries", .time, "60s", "The longest pause between two tries for a lock."),
        SettingDefinition("hive.mapred.mode", .string, "nonstrict", "Accepted and without meaning: nothing is refused for its cost."),
        SettingDefinition("hive.metastore.warehouse.dir", .string, "", "The warehouse folder; read when the program starts."),
        SettingDefinition("hive.msck.path.validation", .string, "throw", "What MSCK does with folders that are no partitions: throw, skip or ignore."),
        SettingDefinition("hive.optimize.ppd", .boolean, "true", "Conditions move towards the scans."),
        SettingDefinition("hive.resultset.use.unique.column.names", .boolean, "true", "Headers of SELECT * name the table before the column."),
        SettingDefinition("hive.stats.autogather", .boolean, "true", "Whether writes keep the tables' row counts."),
        SettingDefinition("hive.strict.checks.cartesian.product", .boolean, "false", "Accepted and without meaning: joins without a condition run."),
        SettingDefinition("hive.support.concurrency", .boolean, "true", "Whether statements lock the tables that they use."),
        SettingDefinition("hive.support.quoted.identifiers", .string, "column", "Back quotes hold names (column) or patterns of column names (none)."),
        SettingDefinition("hive.typecheck.on.insert", .boolean, "true", "Values of partitions are converted to the column's type."),
        SettingDefinition("hive.variable.substitute", .boolean, "true", "${…} in statements is replaced."),
        SettingDefinition("hive.variable.substitute.depth", .int, "40", "How deep variables may refer to variables."),
        SettingDefinition("hive.vectorized.execution.enabled", .boolean, "true", "Accepted and without meaning: execution is always vectorized."),
        SettingDefinition("hiveql.batch.size", .int, "2048", "Rows a batch holds at most."),
        SettingDefinition("hiveql.memory.limit", .string, "", "Bytes that a query's buffers may hold together (512m, 4g); empty: half of the machine's memory."),
        SettingDefinition("hiveql.optimizer", .boolean, "true", "All optimizer rules at once; hiveql.optimizer.<rule> switches one."),
        SettingDefinition("hiveql.shell.output", .string, "table", "How the interactive shell shows rows: table, lines or tabs."),
        SettingDefinition("hiveql.threads", .int, "0", "Workers of a query; 0: one for each core."),
        SettingDefinition("hiveql.warehouse", .string, "", "The warehouse folder; read when the program starts."),
    ]
}
