/// Which morsels the rows came from that one worker collected: runs of rows of one morsel, in the order they came.
struct SourceRuns {
    private var runs: [(morsel: Int, count: Int)] = []

    mutating func append(morsel: Int, count: Int) {
        if let last = runs.indices.last, runs[last].morsel == morsel {
            runs[last].count += count
        } else {
            runs.append((morsel, count))
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
