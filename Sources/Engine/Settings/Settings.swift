import Catalog
import Functions
import Planner

/// All settings. Names that begin with `hive.` are Hive's and mean what they mean there; those that begin with `hiveql.`
/// are the product's own. Statements read a setting by its typed member: `settings[Settings.threads]`.
enum Settings {
    // MARK: Shell and scripts
    static let ignoresErrors = Setting("hive.cli.errors.ignore", false, "A script goes on after a statement that failed.")
    static let printsCurrentDatabase = Setting("hive.cli.print.current.db", false, "The prompt shows the current database.")
    static let printsHeader = Setting("hive.cli.print.header", false, "Query output begins with the names of the columns.")
    static let prompt = Setting("hive.cli.prompt", "hive", "The shell's prompt.")
    static let shellOutput = Setting("hiveql.shell.output", ShellOutput.table, "How the interactive shell shows rows.")
    static let substitutesVariables = Setting("hive.variable.substitute", true, "${…} in statements is replaced.")
    static let substitutionDepth = Setting(
        "hive.variable.substitute.depth", Int32(40), "How deep variables may refer to variables.")

    // MARK: Names and meaning
    static let positionsEverywhere = Setting(
        "hive.groupby.orderby.position.alias", false, "Numbers in GROUP BY and ORDER BY are positions in the select list.")
    static let groupsByPosition = Setting(
        "hive.groupby.position.alias", false, "Numbers in GROUP BY are positions in the select list.")
    static let ordersByPosition = Setting(
        "hive.orderby.position.alias", true, "Numbers in ORDER BY are positions in the select list.")
    static let quotedIdentifiers = Setting(
        "hive.support.quoted.identifiers", QuotedIdentifiers.column,
        "Back quotes hold names (column), so do double quotes (standard), or patterns of column names (none).")
    static let uniqueColumnNames = Setting(
        "hive.resultset.use.unique.column.names", true, effect: .none, "Headers of SELECT * name columns without the table.")
    static let localTimeZone = Setting(
        "hive.local.time.zone", "LOCAL", "The zone in which instants are read and shown; LOCAL: the machine's.")
    static let integersAreSeconds = Setting(
        "hive.int.timestamp.conversion.in.seconds", false,
        "Integers converted to timestamps are seconds instead of milliseconds.")
    static let timeFormatter = Setting(
        "hive.datetime.formatter", TimeFormatter.simple,
        "What the letters of patterns mean in date_format, from_unixtime, unix_timestamp and to_unix_timestamp: SIMPLE: those of Java's "
            + "SimpleDateFormat; DATETIME: those of its DateTimeFormatter, as Hive 4 has it, which reads whole texts and only dates "
            + "that there are.")
    static let randomSeed = Setting(
        "hiveql.random.seed", OptionalNumber(nil), "Seed of rand() without an argument; empty: another one for each statement.")

