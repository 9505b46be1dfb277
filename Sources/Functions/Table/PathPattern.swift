import Columnar

/// A pattern of `matchpath`: names of conditions that rows one behind the other have to meet, `LATE.LATE+.EARLY*`. Each takes as
/// many rows as it can and gives none back, as in Hive.
package struct PathPattern: Sendable {
    private struct Step: Sendable {
        let condition: Int
        let mayBeMissing: Bool
        let isRepeated: Bool
    }

    private let steps: [Step]
    private let conditionCount: Int

    /// - Parameter conditions: the names of the conditions, in lower case.
    /// - Throws: `FunctionError` for a name that is none of them.
    package init(_ text: String, conditions: [String]) throws {
        steps = try text.split(separator: ".", omittingEmptySubsequences: false).map { part in
            let name = part.filter { $0 != "+" && $0 != "*" }.lowercased()
            guard let condition = conditions.firstIndex(of: name) else {
                throw FunctionError(.argument, "the pattern of matchpath names '\(name)', which has no condition")
            }
            let suffix = part.last
            return Step(condition: condition, mayBeMissing: suffix == "*", isRepeated: suffix == "*" || suffix == "+")
        }
        conditionCount = conditions.count
    }

    /// For each list of rows, which are structures of columns and of the conditions behind them, the rows at which the pattern
    /// begins and the rows that it takes.
    package func paths(_ input: KernelInput, columns: [SchemaColumn]) throws -> GeneratedRows {
        let lists = input.arguments[0]
        let builders = columns.map { ColumnBuilder($0.type) }
        var sources: [Int32] = []
        guard let rows = lists.children.first else { return GeneratedRows(columns: builders.map { $0.finish() }, count: 0, sources: []) }
        let values = Array(rows.children.dropLast(conditionCount))
        let conditions = Array(rows.children.suffix(conditionCount))
        let limit = input.context.availableBytes()
        try input.rows.forEach { row in
            guard let list = lists.list(row) else { return }
            for start in list {
                if start & 0x3ff == 0 { try input.context.checkCancellation() }
                guard let path = match(from: start, to: list.upperBound, conditions) else { continue }
                for (builder, value) in zip(builders, values) { builder.append(value, row: start) }
                guard let target = builders.last, let taken = target.children.first else { continue }
                for place in path {
                    for (child, value) in zip(taken.children, values) { child.append(value, row: place) }
                    taken.appendStructure()
                }
                target.append(listOf: path.count)
                guard target.byteCount <= limit else {
                    throw FunctionError(.argument, "the paths of matchpath are larger than the memory that is left")
                }
                sources.append(Int32(truncatingIfNeeded: row))
            }
        }
        return GeneratedRows(columns: builders.map { $0.finish() }, count: sources.count, sources: sources)
    }

    private func match(from start: Int, to end: Int, _ conditions: [Column]) -> Range<Int>? {
        var place = start
        for step in steps {
            let holds = { (row: Int) -> Bool in
                let column = conditions[step.condition]
                return row < end && !column.isNull(row) && column.values(as: UInt8.self)[column.element(of: row)] != 0
            }
            if holds(place) { place += 1 } else if step.mayBeMissing { continue } else { return nil }
            while step.isRepeated, holds(place) { place += 1 }
        }
        return start..<place
    }
}
