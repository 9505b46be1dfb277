import Columnar
import Platform

extension ImportData {
    /// Cuts the rows into `count` folds of about one size, of which no number of one fold depends on the rows of another: by
    /// what divides the rows into those to train and to evaluate on, so that rows that stay together there do so here.
    /// - Returns: a fold for each row of the table.
    func folds(_ count: Int, _ options: SplitOptions) throws -> [UInt8] {
        try foldKeys(options).map { UInt8(truncatingIfNeeded: SplitMix.fold(of: $0, count)) }
    }

    /// Numbers of the rows of the table; rows of equal ones stay together.
    package func foldKeys(_ options: SplitOptions) throws -> [UInt64] {
        let all = (0..<Int32(rowCount)).map { $0 }
        switch options.key {
        case .group(let names): return try hashes(of: names, seed: options.seed)
        case .time, .parts:
            var drawn = options
            drawn.key = .row
            return try draw(drawn, all).keys
        case .row, .content, .position, .columns: return try draw(options, all).keys
        }
    }
}