    // MARK: Tables and writes
    static let fileFormat = Setting(
        "hive.default.fileformat", DefaultFileFormat.textfile, "Format of tables that are created without STORED AS.")
    static let managedFileFormat = Setting(
        "hive.default.fileformat.managed", ManagedFileFormat.none,
        "The same for managed tables alone; none: as hive.default.fileformat.")
    static let defaultSerDe = Setting(
        "hive.default.serde", StorageClasses.lazySimpleSerDe,
        "SerDe of tables of text and of sequence files that are created without ROW FORMAT SERDE.")
    static let defaultRCFileSerDe = Setting(
        "hive.default.rcfile.serde", StorageClasses(.rcfile).serde,
        "SerDe of tables of RCFiles that are created without ROW FORMAT SERDE.")
    static let evolvesSchemas = Setting(
        "hive.exec.schema.evolution", true, "Tables of ORC keep their format and SerDe, so that their columns can change.")
    static let checksLoadedFiles = Setting(
        "hive.fileformat.check", true, "LOAD DATA refuses files of another format than the table's.")
    static let compressesOutput = Setting("hive.exec.compress.output", false, "Files that queries write are compressed.")
    static let ignoresNonexistent = Setting(
        "hive.exec.drop.ignorenonexistent", true, "Dropping what does not exist is no error.")
    static let dynamicPartitions = Setting(
        "hive.exec.dynamic.partition", true, "INSERT may make partitions from the rows' values.")
    static let dynamicPartitionMode = Setting(
        "hive.exec.dynamic.partition.mode", DynamicPartitionMode.nonstrict,
        "strict: at least one partition column of an INSERT needs a value in the statement.")
    static let maximumDynamicPartitions = Setting(
        "hive.exec.max.dynamic.partitions", Int32(1000), "Partitions that one INSERT may make.")
    static let reducers = Setting(
        "mapreduce.job.reduces", Int32(-1),
        "Files that INSERT and CREATE TABLE AS write of a query that ends with DISTRIBUTE BY, CLUSTER BY, SORT BY, GROUP BY or DISTINCT, "
            + "each with the rows that Hive's reducer would get; -1: as many as there are workers.", where: { -1..<1_000_000 ~= $0 })
    static let reduceTasks = Setting(
        "mapred.reduce.tasks", Int32(-1), "The older name of mapreduce.job.reduces: whoever sets one sets both.",
        where: { -1..<1_000_000 ~= $0 })
    static let maximumDynamicPartitionsOfNode = Setting(
        "hive.exec.max.dynamic.partitions.pernode", Int32(100),
        "Partitions that one INSERT may make, all of it on this machine; holds only where it is set.")
    static let nullPartition = Setting(
        "hive.exec.default.partition.name", PartitionName.defaultValue,
        "What stands in a partition's name where the column is NULL or empty; empty: Hive's own name. Partitions that have another "
            + "one keep it.")
    static let archives = Setting(
        "hive.archive.enabled", false,
        "Whether ALTER TABLE … ARCHIVE and UNARCHIVE may put the files of partitions into Hadoop archives and take them out.")
    static let specialNames = Setting(
        "hive.support.special.characters.tablename", true, "Names of tables in back quotes may have slashes.")
    static let checksPartitionTypes = Setting(
        "hive.typecheck.on.insert", true, "Values of partitions in a statement are converted to the column's type.")
    static let refusesIncompatibleTypes = Setting(
        "hive.metastore.disallow.incompatible.col.type.changes", true,
        "ALTER TABLE refuses types that the values in the files cannot become.")
    static let strictness = Setting(
        "hive.mapred.mode", "nonstrict",
        "strict: all that hive.strict.checks.… name is refused; set to nonstrict none of it, whatever those say.")
    static let checksLargeQueries = Setting(
        "hive.strict.checks.large.query", false,
        "Partitioned tables are not read without a condition on their partitions, and ORDER BY needs LIMIT, unless hive.mapred.mode was set.")
    static let checksCartesianProducts = Setting(
        "hive.strict.checks.cartesian.product", false,
        "Joins without an equality of both sides are refused, unless hive.mapred.mode was set.")
    static let checksBucketing = Setting(
        "hive.strict.checks.bucketing", true,
        "LOAD DATA into bucketed tables is refused, unless hive.mapred.mode was set.")
    static let pathValidation = Setting(
        "hive.msck.path.validation", PathValidation.throw,
        "What MSCK does with files where only folders of partitions should be: throw or pass over them.")
    static let followsLinksInRepair = Setting(
        "hiveql.msck.follow.links", false, "MSCK takes links that lead out of the table's folder for partitions.")
    static let definitionOutput = Setting(
        "hive.ddl.output.format", DefinitionOutput.text,
        "json: SHOW DATABASES, TABLES, PARTITIONS and TABLE EXTENDED and DESCRIBE print one object each.")
    static let rowChanges = Setting(
        "hiveql.row.changes", RowChangeMode.rewrite,
        "UPDATE, DELETE and MERGE write the partitions that they touch anew (rewrite), or are refused as by a Hive without "
            + "transactions (refuse).")
    static let gathersStatistics = Setting("hive.stats.autogather", true, "Whether writes keep the tables' row counts.")

    // MARK: Warehouse and locks
    static let hiveWarehouse = Setting(
        "hive.metastore.warehouse.dir", "", "The warehouse folder; read when the program starts.")
    static let warehouse = Setting("hiveql.warehouse", "", "The warehouse folder; read when the program starts.")
    static let defaultFileSystem = Setting(
        "fs.defaultFS", "",
        "The file system of paths without a scheme: file:///folder, or the URI of one that hiveql.fs.<scheme>.root stands for.")
    static let fileSystemRoot = Setting(
        "hiveql.fs.root", "", "The folder below which absolute paths without a scheme are; before fs.defaultFS.")
    static let locksTables = Setting("hive.support.concurrency", true, "Whether statements lock the tables that they use.")
    static let lockRetries = Setting(
        "hive.lock.numretries", Int32(100), "How often a lock is tried before the statement gives up.")
    static let lockPause = Setting(
        "hive.lock.sleep.between.retries", SettingDuration(seconds: 60), "The longest pause between two tries for a lock.")

