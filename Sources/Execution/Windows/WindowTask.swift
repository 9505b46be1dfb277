import Columnar
import Functions
import Planner

/// The computation of one part: its rows grouped into partitions and sorted, then every function over them.
final class WindowTask {
    let plan: WindowPlan
    let query: QueryExecution
    private let input: WindowInput
    let count: Int
    /// Rows of the input in the order of the windows.
    private let order: UnsafeMutablePointer<Int32>
    /// Partitions as ranges of that order.
    private(set) var partitions: [Range<Int>] = []
    /// For each place in the order where its peers (equal order keys) begin and end.
    let peerStarts: UnsafeMutablePointer<Int32>
    let peerEnds: UnsafeMutablePointer<Int32>
    private var frames: [WindowFrame: FrameBounds] = [:]
    private let reservation: MemoryReservation

    /// `order`, `peerStarts` and `peerEnds`.
    private static let bytesPerRow = 3 * MemoryLayout<Int32>.stride

    init(
        _ input: WindowInput, _ plan: WindowPlan, _ rows: UnsafePointer<Int32>, _ count: Int, _ query: QueryExecution
    ) throws {
        self.input = input
        self.plan = plan
        self.count = count
        self.query = query
        reservation = try MemoryReservation(query.memory, for: "OVER", bytes: count * Self.bytesPerRow)
        order = .allocate(capacity: count)
        peerStarts = .allocate(capacity: count)
        peerEnds = .allocate(capacity: count)
        try arrange(rows)
    }

    deinit {
        order.deallocate()
        peerStarts.deallocate()
        peerEnds.deallocate()
    }

    /// Kept column `index` for some rows of the input, flat.
    private func gathered(_ index: Int, _ rows: UnsafePointer<Int32>) -> Column {
        let column = Column.dictionary(input.columns[index], indices: rows, count: count)
        return column.decoded(.all(count))
    }

