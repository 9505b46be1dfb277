import HiveQL
import Platform

/// The arguments of a subcommand that applies a model to rows: `MODEL [TABLE|QUERY]`.
protocol ModelArguments: SubcommandArguments {
    var input: LearningInput { get set }
    /// A file, or a name in the warehouse.
    var model: String? { get set }
}

/// What the help of such a subcommand says of them.
enum ModelArgumentsHelp {
    static let text = """
        MODEL is a file that 'hiveql train --save' wrote, or the name of a model in the warehouse.
        TABLE is a name, or a name with partitions: "trip PARTITION (month >= 2)".

        \(LearningInput.help)
            --model <model>               The same as MODEL
        """
}

extension ModelArguments {
    var wantsHelp: Bool { input.session.wantsHelp }

    mutating func take(positional text: String) throws {
        if model == nil { try name(model: text) } else { try input.take(positional: text) }
    }

    /// Takes an option that all such subcommands have; false when it is none of these.
    mutating func takeShared(_ name: String, _ reader: inout ArgumentReader) throws -> Bool {
        guard name == "--model" else { return try input.take(name, &reader) }
        try self.name(model: try reader.value(of: name))
        return true
    }

    private mutating func name(model text: String) throws {
        if let model { throw UsageError("there are two models: '\(model)' and '\(text)'") }
        model = HomeFolder.expanding(text)
    }

    /// - Throws: `UsageError` when no model is named.
    func modelName(for subcommand: String) throws -> String {
        guard let model else { throw UsageError("\(subcommand) needs a model: a file, or a name in the warehouse") }
        return model
    }

    /// Loads the model and reads the rows for it.
    /// - Parameters:
    ///   - carried: columns that somebody wants besides.
    ///   - outputs: as for `LearningInput.importData`.
    func apply(for subcommand: String, carrying carried: [String] = [], savingTo outputs: [String] = []) throws -> ModelRows {
        let name = try modelName(for: subcommand)
        guard input.rows != nil else { throw UsageError("\(subcommand) needs rows: a table, or a query, behind the model") }
        let session = try input.session.openSession()
        let model = try session.model(name)
        let data = try input.importData(in: session, savingTo: outputs, reading: [name], for: model.roles(carrying: carried))
        return ModelRows(model: model, data: data, transformed: try session.transforming(data, by: model))
    }
}

/// A model, and rows with what it needs of them.
struct ModelRows {
    let model: TrainedModel
    let data: ImportData
    /// The rows as the model's TRANSFORM makes them.
    let transformed: ImportData
}
