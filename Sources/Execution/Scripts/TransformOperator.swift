import Catalog
import Columnar
import Expressions
import Platform
import Planner
import TableFormats

/// Rows go through a script: TRANSFORM, MAP and REDUCE.
///
/// Rows in an order, and those whose groups belong together, go through one process, and so do few rows, whose number of
/// processes would show in what counts lines. All others go through a process of each worker's.
package final class TransformOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let node: LogicalTransform
    private let program: ExpressionProgram
    private let script: Script

    init(_ node: LogicalTransform, input: PhysicalOperator) throws {
        self.node = node
        program = try ExpressionProgram(node.arguments, input: input.outputs)
        script = Script(
            command: node.command, input: TableStorage(node.input.format),
            inputSchema: node.arguments.enumerated().map { place, argument in
                let isText = node.input.isJSON && (argument.type.isComplex || argument.type == .binary)
                return SchemaColumn(name: "_col\(place)", type: isText ? .string : argument.type)
            },
            output: TableStorage(node.output.format),
            outputSchema: node.outputs.map { SchemaColumn(name: $0.name, type: $0.type) })
        try script.check()
        super.init(outputs: node.outputs, inputs: [input])
    }

    package override var details: [String] {
        [
            "arguments: " + node.arguments.map { describe($0) }.joined(separator: ", "), "command: '\(node.command)'",
            "columns: " + outputs.map { "\($0.name) \($0.type)" }.joined(separator: ", "),
        ] + (needsOneProcess ? ["one process"] : [])
    }

    package override var isOrdered: Bool { inputs[0].isOrdered }

    override var streamedInput: PhysicalOperator? { inputs[0] }

    private var needsOneProcess: Bool { node.keepsGroups || inputs[0].isOrdered }

    private func isSmall(_ query: QueryExecution) -> Bool {
        var left = query.settings.splitBytes
        var locations = Set(inputs[0].allLocations)
        inputs[0].forEachOperator { step in
            if let scan = step as? SharedScanOperator { locations.formUnion(scan.subplan.allLocations) }
        }
        for location in locations {
            for file in query.files.files(at: location) { left -= min(file.byteCount, left) }
        }
        return left > 0
    }

    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        let place = try ScriptPlace(query.settings.scripts)
        return needsOneProcess || isSmall(query)
            ? beginOne(query, at: place, into: target) : beginMany(query, at: place, into: target)
    }

    /// One process for all rows, in the order of their source.
    private func beginOne(_ query: QueryExecution, at place: ScriptPlace, into target: StageSet) -> PipelineStep {
        let own = query.reserveMorsels(1)
        let feed = ScriptFeed { [script, program] in
            ScriptStage(script, program, at: place, query, next: try target.stage(worker: 0), morsel: { own.lowerBound })
        }
        let delivery = OrderedDelivery(feed, query: query)
        let hasBegun = Guarded(false)
        let stages = delivery.stages
        return PipelineStep(
            StageSet(
                onBegin: { morsels in
                    let isFirst = hasBegun.withLock { begun in
                        defer { begun = true }
                        return !begun
                    }
                    if isFirst { target.begin(own) }
                    stages.begin(morsels)
                }, make: { try stages.stage(worker: $0) })
        ) {
            if !hasBegun.value { target.begin(own) }
            try delivery.finish()
        }
    }

    /// A process for each worker that gets rows.
    private func beginMany(_ query: QueryExecution, at place: ScriptPlace, into target: StageSet) -> PipelineStep {
        // What comes out is no piece of the source: each process's rows are one of their own, for each run of the source.
        let own = Guarded(0..<0)
        let workers = query.workerCount
        return PipelineStep(
            StageSet(
                onBegin: { morsels in
                    let reserved = query.reserveMorsels(max(min(morsels.count, workers), 1))
                    own.withLock { $0 = reserved }
                    target.begin(reserved)
                }, make: { [script, program] worker in
                    ScriptStage(
                        script, program, at: place, query, next: try target.stage(worker: worker),
                        morsel: { own.value.lowerBound + worker })
                }))
    }
}

/// One worker's rows on their way through a process, which starts with the first of them.
private final class ScriptStage: TransformStage {
    private let script: Script
    private let evaluator: ExpressionEvaluator
    private let place: ScriptPlace
    private let query: QueryExecution
    private let morsel: () -> Int
    private let formatter: TextFormatter
    private var run: ScriptRun?

    /// - Parameter morsel: what the rows that come out are pushed on as; asked when the process starts, and at its end.
    init(
        _ script: Script, _ program: ExpressionProgram, at place: ScriptPlace, _ query: QueryExecution, next: Stage,
        morsel: @escaping () -> Int
    ) {
        self.script = script
        self.place = place
        self.query = query
        self.morsel = morsel
        evaluator = ExpressionEvaluator(program, context: query.context)
        formatter = TextFormatter(.output, zone: query.context.zone)
        super.init(next: next)
    }

    override func push(_ batch: Batch) throws -> Flow {
        guard batch.rowCount > 0 else { return run?.flow ?? .more }
        let run = try self.run ?? ScriptRun(script, at: place, into: next, morsel: morsel(), query)
        self.run = run
        evaluator.begin(batch)
        defer { evaluator.end() }
        var rows = batch
        rows.columns = try script.inputSchema.indices.map { index in
            let column = try evaluator.plainResult(index)
            // Values with fields are JSON, bytes stand as they are.
            guard column.type != script.inputSchema[index].type else { return column }
            return formatter.format(column, rows: batch.rows, count: batch.capacity)
        }
        return try run.take(rows)
    }

    override func finishMorsel(_ morsel: Int) {}

    override func flush() throws {
        try run?.finish()
        run = nil
        try next.finishMorsel(morsel())
        try next.flush()
    }
}

/// Takes the rows of all workers, in order, for one process.
private final class ScriptFeed: ResultWorker {
    private let makeStage: () throws -> Stage
    private var stage: Stage?
    private(set) var wantsMore = true

    init(_ makeStage: @escaping () throws -> Stage) { self.makeStage = makeStage }

    private func madeStage() throws -> Stage {
        let made = try stage ?? makeStage()
        stage = made
        return made
    }

    func consume(_ batch: Batch) throws {
        if wantsMore { wantsMore = try madeStage().push(batch) == .more }
    }

    func finish() throws { try madeStage().flush() }
}
