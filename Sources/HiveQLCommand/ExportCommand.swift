import HiveQL
import Platform

/// `hiveql export`: a query's rows, or the features that are made of them, into files for other programs.
enum ExportCommand {
    static func run(_ arguments: [String]) -> Int32 {
        Subcommand.run("export", arguments) { (options: ExportOptions) in
            guard let path = options.target.path else { return }
            var told = Told(options)
            if let name = options.model, let format = options.modelFormat {
                let session = try options.input.session.openSession()
                try options.input.checkOutputs([path], in: session, reading: [name])
                try session.model(name).export(to: path, format: format)
                told.add(model: path)
            } else if let request = options.request {
                try exportFeatures(request, options, path, &told)
            } else if options.model != nil {
                let applied = try options.apply(for: "export --model", savingTo: [path])
                let encoding = applied.model.encoding
                let data = applied.transformed
                let hasLabel = encoding.label.map { label in data.schema.contains { $0.name == label.name } } ?? false
                try write(try data.featureTable(encoding: encoding, needsLabel: hasLabel), to: path, options, &told)
            } else {
                try exportRows(options, path, &told)
            }
            told.finish()
        }
    }

    private static func exportRows(_ options: ExportOptions, _ path: String, _ told: inout Told) throws {
        let format = try options.target.format(of: path)
        let session = try options.input.session.openSession()
        let count = try options.input.running(in: session, savingTo: [path]) { query in
            let cursor = try session.openQuery(query)
            defer { cursor.close() }
            var schema = cursor.schema
            // Columns of two tables may have one name.
            if let names = try? ColumnName.distinct(schema) { for place in schema.indices { schema[place].name = names[place] } }
            let export = try RowExport(schema: schema, to: path, format: format)
            var rowCount = 0
            while let batch = try cursor.next() {
                try export.write(batch)
                rowCount += batch.rowCount
            }
            _ = try cursor.result()
            try export.finish()
            return (rowCount, schema.count)
        }
        told.add(path, rows: count.0, columns: count.1)
    }

    private static func exportFeatures(
        _ request: TrainingRequest, _ options: ExportOptions, _ path: String, _ told: inout Told
    ) throws {
        let paths = [path, options.evaluationPath, options.validationPath].compactMap { $0 }
        let data = try options.input.importData(
            in: try options.input.session.openSession(), savingTo: paths, for: request.roles)
        let prepared = try request.prepare(data)
        try write(prepared.training, to: path, options, &told)
        if let path = options.evaluationPath { try write(prepared.evaluation(), to: path, options, &told, "to evaluate on") }
        if let path = options.validationPath { try write(prepared.validation(), to: path, options, &told, "to stop by") }
    }

    private static func write(
        _ table: FeatureTable?, to path: String, _ options: ExportOptions, _ told: inout Told, _ part: String = ""
    ) throws {
        guard let table else { throw FeatureError.noRows("there are no rows \(part): '\(path)' is not written") }
        try table.export(to: path, format: options.target.format(of: path), isCancelled: { Interrupts.isPending })
        told.add(path, rows: table.rowCount, columns: table.featureNames.count, table.summary.lines)
    }
}

/// What was written, for a person or, with `--json`, for a program.
private struct Told {
    private let isSilent: Bool
    private let asJSON: Bool
    private var files: [String] = []

    init(_ options: ExportOptions) {
        isSilent = options.input.session.isSilent
        asJSON = options.input.asJSON
    }

    mutating func add(_ path: String, rows: Int, columns: Int, _ lines: [String] = []) {
        files.append(#"{"path":\#(JSON.quoted(path)),"rows":\#(rows),"columns":\#(columns)}"#)
        guard !isSilent, !asJSON else { return }
        for line in lines { Console.error(line) }
        Console.error("Wrote \(rows) row(s) of \(columns) column(s) to \(path)")
    }

    mutating func add(model path: String) {
        files.append(#"{"path":\#(JSON.quoted(path))}"#)
        if !isSilent, !asJSON { Console.error("Wrote the model to \(path)") }
    }

    func finish() {
        if asJSON { Console.print(#"{"files":[\#(files.joined(separator: ","))]}"#) }
    }
}
