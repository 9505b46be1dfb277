import Columnar
import Functions

/// Kernels of functions that take lambda functions. What lambdas take from the row around comes as arguments behind the
/// function's own.
package enum LambdaKernels {
    /// `transform(array, x -> …)`, `transform(array, (x, i) -> …)`
    package static func transform(_ type: SQLType, _ lambda: Lambda) -> ScalarKernel {
        listKernel(type, lambda, arguments: 1) { _, _, results, range, builder in
            for place in range { builder.children[0].append(results, row: place) }
            builder.append(listOf: range.count)
        }
    }

    /// `filter(array, x -> …)` and, of the entries of a map, `map_filter(map, (k, v) -> …)`.
    package static func filter(_ type: SQLType, _ lambda: Lambda) -> ScalarKernel {
        listKernel(type, lambda, arguments: 1) { lists, row, results, range, builder in
            let first = lists.list(row)?.lowerBound ?? 0
            var kept = 0
            for place in range where isTrue(results, place) {
                for (child, source) in zip(builder.children, lists.children) {
                    child.append(source, row: first + place - range.lowerBound)
                }
                kept += 1
            }
            builder.append(listOf: kept)
        }
    }

    /// Whether a condition holds for an element (`decides` true), or fails for one (`decides` false): `exists`, `forall`.
    /// Unknown when none decides and one is unknown.
    package static func quantified(_ lambda: Lambda, decides: Bool) -> ScalarKernel {
        listKernel(.boolean, lambda, arguments: 1) { _, _, results, range, builder in
            if range.contains(where: { !results.isNull($0) && isTrue(results, $0) == decides }) {
                builder.append(decides)
            } else if range.contains(where: { results.isNull($0) }) {
                builder.appendNull()
            } else {
                builder.append(!decides)
            }
        }
    }

    /// `transform_keys` and `transform_values`: the entries with another key, or another value.
    package static func transformEntries(_ type: SQLType, _ lambda: Lambda, replacing child: Int) -> ScalarKernel {
        listKernel(type, lambda, arguments: 1) { maps, row, results, range, builder in
            let first = maps.list(row)?.lowerBound ?? 0
            for place in range {
                if child == 0, results.isNull(place) { throw FunctionError(.argument, "transform_keys makes a key that is NULL") }
                builder.children[child].append(results, row: place)
                builder.children[1 - child].append(maps.children[1 - child], row: first + place - range.lowerBound)
            }
            builder.append(listOf: range.count)
        }
    }

    /// `zip_with(a, b, (x, y) -> …)`: the shorter array is filled up with NULLs.
    package static func zipWith(_ type: SQLType, _ lambda: Lambda) -> ScalarKernel {
        { input in
            let first = input.arguments[0], second = input.arguments[1]
            let calls = LambdaCalls(lambda, around: Array(input.arguments[2...]), context: input.context)
            return try rowByRow(input, type, calls) { row in
                guard let left = first.list(row), let right = second.list(row) else { return nil }
                let count = max(left.count, right.count)
                for place in 0..<count {
                    calls.set(0, first.children[0], row: place < left.count ? left.lowerBound + place : -1)
                    calls.set(1, second.children[0], row: place < right.count ? right.lowerBound + place : -1)
                    calls.end(row: row)
                }
                return count
            } emit: { _, results, range, builder in
                for place in range { builder.children[0].append(results, row: place) }
                builder.append(listOf: range.count)
            }
        }
    }

    /// `aggregate(array, start, (accumulator, x) -> … [, accumulator -> …])`: element after element, of many rows together.
    package static func aggregate(_ type: SQLType, merge: Lambda, finish: Lambda?) -> ScalarKernel {
        { input in
            let lists = input.arguments[0], start = input.arguments[1]
            let around = Array(input.arguments[2...])
            let merges = LambdaCalls(merge, around: Array(around.prefix(merge.captured.count)), context: input.context)
            var rows: [Int] = []
            input.rows.forEach { rows.append($0) }
            var states = rows.map { (column: start, row: $0) }
            var active = rows.indices.filter { lists.list(rows[$0]) != nil }
            var step = 0
            while true {
                active = active.filter { (lists.list(rows[$0])?.count ?? 0) > step }
                if active.isEmpty { break }
                try input.context.checkCancellation()
                for place in active {
                    merges.set(0, states[place].column, row: states[place].row)
                    merges.set(1, lists.children[0], row: (lists.list(rows[place])?.lowerBound ?? 0) + step)
                    merges.end(row: rows[place])
                }
                let results = try merges.results()
                for (result, place) in active.enumerated() { states[place] = (results, result) }
                step += 1
            }
            if let finish {
                let calls = LambdaCalls(finish, around: Array(around.dropFirst(merge.captured.count)), context: input.context)
                for (place, row) in rows.enumerated() {
                    calls.set(0, states[place].column, row: states[place].row)
                    calls.end(row: row)
                }
                let results = try calls.results()
                for place in rows.indices { states[place] = (results, place) }
            }
            let builder = ColumnBuilder(type, capacity: input.count)
            for (place, row) in rows.enumerated() {
                while builder.count < row { builder.appendNull() }
                if lists.list(row) == nil { builder.appendNull() } else { builder.append(states[place].column, row: states[place].row) }
            }
            while builder.count < input.count { builder.appendNull() }
            return builder.finish()
        }
    }

    // MARK: loops

    private static func isTrue(_ results: Column, _ row: Int) -> Bool {
        !results.isNull(row) && results.values(as: UInt8.self)[row] != 0
    }

    /// A call for every element of a list, or entry of a map; a parameter behind those of the element is its place.
    private static func listKernel(
        _ type: SQLType, _ lambda: Lambda, arguments: Int,
        emit: @escaping @Sendable (_ lists: Column, _ row: Int, _ results: Column, _ range: Range<Int>, ColumnBuilder) throws -> Void
    ) -> ScalarKernel {
        { input in
            let lists = input.arguments[0]
            let calls = LambdaCalls(lambda, around: Array(input.arguments[arguments...]), context: input.context)
            return try rowByRow(input, type, calls) { row in
                guard let list = lists.list(row) else { return nil }
                for (index, place) in list.enumerated() {
                    for parameter in lambda.parameters.indices {
                        if parameter < lists.children.count {
                            calls.set(parameter, lists.children[parameter], row: place)
                        } else {
                            calls.set(parameter, index: index)
                        }
                    }
                    calls.end(row: row)
                }
                return list.count
            } emit: { row, results, range, builder in
                try emit(lists, row, results, range, builder)
            }
        }
    }

    /// Gathers the calls of rows until they are worth an evaluation, and makes the rows' values of the results.
    /// - Parameters:
    ///   - gather: writes a row's calls and says how many there are; nil makes the row NULL.
    ///   - emit: appends a row's value; its results are a range of all.
    private static func rowByRow(
        _ input: KernelInput, _ type: SQLType, _ calls: LambdaCalls, gather: (Int) -> Int?,
        emit: (_ row: Int, _ results: Column, _ range: Range<Int>, ColumnBuilder) throws -> Void
    ) throws -> Column {
        let builder = ColumnBuilder(type, capacity: input.count)
        let limit = input.context.availableBytes()
        var waiting: [(row: Int, calls: Int?)] = []
        func flush() throws {
            try input.context.checkCancellation()
            let results = try calls.results()
            var first = 0
            for (row, count) in waiting {
                while builder.count < row { builder.appendNull() }
                guard let count else {
                    builder.appendNull()
                    continue
                }
                try emit(row, results, first..<(first + count), builder)
                first += count
            }
            waiting.removeAll(keepingCapacity: true)
            guard builder.byteCount <= limit else {
                throw FunctionError(.argument, "the lists that a lambda function makes are larger than the memory that is left")
            }
        }
        try input.rows.forEach { row in
            waiting.append((row: row, calls: gather(row)))
            if calls.count >= LambdaCalls.usualCount { try flush() }
        }
        try flush()
        while builder.count < input.count { builder.appendNull() }
        return builder.finish()
    }
}
