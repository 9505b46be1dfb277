import Columnar
import Expressions

/// Where an ASOF join has conditions over both sides: looks from the nearest right row of each left row outwards for one
/// that meets them, many left rows at a time and for those that remain ever more right rows at a time.
final class NearestWalk {
    private let index: AsofIndex
    private let limits: ExpressionEvaluator?
    private let ofPairs: ExpressionEvaluator?
    private let isPatient: Bool
    private let none: Int32
    private let query: QueryExecution
    private let pairCapacity: Int
    private let leftPairs: UnsafeMutablePointer<Int32>
    private let rightPairs: UnsafeMutablePointer<Int32>

    init(_ index: AsofIndex, _ programs: AsofPrograms, _ query: QueryExecution) {
        self.index = index
        self.query = query
        limits = programs.limits.map { ExpressionEvaluator($0, context: query.context) }
        ofPairs = programs.ofPairs.map { ExpressionEvaluator($0, context: query.context) }
        isPatient = programs.isPatient
        none = Int32(truncatingIfNeeded: programs.isOuter ? index.rowCount : 0)
        pairCapacity = query.batchSize
        leftPairs = .allocate(capacity: pairCapacity)
        rightPairs = .allocate(capacity: pairCapacity)
    }

    deinit {
        leftPairs.deallocate()
        rightPairs.deallocate()
    }

    /// Left rows still without a match, by number: their positions are in `open`, what is left of their places from
    /// `begins` up to `ends`.
    fileprivate struct Search {
        let open: UnsafeMutablePointer<Int32>
        let begins: UnsafeMutablePointer<Int32>
        let ends: UnsafeMutablePointer<Int32>
        /// Right rows asked for in the current round.
        let spans: UnsafeMutablePointer<Int32>
        /// By position: whether the row has a match.
        let marks: UnsafeMutablePointer<Int32>
        let right: UnsafeMutablePointer<Int32>
        var count = 0
    }

    /// - Parameters:
    ///   - rows: left rows whose places are in `buffers.begins` and `buffers.ends`.
    ///   - limitsHold: whether a limit that fails for a right row fails for all farther ones.
    /// - Returns: the rows that have a match, which `buffers.right` holds.
    func run(_ batch: Batch, _ rows: RowSelection, _ buffers: ProbeBuffers, limitsHold: Bool) throws -> RowSelection {
        var search = Search(
            open: buffers.open, begins: buffers.begins, ends: buffers.ends, spans: buffers.sizes, marks: buffers.heads,
            right: buffers.right)
        let sorted = index.rows.pointer
        var ordinal = 0
        rows.forEach { row in
            let (begin, end) = (search.begins[ordinal], search.ends[ordinal])
            ordinal &+= 1
            search.marks[row] = 0
            guard begin < end else { return }
            search.right[row] = sorted[Int(begin)]
            search.keep(row, begin, end)
        }
        if search.count > 0 { try askNearest(batch, &search, limitsHold) }
        var span = 2
        while search.count > 0 {
            try query.check()
            try askFarther(batch, &search, isPatient ? 1 : span, limitsHold)
            span = min(span * 2, pairCapacity)
        }
        let marks = search.marks
        return rows.filtered(capacity: rows.count) { marks[$0] != 0 }
    }

    /// The right rows stand beside the batch's rows.
    private func askNearest(_ batch: Batch, _ search: inout Search, _ limitsHold: Bool) throws {
        let asked = SelectionVector(capacity: search.count)
        asked.indices.update(from: search.open, count: search.count)
        asked.setCount(search.count)
        var pairs = Batch(
            columns: batch.columns
                + index.columns.map { Column.dictionary($0, indices: search.right, count: batch.capacity) },
            capacity: batch.capacity, rows: RowSelection(asked), sequence: batch.sequence)
        let (within, meeting) = try ask(&pairs)
        let count = search.count
        search.count = 0
        var nextWithin = 0
        var nextMeeting = 0
        for number in 0..<count {
            let row = Int(search.open[number])
            let isWithin = nextWithin < within.count && within[nextWithin] == row
            let isMeeting = nextMeeting < meeting.count && meeting[nextMeeting] == row
            nextWithin &+= isWithin ? 1 : 0
            nextMeeting &+= isMeeting ? 1 : 0
            if isMeeting {
                search.marks[row] = 1
                continue
            }
            search.right[row] = none
            if isWithin || !limitsHold { search.keep(row, search.begins[number] &+ 1, search.ends[number]) }
        }
    }

    /// The next `span` right rows of each row, in batches of pairs.
    private func askFarther(_ batch: Batch, _ search: inout Search, _ span: Int, _ limitsHold: Bool) throws {
        let count = search.count
        let sorted = index.rows.pointer
        search.count = 0
        var first = 0
        while first < count {
            try query.check()
            var used = 0
            var next = first
            while next < count, used < pairCapacity {
                let begin = search.begins[next]
                let size = min(Int(search.ends[next] &- begin), span, pairCapacity - used)
                for step in 0..<size {
                    leftPairs[used &+ step] = search.open[next]
                    rightPairs[used &+ step] = sorted[Int(begin) &+ step]
                }
                search.spans[next] = Int32(truncatingIfNeeded: size)
                used &+= size
                next &+= 1
            }
            var pairs = Batch(
                columns: batch.columns.map { Column.dictionary($0, indices: leftPairs, count: used) }
                    + index.columns.map { Column.dictionary($0, indices: rightPairs, count: used) },
                capacity: used, sequence: batch.sequence)
            let (within, meeting) = try ask(&pairs)
            decide(first..<next, &search, within, meeting, limitsHold)
            first = next
        }
    }

    private func decide(
        _ numbers: Range<Int>, _ search: inout Search, _ within: RowSelection, _ meeting: RowSelection, _ limitsHold: Bool
    ) {
        var pair = 0
        var nextWithin = 0
        var nextMeeting = 0
        for number in numbers {
            let row = Int(search.open[number])
            let size = Int(search.spans[number])
            let end = pair &+ size
            let firstWithin = nextWithin
            while nextWithin < within.count, within[nextWithin] < end { nextWithin &+= 1 }
            if nextMeeting < meeting.count, meeting[nextMeeting] < end {
                search.right[row] = rightPairs[meeting[nextMeeting]]
                search.marks[row] = 1
                while nextMeeting < meeting.count, meeting[nextMeeting] < end { nextMeeting &+= 1 }
            } else if !limitsHold || nextWithin &- firstWithin == size {
                search.keep(row, search.begins[number] &+ Int32(truncatingIfNeeded: size), search.ends[number])
            }
            pair = end
        }
    }

    /// The pairs within the limits, and those of them that meet the other conditions too.
    private func ask(_ pairs: inout Batch) throws -> (within: RowSelection, meeting: RowSelection) {
        if let limits {
            limits.begin(pairs)
            defer { limits.end() }
            pairs.rows = try limits.conjunction()
        }
        let within = pairs.rows
        guard let ofPairs, !within.isEmpty else { return (within, within) }
        ofPairs.begin(pairs)
        defer { ofPairs.end() }
        return (within, try ofPairs.conjunction())
    }
}

extension NearestWalk.Search {
    /// Notes a row for the next round, if there is a right row left to ask for.
    @inline(__always)
    fileprivate mutating func keep(_ row: Int, _ begin: Int32, _ end: Int32) {
        guard begin < end else { return }
        open[count] = Int32(truncatingIfNeeded: row)
        begins[count] = begin
        ends[count] = end
        count &+= 1
    }
}
