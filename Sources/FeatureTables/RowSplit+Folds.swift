import Columnar
import Platform

extension ImportData {
    /// Cuts the rows into `count` folds of about one size, of which no number of one fold depends on the rows of another: by
    /// what divides the rows into those to train and to evaluate on, so that rows that stay together there do so here.
    /// - Returns: a fold for each row of the table.
    func folds(_ count: Int, _ options: SplitOptions) throws -> [UInt8] {
        let keys: [UInt64]
        switch options.key {
        case .group(let names): keys = try hashes(of: names, seed: options.seed)
        case .time, .parts:
            var drawn = options
            drawn.key = .row
            keys = try draw(drawn, (0..<Int32(rowCount)).map { $0 }).keys
        case .row, .content, .position, .columns: keys = try draw(options, (0..<Int32(rowCount)).map { $0 }).keys
        }
        // Hashed once more, since the rows to train on are those with the smallest keys.
        return keys.map { UInt8(truncatingIfNeeded: SplitMix.mix($0 ^ 0x666F_6C64_7321) % UInt64(count)) }
    }
}
