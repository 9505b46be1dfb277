import Catalog
import Columnar
import Expressions
import Platform
import TableFormats

/// One worker's files of a `TableWriteConsumer`.
///
/// A file belongs to a folder and a bucket, not to values: NULL and the empty text, and all texts that become one name,
/// share a folder and so share its writer.
final class TableWriter: ResultWorker {
    /// Files that a worker keeps open: the limit of a process is often 1024, and others need some.
    private static let openFiles = 128
    private static let mostBufferBytes = 64 << 20
    /// What is kept of a file besides its buffer, about.
    private static let bytesPerFile = 512

    private struct Target {
        var file: any TableFile
        /// What the file writes to.
        var output: OutputFile
        /// The path of the target's first file, before its format's suffix.
        var path: String
        var suffix: String
        /// Files of the target that are full.
        var fullFiles = 0
        /// Its format's place among the writers.
        var writer: Int
        var partitionValues: [String]
        var bucket: Int
        var rowCount = 0
        /// Bytes that wait in memory beside the buffer of the output file, as they were counted last.
        var waitingBytes = 0
    }

    private let consumer: TableWriteConsumer
    private let number: Int
    /// The combinations of partition values and bucket that came, numbered, and the number of each one's target.
    private let keys: KeyTable
    private var targetOfKey: [Int32] = []
    private var targets: [Target] = []
    private var targetOfPath: [String: Int32] = [:]
    /// One for each format among the targets.
    private var writers: [(format: any TableFormat, writer: any TableFileWriter)] = []
    private let files: OutputFileSet
    /// Of all targets.
    private var waitingBytes = 0
    private var written: [TableWriteConsumer.File] = []
    private let reservation: MemoryReservation?
    private var hashCapacity = 1
    private var hashBuffer = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    /// For each target its rows in the batch at hand, then where they end; zero between batches.
    private var ends: [Int] = []

    init(_ consumer: TableWriteConsumer, number: Int, memory: MemoryPool?) throws {
        self.consumer = consumer
        self.number = number
        let dynamic = consumer.staticValues.filter { $0 == nil }.count
        keys = KeyTable(KeyLayout(Array(repeating: .string, count: dynamic) + [.int]))
        let share = (memory?.limit ?? .max) / 16
        files = OutputFileSet(
            maximumOpen: Self.openFiles,
            maximumBufferBytes: min(max(share, OutputFile.largestBuffer), Self.mostBufferBytes))
        reservation = memory.map { MemoryReservation($0, for: "files of \(consumer.table.qualifiedName)") }
    }

    deinit { hashBuffer.deallocate() }

    func consume(_ batch: Batch) throws {
        try write(batch, buckets: .constant(Int32(truncatingIfNeeded: number), type: .int, count: batch.capacity))
    }

    /// - Parameter buckets: each row's bucket, INT.
    func write(_ batch: Batch, buckets: Column) throws {
        let width = consumer.table.columns.count
        guard batch.columns.count == width + keys.layout.types.count - 1 else {
            throw ExecutionError.invalidPlan("rows for \(consumer.table.qualifiedName) have another number of columns")
        }
        let data = Array(batch.columns[..<width])
        var values = try batch.columns[width...].map { try PartitionText.column(of: $0, batch) }
        values.append(buckets)
        let rows = Batch(columns: data, capacity: batch.capacity, rows: batch.rows, sequence: batch.sequence)
        if values.allSatisfy(\.isConstant) {
            Hashing.hash(values, rows: .all(1), count: 1, into: hashes(1))
            let key = try keys.insert(values, row: 0, hash: hashes(1)[0])
            let target = Int(try self.target(of: Int(key), values, row: 0))
            if target >= 0 {
                try beginNextFile(ifFull: target)
                try writers[targets[target].writer].writer.begin(rows)
                try append(nil, count: batch.rowCount, to: target)
            }
        } else {
            try distribute(rows, by: values)
        }
        try settle()
    }

    /// Appends each row to its target's file.
    private func distribute(_ batch: Batch, by values: [Column]) throws {
        let count = batch.rowCount
        try withUnsafeTemporaryAllocation(of: Int32.self, capacity: count * 2) { buffer in
            guard let numbers = buffer.baseAddress else { return }
            let ordinals = numbers + count
            let words = hashes(batch.capacity)
            Hashing.hash(values, rows: batch.rows, count: batch.capacity, into: words)
            try keys.insert(values, rows: batch.rows, hashes: words, into: numbers)
            // The rows of each target, by counting.
            var touched: [Int32] = []
            for ordinal in 0..<count {
                let target = try self.target(of: Int(numbers[ordinal]), values, row: batch.rows[ordinal])
                numbers[ordinal] = target
                if target < 0 { continue }
                if ends[Int(target)] == 0 { touched.append(target) }
                ends[Int(target)] += 1
            }
            var end = 0
            for target in touched {
                let count = ends[Int(target)]
                ends[Int(target)] = end
                end += count
            }
            for ordinal in 0..<count where numbers[ordinal] >= 0 {
                let target = Int(numbers[ordinal])
                ordinals[ends[target]] = Int32(truncatingIfNeeded: ordinal)
                ends[target] += 1
            }
            var begun = [Bool](repeating: false, count: writers.count)
            var begin = 0
            for target in touched.lazy.map({ Int($0) }) {
                let count = ends[target] - begin
                ends[target] = 0
                try beginNextFile(ifFull: target)
                let writer = targets[target].writer
                if !begun[writer] {
                    begun[writer] = true
                    try writers[writer].writer.begin(batch)
                }
                try append(UnsafeBufferPointer(start: ordinals + begin, count: count), count: count, to: target)
                begin += count
            }
        }
    }

