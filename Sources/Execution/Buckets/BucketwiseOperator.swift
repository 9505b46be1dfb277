import Columnar
import Planner

/// Runs its input several times, each time with the rows of some buckets of its tables, so that the input's joins,
/// groups and windows keep no more than those. When the files are few bytes, or not what the tables say of their
/// buckets, it runs the input once with all rows.
package final class BucketwiseOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let scans: [TableScanOperator]

    /// - Parameter input: of whose scans rows of different buckets have nothing to do with each other (`BucketedRows`).
    init(_ input: PhysicalOperator) {
        var scans: [TableScanOperator] = []
        input.forEachOperator { if let scan = $0 as? TableScanOperator { scans.append(scan) } }
        self.scans = scans
        super.init(outputs: input.outputs, inputs: [input])
    }

    package override var details: [String] {
        ["buckets: " + scans.map { "\($0.scan.table.qualifiedName) \($0.scan.table.storage.bucketCount)" }.joined(separator: ", ")]
    }

    override func produce(_ query: QueryExecution, into target: StageSet) throws {
        let (count, byteCount) = try turns(query)
        guard count > 1 else { return try inputs[0].run(query, into: target) }
        profile.add(turns: count)
        query.progress.expect(bytes: byteCount)
        defer { query.bucketTurn.withLock { $0 = nil } }
        for number in 0..<count {
            query.bucketTurn.withLock { $0 = BucketTurn(number: number, count: count) }
            try inputs[0].run(query, into: target)
        }
    }

    /// As many turns as bring the bytes of each down to about what the setting says, with at least one bucket of every table,
    /// and the bytes of all; one turn when that cannot be.
    private func turns(_ query: QueryExecution) throws -> (count: Int, byteCount: Int) {
        guard let turnBytes = query.settings.bucketwiseBytes else { return (1, 0) }
        var byteCount = 0
        var divisor = 0
        for scan in scans {
            guard let files = try scan.bucketedFiles(query) else { return (1, 0) }
            byteCount += files.byteCount
            for count in files.bucketCounts { divisor = BucketFiles.commonDivisor(count, divisor) }
        }
        // The greatest number of which all numbers of buckets are multiples.
        let wanted = min((byteCount - 1) / turnBytes + 1, divisor)
        guard wanted > 1 else { return (1, 0) }
        return ((2...wanted).last { divisor % $0 == 0 } ?? 1, byteCount)
    }
}

/// Which buckets are read now: those whose number has the remainder `number` by `count`.
struct BucketTurn {
    let number: Int
    let count: Int

    func takes(_ bucket: Int) -> Bool { bucket % count == number }
}
