import Columnar
import Platform

extension ImportData {
    public static let mostFolds = 100

    /// Cuts rows into folds of about one size, each to be judged by what the others teach (`second` and `first` of a part). Rows
    /// that stay together when rows are divided by `options` are in one fold; by time each fold is judged by what lies before
    /// it. The same for any number of threads.
    /// - Parameter stratum: given, each of its values is cut on its own, as far as rows do not stay together.
    /// - Throws: `FeatureError` for too few rows.
    /// - Complexity: O(rows × columns + rows log rows).
    package func crossValidation(
        _ count: Int, _ options: SplitOptions, rows: [Int32], stratifiedBy stratum: String? = nil
    ) throws -> [RowSplit] {
        guard 2...Self.mostFolds ~= count else {
            throw FeatureError.invalidOption("rows are cut into 2 to \(Self.mostFolds) folds, not \(count)")
        }
        let reservation = try reserveKeys(24, for: "cutting the rows into folds")
        defer { withExtendedLifetime(reservation) {} }
        let folds: [RowSplit]
        if case .time(let name) = options.key {
            folds = try timeFolds(count, name, rows)
        } else {
            let places = try foldPlaces(count, options, rows, stratum)
            folds = (0..<UInt8(count)).map { fold in
                RowSplit(
                    first: zip(rows, places).compactMap { $1 == fold ? nil : $0 },
                    second: zip(rows, places).compactMap { $1 == fold ? $0 : nil })
            }
        }
        guard folds.allSatisfy({ !$0.first.isEmpty && !$0.second.isEmpty }) else {
            throw FeatureError.invalidOption(
                "\(rows.count) row(s) do not fill \(count) folds\(Self.together(options.key)): use fewer folds, or more rows")
        }
        return folds
    }

    private static func together(_ key: SplitOptions.Key) -> String {
        key.columns.isEmpty ? "" : ", divided by \(key.columns.joined(separator: ", "))"
    }

    /// Rows in an order that says nothing of them, of which a beginning is a sample.
    package func drawnOrder(_ options: SplitOptions, rows: [Int32]) throws -> [Int32] {
        let keys = try foldKeys(options).map { SplitMix.mix($0 ^ 0x7361_6D70_6C65) }
        return rows.sorted { (keys[Int($0)], $0) < (keys[Int($1)], $1) }
    }

    /// The fold of each of the rows.
    private func foldPlaces(
        _ count: Int, _ options: SplitOptions, _ rows: [Int32], _ stratum: String?
    ) throws -> [UInt8] {
        // Other folds than those that level statistics are learned by, which are cut inside of these.
        let keys = try foldKeys(options).map { SplitMix.mix($0 ^ 0x6375_7473) }
        var strata = [rows]
        if let stratum, !options.key.keepsTogether {
            let codes = try distinct(try columnIndex(stratum))
            strata = [[Int32]](repeating: [], count: codes.count + 1)
            for row in rows { strata[Int(codes.codes[Int(row)]) + 1].append(row) }
        }
        var places = [UInt8](repeating: 0, count: rowCount)
        var rotation = 0
        for members in strata {
            let ordered = members.sorted { (keys[Int($0)], $0) < (keys[Int($1)], $1) }
            let ends = (0...count).map { fold in
                boundary(near: ordered.count * fold / count, ordered) { keys[Int($0)] == keys[Int($1)] }
            }
            for fold in 0..<count where ends[fold] < ends[fold + 1] {
                // Small strata begin at folds of their own, so that their few rows do not meet in one.
                for row in ordered[ends[fold]..<ends[fold + 1]] { places[Int(row)] = UInt8((fold + rotation) % count) }
            }
            rotation += ordered.count % count
        }
        return rows.map { places[Int($0)] }
    }

    /// Each fold lies behind all that it is judged by; the earliest rows are in no fold.
    private func timeFolds(_ count: Int, _ name: String, _ rows: [Int32]) throws -> [RowSplit] {
        let earliest = try (1...(count + 1)).map { part in
            try split(byTime: name, Double(part) / Double(count + 1), rows).first
        }
        return (0..<count).map { fold in
            let before = Set(earliest[fold])
            return RowSplit(first: earliest[fold], second: earliest[fold + 1].filter { !before.contains($0) })
        }
    }
}

extension SplitOptions.Key {
    /// Whether rows with equal keys stay together on purpose.
    var keepsTogether: Bool {
        switch self {
        case .group, .time: true
        case .row, .content, .position, .columns, .parts: false
        }
    }
}
