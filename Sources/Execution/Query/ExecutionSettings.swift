import Platform

/// What a session's settings say about how a query runs.
package struct ExecutionSettings: Sendable {
    /// Workers of a pipeline (`hiveql.threads`).
    package var threads: Int
    /// Rows a batch holds at most (`hiveql.batch.size`).
    package var batchSize: Int
    /// Bytes that all buffers of a query may hold together (`hiveql.memory.limit`).
    package var memoryLimit: Int
    /// Folder for what does not fit in memory (`hiveql.scratch.dir`); it has to be there when it is first needed.
    package var scratchFolder: String
    /// Bytes of a text file that a worker reads before it asks for the next piece.
    package var splitBytes: Int

    /// Bytes of bucketed tables' files that a join, grouping or window takes at a time (`hiveql.bucketwise.bytes`); nil: all.
    package var bucketwiseBytes: Int?

    /// Steps that a recursive query may take (`hiveql.recursion.limit`); nil: any number.
    package var recursionLimit: Int?

    /// Files that all queries of the process may hold open together (`hiveql.snapshot.files`); nil: half of what the system
    /// allows.
    package var snapshotFiles: Int?
    /// What the session says of the formats of files (`orc.compress`, `parquet.compression` …), by name.
    package var formatSettings: [String: String]
    /// For the programs of TRANSFORM.
    package var scripts: ScriptSettings

    package init(
        threads: Int, batchSize: Int = 2048, memoryLimit: Int = .max,
        scratchFolder: String = TemporaryFolder.pathForLargeFiles,
        splitBytes: Int = 4 << 20, bucketwiseBytes: Int? = nil, recursionLimit: Int? = nil, snapshotFiles: Int? = nil,
        formatSettings: [String: String] = [:], scripts: ScriptSettings = ScriptSettings()
    ) {
        self.threads = max(threads, 1)
        self.batchSize = min(max(batchSize, 1), 1 << 20)
        self.memoryLimit = memoryLimit
        self.scratchFolder = scratchFolder
        self.splitBytes = max(splitBytes, 1)
        self.bucketwiseBytes = bucketwiseBytes.map { max($0, 1) }
        self.recursionLimit = recursionLimit
        self.snapshotFiles = snapshotFiles
        self.formatSettings = formatSettings
        self.scripts = scripts
    }
}
