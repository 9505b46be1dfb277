import Columnar
import Platform

extension ImportData {
    /// Divides the rows. The same rows, options and seed give the same parts in every run, with any number of threads.
    ///
    /// The first part has `fraction` of the rows (of each stratum) rounded to the nearest, except that rows which stay
    /// together move the boundary to the nearest place between them.
    /// - Throws: `FeatureError` for a fraction outside 0…1, an unknown column, or a key that cannot be stratified.
    /// - Complexity: O(rows × columns + rows log rows).
    public func split(_ options: SplitOptions, rows: [Int32]? = nil) throws -> RowSplit {
        guard options.fraction >= 0, options.fraction <= 1 else {
            throw FeatureError.invalidOption("a split fraction must be between 0 and 1, not \(options.fraction)")
        }
        let rows = rows ?? (0..<Int32(rowCount)).map { $0 }
        let reservation = try reserveKeys(24, for: "dividing the rows")
        defer { withExtendedLifetime(reservation) {} }
        switch options.key {
        case .group, .time, .parts:
            guard options.stratifiedBy == nil else {
                throw FeatureError.invalidOption(
                    "a split by \(options.key.name) cannot be stratified as well")
            }
        case .row, .content, .position, .columns: break
        }
        switch options.key {
        case .parts(let name): return try split(byPartsIn: name, rows)
        case .time(let name): return try split(byTime: name, options.fraction, rows)
        case .group(let names): return try split(byGroups: names, options, rows)
        case .row, .content, .position, .columns: return try split(drawnBy: options, rows)
        }
    }

    // MARK: Groups

    /// The rows whose hash falls below `fraction`.
    private func split(byGroups names: [String], _ options: SplitOptions, _ rows: [Int32]) throws -> RowSplit {
        let hashes = try hashes(of: names, seed: options.seed)
        var split = RowSplit(first: [], second: [])
        for row in rows {
            if Double(hashes[Int(row)] >> 11) * 0x1p-53 < options.fraction {
                split.first.append(row)
            } else {
                split.second.append(row)
            }
        }
        split.notes = ["rows of one \(names.joined(separator: ", ")) are in one part"]
        let positions = try names.map { try columnIndex($0) }
        let unknown = rows.count { row in positions.allSatisfy { columns[$0].isNull(Int(row)) } }
        if unknown > 1 { split.notes.append("\(unknown) row(s) without \(names.joined(separator: ", ")) are one group") }
        return split
    }

    func hashes(of names: [String], seed: UInt64) throws -> [UInt64] {
        var hashes = RowHashes(rowCount: rowCount, seed: seed, threads: threads)
        for name in names {
            let position = try columnIndex(name)
            guard !schema[position].type.isComplex else {
                throw FeatureError.unsupportedType(
                    column: schema[position].name, type: "\(schema[position].type)", use: "what rows are divided by")
            }
            hashes.combine(columns[position])
        }
        return hashes.values
    }

    // MARK: Draws

    private func split(drawnBy options: SplitOptions, _ rows: [Int32]) throws -> RowSplit {
        let drawn = try draw(options, rows)
        var isFirst = [Bool](repeating: false, count: rowCount)
        if let column = options.stratifiedBy {
            let strata = try distinct(try columnIndex(column))
            var groups = [[Int32]](repeating: [], count: strata.count + 1)
            for row in rows { groups[Int(strata.codes[Int(row)]) + 1].append(row) }
            for members in groups { mark(members, drawn, ordered(drawn.keys, members), options.fraction, &isFirst) }
        } else {
            mark(rows, drawn, drawn.ordered ?? ordered(drawn.keys, rows), options.fraction, &isFirst)
        }
        return RowSplit(
            first: rows.filter { isFirst[Int($0)] }, second: rows.filter { !isFirst[Int($0)] }, notes: drawn.notes)
    }

    private func ordered(_ keys: [UInt64], _ rows: [Int32]) -> [UInt64] {
        SortedKeys.of(rows.map { keys[Int($0)] }, threads: threads)
    }

