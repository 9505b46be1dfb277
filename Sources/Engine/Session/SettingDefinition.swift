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
        SettingDefinition("hive.cli.print.header", .boolean, "false", "Whether to print the names of the columns in query output."),
        SettingDefinition("hive.cli.prompt", .string, "hive", "Command line prompt configuration value."),
        SettingDefinition("hive.compute.query.using.stats", .boolean, "false", "Answer count(*) and the like from statistics."),
        SettingDefinition("hive.default.fileformat", .string, "TextFile", "Default file format for CREATE TABLE statement."),
        SettingDefinition("hive.default.fileformat.managed", .string, "none", "Default file format for CREATE TABLE statement applied to managed tables only."),
        SettingDefinition("hive.enforce.bucketing", .boolean, "true", "Rows are written into the bucket that their columns say."),
        SettingDefinition("hive.exec.compress.output", .boolean, "false", "Whether the output files of queries are compressed."),
        SettingDefinition("hive.exec.default.partition.name", .string, "__HIVE_DEFAULT_PARTITION__", "The partition of rows whose partition column is NULL or empty."),
        SettingDefinition("hive.exec.drop.ignorenonexistent", .boolean, "true", "Do not report an error if DROP TABLE/VIEW/Index/Function specifies a non-existent table/view/function."),
        SettingDefinition("hive.exec.dynamic.partition", .boolean, "true", "Whether or not to allow dynamic partitions in DML/DDL."),
        SettingDefinition("hive.exec.dynamic.partition.mode", .string, "nonstrict", "In strict mode, the user must specify at least one static partition in case the user accidentally overwrites all partitions."),
        SettingDefinition("hive.exec.max.dynamic.partitions", .int, "1000", "Maximum number of dynamic partitions allowed to be created in total."),
        SettingDefinition("hive.exec.max.dynamic.partitions.pernode", .int, "100", "Maximum number of dynamic partitions allowed to be created in each mapper/reducer node."),
        SettingDefinition("hive.exec.parallel", .boolean, "false", "Whether to execute jobs in parallel."),
        SettingDefinition("hive.exec.reducers.bytes.per.reducer", .long, "256000000", "Size per reducer."),
        SettingDefinition("hive.exec.scratchdir", .string, "", "Folder for what does not fit in memory; empty: inside the warehouse."),
        SettingDefinition("hive.execution.engine", .string, "mr", "Accepted and without meaning: there is one engine."),
        SettingDefinition("hive.fetch.task.conversion", .string, "more", "Accepted and without meaning."),
        SettingDefinition("hive.groupby.orderby.position.alias", .boolean, "false", "Whether to enable using Column Position Alias in Group By or Order By."),
        SettingDefinition("hive.groupby.position.alias", .boolean, "false", "Whether to enable using Column Position Alias in Group By."),
        SettingDefinition("hive.orderby.position.alias", .boolean, "true", "Whether to enable using Column Position Alias in Order By."),
        SettingDefinition("hive.local.time.zone", .string, "LOCAL", "Sets the time-zone for displaying and interpreting time stamps."),
        SettingDefinition("hive.lock.numretries", .int, "100", "The number of times you want to try to get all the locks."),
        SettingDefinition("hive.lock.sleep.between.retries", .time, "60s", "The maximum sleep time between various retries."),
        SettingDefinition("hive.mapred.mode", .string, "nonstrict", "Accepted; see hive.strict.checks.*."),
        SettingDefinition("hive.metastore.warehouse.dir", .string, "", "The warehouse folder; read when the program starts."),
        SettingDefinition("hive.msck.path.validation", .string, "throw", "What MSCK does with folders that are no partitions: throw, skip or ignore."),
        SettingDefinition("hive.optimize.ppd", .boolean, "true", "Whether to enable predicate pushdown."),
        SettingDefinition("hive.resultset.use.unique.column.names", .boolean, "true", "Make column names unique in the result set by qualifying column names with table alias if needed."),
        SettingDefinition("hive.stats.autogather", .boolean, "true", "Whether writes keep the tables' row counts."),
        SettingDefinition("hive.strict.checks.cartesian.product", .boolean, "false", "Whether joins without a condition are refused."),
        SettingDefinition("hive.support.concurrency", .boolean, "true", "Whether statements lock the tables that they use."),
        SettingDefinition("hive.support.quoted.identifiers", .string, "column", "Whether to use quoted identifier: none or column."),
        SettingDefinition("hive.typecheck.on.insert", .boolean, "true", "Whether to check, convert, and normalize partition value to conform to its column type."),
        SettingDefinition("hive.variable.substitute", .boolean, "true", "This enables substitution using syntax like ${var} ${system:var} and ${env:var}."),
        SettingDefinition("hive.variable.substitute.depth", .int, "40", "The maximum replacements the substitution engine will do."),
        SettingDefinition("hive.vectorized.execution.enabled", .boolean, "true", "Accepted and without meaning: execution is always vectorized."),
        SettingDefinition("hiveql.batch.size", .int, "2048", "Rows a batch holds at most."),
        SettingDefinition("hiveql.memory.limit", .string, "", "Bytes that a query's buffers may hold together (512m, 4g); empty: half of the machine's memory."),
        SettingDefinition("hiveql.optimizer", .boolean, "true", "All optimizer rules at once; hiveql.optimizer.<rule> switches one."),
        SettingDefinition("hiveql.threads", .int, "0", "Workers of a query; 0: one for each core."),
        SettingDefinition("hiveql.warehouse", .string, "", "The warehouse folder; read when the program starts."),
    ]
}