    private func append(_ ordinals: UnsafeBufferPointer<Int32>?, count: Int, to target: Int) throws {
        try targets[target].file.append(ordinals)
        targets[target].rowCount += count
        countWaiting(target)
    }

    private func countWaiting(_ target: Int) {
        let bytes = targets[target].file.bufferedBytes
        waitingBytes += bytes - targets[target].waitingBytes
        targets[target].waitingBytes = bytes
    }

    /// Keeps the bounds of memory; buffers are written early when the query has none left.
    private func settle() throws {
        try files.settle()
        guard let reservation else { return }
        do {
            try reservation.update(to: bytesHeld)
        } catch {
            for target in targets.indices {
                try targets[target].file.flush()
                countWaiting(target)
            }
            try files.flush()
            try reservation.update(to: bytesHeld)
        }
    }

    private var bytesHeld: Int {
        files.bufferBytes + waitingBytes + targets.count * Self.bytesPerFile + keys.byteCount
    }

    /// Room for so many hashes.
    private func hashes(_ count: Int) -> UnsafeMutablePointer<UInt64> {
        if count > hashCapacity {
            hashBuffer.deallocate()
            hashCapacity = count
            hashBuffer = .allocate(capacity: count)
        }
        return hashBuffer
    }

    // MARK: Targets

    private static let unknown: Int32 = -1
    /// The target of rows that are not written, since the statement will fail.
    private static let refused: Int32 = -2

    /// The target of a key, made when its folder and bucket are new; `row` is one that has the key. Negative for a
    /// partition beyond the limits.
    private func target(of key: Int, _ values: [Column], row: Int) throws -> Int32 {
        while targetOfKey.count <= key { targetOfKey.append(Self.unknown) }
        if targetOfKey[key] != Self.unknown { return targetOfKey[key] }
        var next = 0
        let partitionValues = consumer.staticValues.map { fixed -> String in
            if let fixed { return fixed }
            let column = values[next]
            next += 1
            guard !column.isNull(row) else { return consumer.nullPartition }
            let text = column.values(as: StringView.self)[column.element(of: row)].string
            return text.isEmpty ? consumer.nullPartition : text
        }
        let buckets = values[values.count - 1]
        let bucket = Int(buckets.values(as: Int32.self)[buckets.element(of: row)])
        let name = PartitionName.make(
            columns: consumer.table.partitionColumns.map(\.name), values: partitionValues)
        let path = consumer.path(ofBucket: bucket, partition: name)
        if let known = targetOfPath[path] {
            targetOfKey[key] = known
            return known
        }
        guard consumer.register(name) else {
            targetOfKey[key] = Self.refused
            return Self.refused
        }
        let added = Int32(targets.count)
        let format = consumer.format(of: partitionValues)
        let writer = try self.writer(of: format)
        let output = files.add(path: path + format.fileSuffix)
        targets.append(
            Target(
                file: try writers[writer].writer.open(output), output: output, path: path, suffix: format.fileSuffix,
                writer: writer, partitionValues: partitionValues, bucket: bucket))
        ends.append(0)
        targetOfPath[path] = added
        targetOfKey[key] = added
        return added
    }

    private func writer(of format: any TableFormat) throws -> Int {
        if let known = writers.firstIndex(where: { $0.format === format }) { return known }
        writers.append((format, try format.makeWriter(schema: consumer.table.columns)))
        return writers.count - 1
    }

    /// Gives a target whose file has enough bytes, written or waiting, another one: `000000_0_copy_1` behind `000000_0`.
    private func beginNextFile(ifFull number: Int) throws {
        guard let limit = consumer.targetFileBytes,
            targets[number].output.byteCount + targets[number].file.bufferedBytes >= limit
        else { return }
        try close(number)
        targets[number].fullFiles += 1
        targets[number].rowCount = 0
        let target = targets[number]
        let output = files.add(path: "\(target.path)_copy_\(target.fullFiles)\(target.suffix)")
        targets[number].output = output
        targets[number].file = try writers[target.writer].writer.open(output)
    }

    private func close(_ number: Int) throws {
        let target = targets[number]
        let closed = try target.file.close()
        waitingBytes -= target.waitingBytes
        targets[number].waitingBytes = 0
        written.append(
            TableWriteConsumer.File(
                path: target.file.path, partitionValues: target.partitionValues, bucket: target.bucket,
                rowCount: target.rowCount, byteCount: closed.byteCount))
    }

    func finish() throws {
        written.reserveCapacity(written.count + targets.count)
        for number in targets.indices { try close(number) }
        consumer.add(written)
        written = []
        targets = []
        targetOfPath = [:]
    }
}