    // MARK: Execution
    static let pushesPredicates = Setting("hive.optimize.ppd", true, "Conditions move towards the scans.")
    static let usesFileSummaries = Setting(
        "hive.compute.query.using.stats", true,
        "count, min and max of whole files are taken from their footers where these have them exactly. The metastore's "
            + "statistics, which Hive takes, are not.")
    static let optimizer = Setting("hiveql.optimizer", true, "All optimizer rules at once; hiveql.optimizer.<rule> switches one.")
    static let threads = Setting("hiveql.threads", Int32(0), "Workers of a query, up to 1,024; 0: one for each core.",
        where: { 0...1024 ~= $0 })
    static let memoryLimit = Setting(
        "hiveql.memory.limit", ByteCount(nil),
        "Bytes that a query's buffers may hold together (512m, 4g); empty: half of what the machine, control groups and ulimit leave to the process.")
    static let scratchFolder = Setting(
        "hiveql.scratch.dir", "",
        "Folder for what does not fit in memory, which has to be there; empty: TMPDIR, or else /var/tmp. Its files have no names "
            + "and are gone when the query ends or the program is killed.")
    static let batchSize = Setting(
        "hiveql.batch.size", Int32(2048), "Rows a batch holds at most: 1 to 1,048,576.", where: { 1...1_048_576 ~= $0 })
    static let regularExpressionSteps = Setting(
        "hiveql.regex.steps", Int64(RegularExpressionMatcher.usualStepLimit),
        "Steps that a regular expression may take on one text before the query ends with an error.", where: { $0 > 0 })
    static let recursionLimit = Setting(
        "hiveql.recursion.limit", Int32(10_000), "Steps that a recursive query (WITH RECURSIVE) may take before it ends with an error; 0: any number.",
        where: { $0 >= 0 })
    static let snapshotFiles = Setting(
        "hiveql.snapshot.files", OptionalNumber(nil),
        "Files that the queries of a process hold open together while they are read; a query with more keeps its tables' "
            + "locks until it has run. Empty: half of what the system allows.")
    static let splitBytes = Setting(
        "hiveql.split.bytes", ByteCount(4 << 20), "Bytes of a text file that a worker reads before it asks for the next piece.")
    static let isBucketwise = Setting(
        "hiveql.bucketwise", true,
        "Joins, groupings and windows by the bucket columns of large tables take some buckets after the others.")
    static let bucketwiseBytes = Setting(
        "hiveql.bucketwise.bytes", ByteCount(nil),
        "Bytes of the files of bucketed tables that are taken at a time, about; empty: 64m, or a sixteenth of hiveql.memory.limit where that is less.")
    static let scriptsMayLeaveInput = Setting(
        "hive.exec.script.allow.partial.consumption", false, "Programs of TRANSFORM may leave rows unread.")
    static let escapesScriptRows = Setting(
        "hive.transform.escape.input", false,
        "Backslashes, tabs and line ends within fields go to a program of TRANSFORM, and come from it, as escapes, unless "
            + "ROW FORMAT says how.")
    static let targetFileSize = Setting(
        "hiveql.write.target.file.size", ByteCount(nil),
        "Bytes from which on a file that is written is followed by another one (256m), but for bucketed tables; empty: a "
            + "worker writes one file a partition.")
    static let fault = Setting(
        "hiveql.fault", "", "For tests: the step of a write at which the process is killed or an operation fails.")