    private func arrange(_ rows: UnsafePointer<Int32>) throws {
        // Places in `rows`, first grouped by partition, then sorted within.
        let comparison = plan.orderComparison
        let scratch = try MemoryReservation(
            query.memory, for: "OVER", bytes: count * max(groupingBytesPerRow, sortingBytesPerRow))
        defer { withExtendedLifetime(scratch) {} }
        let places = UnsafeMutablePointer<Int32>.allocate(capacity: count)
        defer { places.deallocate() }
        if plan.partitionColumns.isEmpty {
            for place in 0..<count { places[place] = Int32(truncatingIfNeeded: place) }
            partitions = [0..<count]
        } else {
            try group(rows, into: places)
        }
        if plan.orderColumns.isEmpty {
            for partition in partitions { setPeers(partition) }
        } else {
            let stride = comparison.stride
            let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: count * stride)
            defer { bytes.deallocate() }
            let keys = plan.orderColumns.map { gathered($0, rows) }
            comparison.normalized.encode(keys, rows: .all(count), into: bytes, stride: stride)
            let sorter = RowSorter(comparison: comparison, bytes: bytes, columns: keys, check: query.check)
            for partition in partitions {
                try query.check()
                try sorter.sort(places + partition.lowerBound, count: partition.count)
                var begin = partition.lowerBound
                for place in partition.dropFirst()
                where comparison.compare(bytes, keys, Int(places[place - 1]), Int(places[place])) != 0 {
                    setPeers(begin..<place)
                    begin = place
                }
                setPeers(begin..<partition.upperBound)
            }
        }
        for place in 0..<count { order[place] = rows[Int(places[place])] }
    }

    /// Places, gathered keys, their numbers and hashes.
    private var groupingBytesPerRow: Int {
        plan.partitionColumns.isEmpty
            ? 0 : gatheredBytesPerRow(plan.partitionColumns) + 2 * MemoryLayout<Int32>.stride + MemoryLayout<UInt64>.stride
    }

    /// Places, gathered keys, their bytes, and the sorter's own where there is one partition.
    private var sortingBytesPerRow: Int {
        plan.orderColumns.isEmpty
            ? 0
            : gatheredBytesPerRow(plan.orderColumns) + MemoryLayout<Int32>.stride + plan.orderComparison.stride
                + (plan.partitionColumns.isEmpty ? RowSorter.bytesPerRow : 0)
    }

    private func gatheredBytesPerRow(_ columns: [Int]) -> Int {
        columns.reduce(0) { $0 + input.columns[$1].type.physical.stride }
    }

    private func setPeers(_ range: Range<Int>) {
        (peerStarts + range.lowerBound).initialize(
            repeating: Int32(truncatingIfNeeded: range.lowerBound), count: range.count)
        (peerEnds + range.lowerBound).initialize(
            repeating: Int32(truncatingIfNeeded: range.upperBound), count: range.count)
    }

    private func group(_ rows: UnsafePointer<Int32>, into places: UnsafeMutablePointer<Int32>) throws {
        let keys = ComplexKeyCoding.encodeComplex(
            plan.partitionColumns.map { gathered($0, rows) }, rows: .all(count), count: count)
        let table = KeyTable(plan.partitionLayout)
        let hashes = UnsafeMutablePointer<UInt64>.allocate(capacity: count)
        let numbers = UnsafeMutablePointer<Int32>.allocate(capacity: count)
        defer {
            hashes.deallocate()
            numbers.deallocate()
        }
        Hashing.hash(keys, rows: .all(count), count: count, into: hashes)
        try table.insert(keys, rows: .all(count), hashes: hashes, into: numbers)
        if input.partCount == 1 { try renumberByKey(numbers, table) }
        var starts = [Int](repeating: 0, count: table.count + 1)
        for place in 0..<count { starts[Int(numbers[place]) + 1] += 1 }
        for number in 0..<table.count { starts[number + 1] += starts[number] }
        partitions = (0..<table.count).map { starts[$0]..<starts[$0 + 1] }
        for place in 0..<count {
            let number = Int(numbers[place])
            places[starts[number]] = Int32(truncatingIfNeeded: place)
            starts[number] += 1
        }
    }

    /// Numbers the partitions in the order of their keys, NULLs first.
    private func renumberByKey(_ numbers: UnsafeMutablePointer<Int32>, _ table: KeyTable) throws {
        let order = try table.sortedNumbers()
        var rank = [Int32](repeating: 0, count: order.count)
        for (place, number) in order.enumerated() { rank[Int(number)] = Int32(truncatingIfNeeded: place) }
        for place in 0..<count { numbers[place] = rank[Int(numbers[place])] }
    }

    /// Computes all functions and pushes the rows.
    func run(_ sequence: Int, into stage: Stage) throws -> Flow {
        var results: [Column] = []
        for function in plan.functions {
            try query.check()
            // Beside the result what it is computed from: the arguments, and as much again for what slides over them.
            try reservation.add(count * function.named.output.type.physical.stride)
            let scratch = try MemoryReservation(
                query.memory, for: "OVER", bytes: count * (8 + function.arguments.reduce(0) { $0 + bytesPerRow(of: $1) }))
            results.append(try WindowEvaluation(self, function).column())
            withExtendedLifetime(scratch) {}
        }
        var begin = 0
        var position = 0
        while begin < count {
            try query.check()
            let size = min(query.batchSize, count - begin)
            let rows = input.columns.prefix(plan.inputWidth).map {
                Column.dictionary($0, indices: order + begin, count: size)
            }
            let flow = try stage.push(
                Batch(
                    columns: rows + results.map { $0.slice(begin..<begin + size) }, capacity: size,
                    sequence: BatchSequence(morsel: sequence, position: position)))
            if flow != .more { return flow }
            begin += size
            position += 1
        }
        return .more
    }

    private func bytesPerRow(of source: WindowPlan.Source) -> Int {
        switch source {
        case .column(let index): input.columns[index].type.physical.stride
        case .literal: 0
        }
    }

    /// An argument's values in the order of the windows, flat or constant.
    func values(_ source: WindowPlan.Source) -> Column {
        switch source {
        case .column(let index): gathered(index, order)
        case .literal(let value, let type): value.column(type: type, count: count)
        }
    }

    /// The order key's values in the order of the windows.
    var orderKey: Column? { plan.orderColumns.first.map { gathered($0, order) } }

    func bounds(_ frame: WindowFrame) throws -> FrameBounds {
        if let known = frames[frame] { return known }
        try reservation.add(count * 2 * MemoryLayout<Int32>.stride)
        let made = try FrameBounds(frame, self)
        frames[frame] = made
        return made
    }
}