    /// Marks the rows with the smallest keys; of equal keys those that come first, or all or none.
    /// - Parameter ordered: the rows' keys, ascending.
    private func mark(_ rows: [Int32], _ drawn: Draw, _ ordered: [UInt64], _ fraction: Double, _ isFirst: inout [Bool]) {
        var count = Int((Double(ordered.count) * fraction).rounded())
        if drawn.keepsTogether { count = boundary(near: count, ordered) { $0 == $1 } }
        guard count < ordered.count else {
            for row in rows { isFirst[Int(row)] = true }
            return
        }
        let threshold = ordered[count]
        var left = 0
        while left < count, ordered[count - left - 1] == threshold { left += 1 }
        for row in rows {
            let key = drawn.keys[Int(row)]
            if key < threshold {
                isFirst[Int(row)] = true
            } else if key == threshold, left > 0 {
                isFirst[Int(row)] = true
                left -= 1
            }
        }
    }

    struct Draw {
        /// One a row of the table, drawn uniformly.
        var keys: [UInt64]
        /// Those of the rows that are divided, ascending, where they were needed.
        var ordered: [UInt64]?
        /// Whether equal keys are in one part.
        var keepsTogether = false
        var notes: [String]
    }

    func draw(_ options: SplitOptions, _ rows: [Int32]) throws -> Draw {
        switch options.key {
        case .position:
            let seed = SplitMix.mix(options.seed)
            return Draw(keys: (0..<rowCount).map { SplitMix.mix(seed ^ UInt64($0)) }, notes: ["split by the rows' numbers"])
        case .columns(let names):
            let keys = tellingApart(try hashes(of: names, seed: options.seed), ties: rowKeys?.hashes)
            return Draw(keys: keys, notes: ["split by \(names.joined(separator: ", "))"])
        case .content:
            return Draw(keys: contentKeys(options.seed), notes: ["split by the rows' content: other features, other parts"])
        default: break
        }
        guard let rowKeys else {
            return Draw(
                keys: contentKeys(options.seed),
                notes: [
                    "split by the rows' content, as the query does not tell its rows apart: other features, other parts; "
                        + "name columns to split by"
                ])
        }
        let seed = SplitMix.mix(options.seed)
        let keys = rowKeys.hashes.map { SplitMix.mix($0 ^ seed) }
        // A key that hardly tells rows apart (a table of one row joined to all others) divides nothing.
        let ordered = self.ordered(keys, rows)
        let largest = largestTie(ordered)
        if largest > max(1, rows.count / 20) {
            return Draw(
                keys: contentKeys(options.seed),
                notes: [
                    "split by the rows' content, as \(largest) of \(rows.count) rows have one key in \(rowKeys.description): "
                        + "other features, other parts, and what is of one row may be in both; name columns to split by"
                ])
        }
        return Draw(keys: keys, ordered: ordered, keepsTogether: true, notes: ["split by \(rowKeys.description)"])
    }

    private func contentKeys(_ seed: UInt64) -> [UInt64] { tellingApart(contentHashes(seed), ties: nil) }

    /// Of all values of each row.
    func contentHashes(_ seed: UInt64) -> [UInt64] {
        var hashes = RowHashes(rowCount: rowCount, seed: seed, threads: threads)
        for column in columns { hashes.combine(column) }
        return hashes.values
    }

    /// The k-th of the rows with equal keys gets a key of its own, so that they are spread over both parts.
    /// - Parameter ties: which of equal rows comes first, before the order of the rows.
    private func tellingApart(_ plain: [UInt64], ties: [UInt64]?) -> [UInt64] {
        var keys = plain
        let order = plain.indices.sorted { left, right in
            if plain[left] != plain[right] { return plain[left] < plain[right] }
            if let ties, ties[left] != ties[right] { return ties[left] < ties[right] }
            return left < right
        }
        var start = 0
        for position in order.indices {
            if plain[order[position]] != plain[order[start]] { start = position }
            let occurrence = position - start
            if occurrence > 0 { keys[order[position]] = SplitMix.mix(plain[order[position]] &+ UInt64(occurrence)) }
        }
        return keys
    }

    private func largestTie(_ ordered: [UInt64]) -> Int {
        var largest = 0
        var start = 0
        for position in ordered.indices {
            if ordered[position] != ordered[start] { start = position }
            largest = max(largest, position - start + 1)
        }
        return largest
    }

    /// The place nearest to `count` that parts no two equal neighbours.
    func boundary<Key>(near count: Int, _ ordered: [Key], _ isEqual: (Key, Key) -> Bool) -> Int {
        func parts(_ place: Int) -> Bool {
            place > 0 && place < ordered.count && isEqual(ordered[place - 1], ordered[place])
        }
        var below = count, above = count
        while parts(below) { below -= 1 }
        while parts(above) { above += 1 }
        return count - below <= above - count ? below : above
    }
}