    // MARK: Formats of files
    /// What tables say in their own properties (`orc.compress` …) comes before these. Sessions may also set the names of such
    /// properties: `orc.*`, `parquet.*`, `avro.*`.
    static let formats: [any KnownSetting] = [
        Setting("hive.exec.orc.default.compress", "ZLIB", "How ORC files are compressed: NONE, ZLIB, SNAPPY, LZ4, ZSTD, BROTLI."),
        Setting("hive.exec.orc.default.buffer.size", Int64(262_144), "Bytes that an ORC file compresses together."),
        Setting("hive.exec.orc.default.stripe.size", Int64(67_108_864), "Bytes of a stripe of an ORC file, about."),
        Setting("hive.exec.orc.default.row.index.stride", Int64(10_000), "Rows of an entry of an ORC file's row index; 0: no index."),
        Setting(
            "hive.exec.orc.dictionary.key.size.threshold", "0.8",
            "Different strings, as a share of all, up to which an ORC file keeps them in a dictionary.",
            where: { Double($0).map { (0...1).contains($0) } ?? false }),
        Setting("hive.io.rcfile.record.buffer.size", Int64(4_194_304), "Bytes of a row group of an RCFile, about."),
        Setting("hive.io.rcfile.record.interval", Int64(2_147_483_647), "Rows that a row group of an RCFile has at most."),
        Setting("hive.io.rcfile.column.number", Int64(0), effect: .none, "An RCFile has its table's columns."),
    ]

    // MARK: Accepted for scripts written for a cluster
    static let accepted: [any KnownSetting] = [
        Setting("hive.enforce.bucketing", true, effect: .none, "Bucketed tables always get their buckets."),
        Setting("hive.enforce.sorting", true, effect: .none, "Buckets are always sorted as the table says."),
        Setting("hive.exec.parallel", false, effect: .none, "Stages run as soon as they can."),
        Setting("hive.exec.reducers.bytes.per.reducer", Int64(256_000_000), effect: .none, "There are no reducers."),
        Setting("hive.exec.scratchdir", "", effect: .none, "What does not fit in memory goes to hiveql.scratch.dir."),
        Setting("hive.execution.engine", "mr", effect: .none, "There is one engine."),
        Setting("hive.fetch.task.conversion", "more", effect: .none, "There are no tasks."),
        Setting("hive.vectorized.execution.enabled", true, effect: .none, "Execution is always vectorized."),
    ]

    static let all: [any KnownSetting] =
        ([
            ignoresErrors, printsCurrentDatabase, printsHeader, prompt, shellOutput, substitutesVariables,
            substitutionDepth, positionsEverywhere, groupsByPosition, ordersByPosition, quotedIdentifiers,
            uniqueColumnNames, localTimeZone, integersAreSeconds, timeFormatter, randomSeed, fileFormat, managedFileFormat,
            defaultSerDe, defaultRCFileSerDe, evolvesSchemas, checksLoadedFiles, compressesOutput, ignoresNonexistent,
            dynamicPartitions, dynamicPartitionMode, maximumDynamicPartitions, maximumDynamicPartitionsOfNode,
            reducers, reduceTasks,
            nullPartition, archives, specialNames, checksPartitionTypes, refusesIncompatibleTypes, pathValidation,
            followsLinksInRepair, definitionOutput, gathersStatistics, hiveWarehouse, warehouse, defaultFileSystem, fileSystemRoot,
            locksTables, lockRetries, lockPause,
            pushesPredicates, usesFileSummaries, optimizer, threads, memoryLimit, scratchFolder, batchSize,
            regularExpressionSteps, recursionLimit, snapshotFiles, splitBytes,
            isBucketwise, bucketwiseBytes,
            strictness, checksLargeQueries, checksCartesianProducts, checksBucketing,
            rowChanges, escapesScriptRows, scriptsMayLeaveInput, targetFileSize, fault,
        ] + formats + accepted).sorted { $0.name < $1.name }

    static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    // MARK: Names with a part that varies
    static let optimizerRules = SettingFamily(
        prefix: "hiveql.optimizer.", suffix: "", pattern: "hiveql.optimizer.<rule>", typeName: Bool.typeName,
        defaultText: "true", summary: "One rule of the optimizer: \(Optimizer.ruleNames.joined(separator: ", "))."
    ) { part, value in Optimizer.ruleNames.contains(part) && Bool(settingText: value) != nil }
    static let fileSystemRoots = SettingFamily(
        prefix: "hiveql.fs.", suffix: ".root", pattern: "hiveql.fs.<scheme>.root", typeName: String.typeName,
        defaultText: "",
        summary: "The folder that stands for a file system such as hdfs, wasb or s3; {authority} in it is replaced by the "
            + "container, bucket or host, {container} by what stands before an @ in that. One of them may have a folder of its "
            + "own: hiveql.fs.wasb.box.root, hiveql.fs.s3.bucket.root."
    ) { _, _ in true }
    static let families = [optimizerRules, fileSystemRoots]
}
