import Columnar

/// Which morsels the rows came from that one worker collected: runs of rows of one morsel, in the order they came.
struct SourceRuns {
    private(set) var runs: [(morsel: Int, count: Int)] = []

    mutating func append(morsel: Int, count: Int) {
        if let last = runs.indices.last, runs[last].morsel == morsel {
            runs[last].count += count
        } else {
            runs.append((morsel, count))
        }
    }

    static let morselType = SQLType.bigint

    /// The morsel of each row.
    var morsels: Column {
        let column = Column(flat: Self.morselType, count: runs.reduce(0) { $0 + $1.count })
        var next = column.values(as: Int64.self)
        for run in runs {
            next.initialize(repeating: Int64(run.morsel), count: run.count)
            next += run.count
        }
        return column
    }

    /// Appends rows of which a column says the morsels.
    mutating func append(morsels: Column, count: Int) {
        let plain = morsels.flattened(.all(count))
        let values = plain.values(as: Int64.self)
        var begin = 0
        while begin < count {
            var end = begin + 1
            while end < count, values[end] == values[begin] { end += 1 }
            append(morsel: Int(values[begin]), count: end - begin)
            begin = end
        }
    }

    /// Writes the numbers that rows have when the workers' collections stand one after the other, in the order in which
    /// the rows stand in their source, which does not depend on the workers.
    static func order(_ workers: [SourceRuns], into target: UnsafeMutablePointer<Int32>) {
        var pieces: [(morsel: Int, first: Int, count: Int)] = []
        var begin = 0
        for worker in workers {
            for run in worker.runs {
                pieces.append((run.morsel, begin, run.count))
                begin += run.count
            }
        }
        pieces.sort { ($0.morsel, $0.first) < ($1.morsel, $1.first) }
        var next = 0
        for piece in pieces {
            for row in piece.first..<piece.first + piece.count {
                target[next] = Int32(truncatingIfNeeded: row)
                next &+= 1
            }
        }
    }
}

extension SourceRuns {
    /// Pushes rows of columns in batches, each of one morsel.
    func push(_ columns: [Column], _ query: QueryExecution, into stage: Stage) throws {
        var begin = 0
        for run in runs {
            let end = begin + run.count
            while begin < end {
                try query.check()
                let range = begin..<min(begin + query.batchSize, end)
                _ = try stage.push(
                    Batch(columns: columns.map { $0.slice(range) }, capacity: range.count, sequence: BatchSequence(morsel: run.morsel)))
                begin = range.upperBound
            }
        }
    }
}
