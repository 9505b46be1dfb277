import Columnar
import Expressions

/// One worker's side of a rank filter. Of each partition it keeps the least order keys that it has seen, as many as rows are
/// wanted; a row behind all of them has so many rows before it, and goes no further. What is kept are the first bytes of keys,
/// and rows with equal ones pass: the window decides.
final class RankFilterStage: TransformStage {
    private let plan: RankFilterPlan
    private let query: QueryExecution
    private let evaluator: ExpressionEvaluator
    private var partitions: KeyTable
    private let reservation: MemoryReservation
    /// For each partition how many keys it has, and the keys, the least first.
    private var counts: [Int] = []
    private var least: [UInt8] = []
    private let keyBytes: Int
    private var seen = 0
    private var passed = 0
    /// Whether it leaves out too little to be worth its time and memory.
    private var isOff = false

    /// Rows after which it has shown what it is good for.
    private static let trial = 1 << 16

    init(_ plan: RankFilterPlan, _ query: QueryExecution, next: Stage) {
        self.plan = plan
        self.query = query
        evaluator = ExpressionEvaluator(plan.program, context: query.context)
        partitions = KeyTable(plan.partitionLayout)
        reservation = MemoryReservation(query.memory, for: "OVER")
        keyBytes = plan.comparison.firstSegmentLength
        super.init(next: next)
    }

    override func push(_ batch: Batch) throws -> Flow {
        guard batch.rowCount > 0 else { return .more }
        if plan.limit.count == 0 { return .stop }
        if isOff { return try next.push(batch) }
        var kept = batch
        kept.rows = try select(batch)
        seen += batch.rowCount
        passed += kept.rowCount
        try weigh()
        return kept.rows.isEmpty ? .more : try next.push(kept)
    }

    /// Goes on only as long as it leaves out a quarter of the rows, and takes little memory.
    private func weigh() throws {
        let bytes = partitions.byteCount + least.capacity + counts.capacity * MemoryLayout<Int>.stride
        let isFruitless = seen >= Self.trial && passed > seen / 4 * 3
        if isOff || isFruitless || bytes > mostBytes || (try? reservation.update(to: bytes)) == nil {
            turnOff()
            try reservation.update(to: 0)
        }
    }

    private var mostBytes: Int { query.memory.limit / 16 }

    private func turnOff() {
        isOff = true
        partitions = KeyTable(plan.partitionLayout)
        least = []
        counts = []
    }

    private func select(_ batch: Batch) throws -> RowSelection {
        evaluator.begin(batch)
        defer { evaluator.end() }
        let rows = batch.rows
        let count = rows.count
        let keys = try (0..<plan.partitionCount).map { try evaluator.plainResult($0) }
        let order = try (plan.partitionCount..<plan.program.roots.count).map { try evaluator.plainResult($0) }
        let stride = plan.comparison.stride
        let kept = SelectionVector(capacity: count)
        try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count * stride) { bytes in
            try withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { numbers in
                guard let bytes = bytes.baseAddress, let numbers = numbers.baseAddress else { return }
                plan.comparison.normalized.encode(order, rows: rows, into: bytes, stride: stride)
                try findPartitions(keys, rows, batch.capacity, into: numbers)
                if isOff {
                    rows.copy(into: kept.indices)
                    return kept.setCount(count)
                }
                var used = 0
                for ordinal in 0..<count where mayMatter(bytes + ordinal * stride, in: Int(numbers[ordinal])) {
                    kept.indices[used] = Int32(truncatingIfNeeded: rows[ordinal])
                    used += 1
                }
                kept.setCount(used)
            }
        }
        return RowSelection(kept)
    }

    private func findPartitions(
        _ keys: [Column], _ rows: RowSelection, _ capacity: Int, into numbers: UnsafeMutablePointer<Int32>
    ) throws {
        if keys.isEmpty {
            numbers.initialize(repeating: 0, count: rows.count)
            addPartitions(upTo: 1)
            return
        }
        let plain = ComplexKeyCoding.encodeComplex(keys, rows: rows, count: capacity)
        try withUnsafeTemporaryAllocation(of: UInt64.self, capacity: capacity) { hashes in
            guard let hashes = hashes.baseAddress else { return }
            Hashing.hash(plain, rows: rows, count: capacity, into: hashes)
            try partitions.insert(plain, rows: rows, hashes: hashes, into: numbers)
        }
        // Asked before they are made: a batch may have as many partitions as rows.
        guard partitions.count * (plan.limit.count * keyBytes + MemoryLayout<Int>.stride) <= mostBytes else { return turnOff() }
        addPartitions(upTo: partitions.count)
    }

    private func addPartitions(upTo count: Int) {
        let more = count - counts.count
        guard more > 0 else { return }
        counts.append(contentsOf: repeatElement(0, count: more))
        least.append(contentsOf: repeatElement(0, count: more * plan.limit.count * keyBytes))
    }

    /// Whether a row with this key may be among the wanted ones; if so its key is taken in.
    private func mayMatter(_ key: UnsafePointer<UInt8>, in partition: Int) -> Bool {
        let length = keyBytes
        let wanted = plan.limit.count
        let isFull = counts[partition] == wanted
        return least.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return true }
            let own = base + partition * wanted * length
            var place = counts[partition]
            if isFull {
                let order = compareBytes(key, own + (wanted - 1) * length, length)
                if order >= 0 { return order == 0 }
                place = wanted - 1
            }
            // The keys behind make room; where as many keys differ as are wanted, equal ones are one.
            var target = place
            while target > 0 {
                let order = compareBytes(key, own + (target - 1) * length, length)
                if order == 0, plan.limit.ofDistinctKeys { return true }
                if order >= 0 { break }
                target -= 1
            }
            for moved in stride(from: place, to: target, by: -1) {
                (own + moved * length).update(from: own + (moved - 1) * length, count: length)
            }
            (own + target * length).update(from: key, count: length)
            if !isFull { counts[partition] += 1 }
            return true
        }
    }
}
