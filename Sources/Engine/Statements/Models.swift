import Catalog
import Columnar
import Exchange
import FeatureTables
import HiveSyntax
import Learners
import Planner
import Platform

extension StatementRunner {
    var models: SessionModels {
        let locations = self.locations
        return SessionModels(catalog) { try locations.path(of: $0.storage.location) }
    }

    func runModelStatement(_ statement: ModelStatement) throws -> StatementResult {
        switch statement {
        case .create(let create): return try createModel(create)
        case .drop(let name, let ifExists): return try dropModel(name, ifExists: ifExists)
        case .rename(let name, let other):
            return try renameTable(name, to: other, isView: false) { try self.modelTable($0) }
        case .export(let name, let path): return try exportModel(name, to: path)
        case .importFile(let name, let path): return try importModel(name, from: path)
        case .show(let database, let pattern): return try showModels(database, pattern)
        case .describe(let name, let style): return try describeModel(name, style)
        }
    }

    /// What stands for a model.
    private func modelTable(_ name: TableName) throws -> Table {
        let database = databaseName(name)
        if let found = try catalog.model(database: database, name: name.name.name) { return found }
        throw PlanError(
            "Model not found '\(Self.written(name))'", at: name.range,
            hint: NearestName.hint(for: name.name.name, among: try catalog.modelNames(database: database)))
    }

    // MARK: CREATE MODEL

    private func createModel(_ create: CreateModelStatement) throws -> StatementResult {
        let database = databaseName(create.name)
        let name = create.name.name.name
        if try !mayCreateModel(database, name, orReplace: create.orReplace, ifNotExists: create.ifNotExists) { return none }
        try checkPlace(ofModel: name, in: database)
        let binder = makeBinder()
        let request = try ModelOptions.request(create.options) { expression in
            let (value, type) = try binder.evaluateConstant(expression)
            return OptionText.texts(of: value.column(type: type, count: 1), type: type)
        }
        let data = try importData(of: create.query)
        let outcome = try train(request, on: data, create.transform)
        warnings += outcome.report.warnings.map(\.text)
        warnings += outcome.report.trainingImport.columns.compactMap { column in
            column.leftOut.map { "column \(column.name) left out: \($0)" }
        }
        var properties = ["query": source.text(create.queryRange)]
        properties["rows"] = "\(data.rowCount)"
        return try keepModel(
            outcome.model, database, name, orReplace: create.orReplace, ifNotExists: create.ifNotExists, properties)
    }

    /// Whether there is something to do.
    /// - Throws: when the name is taken or cannot be one.
    func mayCreateModel(_ database: String, _ name: String, orReplace: Bool, ifNotExists: Bool) throws -> Bool {
        try checkObjectName(name)
        guard try metastore.databaseRecord(database) != nil else {
            throw HiveError.semantic("Database does not exist: \(database)", code: 10072)
        }
        guard let found = try metastore.table(database: database, name: name) else { return true }
        if found.isModel, ifNotExists { return false }
        guard found.isModel, orReplace else {
            var error = HiveError.task(
                "AlreadyExistsException(message:\(found.isModel ? "Model" : found.isView ? "View" : "Table") \(name) already exists)")
            if found.isModel { error.hint = "CREATE OR REPLACE MODEL, or hiveql train --replace, takes its place" }
            throw error
        }
        return true
    }

    /// The rows of a query, with what tells them apart. The tables' locks are held until the query has their files.
    func importData(of query: Query) throws -> ImportData {
        let locked = try bound { binder in try binder.bindQuery(query) }
        defer { locked.locks.release() }
        var plan = locked.bound.plan
        var keys: RowKeys?
        if let keyed = try RowKeyPlanner.adding(to: plan, locked.binder) {
            plan = keyed.plan
            let key = ResultCursor.RowKey(keyed.key)
            keys = RowKeys(description: key.description, columnCount: key.columnCount)
        }
        let prepared = try makeExecutor().prepare(try optimize(plan, locked.binder))
        if prepared.holdsItsFiles { locked.locks.release() }
        do {
            let consumer = ImportConsumer(
                try ImportDataBuilder(
                    schema: Self.unqualified(locked.bound.columns), rowKeys: keys,
                    threads: max(Int(settings[Settings.threads]), 0), memory: ImportMemory(limit: settings.memoryLimit)))
            try prepared.run(into: consumer)
            return try consumer.data()
        } catch let error as FeatureError {
            throw HiveError.semantic("\(error)")
        }
    }

    private func train(_ request: TrainingRequest, on data: ImportData, _ items: [SelectItem]) throws -> TrainingOutcome {
        let cancellation = running.cancellation
        let context = TrainingContext(threads: data.threads, isCancelled: { cancellation.isCancelled })
        do {
            guard !items.isEmpty else { return try request.run(on: data, context: context) }
            // Rows are divided before anything is learned of them.
            var split = request.split
            if request.isStratified { split?.stratifiedBy = request.roles.label }
            let parts = try split.map { try data.split($0) }
            let fitting = TransformFitting(data, makeBinder(), evaluationContext)
            let all = parts == nil ? (0..<Int32(data.rowCount)).map { $0 } : []
            let folding = request.split ?? SplitOptions()
            let made = try fitting.transform(items, learningFrom: parts?.first ?? all, folding: folding)
            try refuseUnusable(made.data.schema, request.roles)
            // Folds learn their own TRANSFORM.
            let rows = FoldRows(data) { try fitting.transform(items, learningFrom: $0, folding: folding).data }
            var outcome = try request.run(on: made.data, divided: parts, context: context, folding: rows)
            outcome.model.transform = made.transform
            return outcome
        } catch let error as FeatureError {
            throw HiveError.semantic("\(error)")
        } catch let error as LearnerError {
            try cancellation.check()
            throw HiveError.semantic("\(error)")
        }
    }

    /// Refuses columns of TRANSFORM that can be no features: in a query they are left out, but these were asked for.
    private func refuseUnusable(_ schema: [SchemaColumn], _ roles: ColumnRoles) throws {
        let others = Set(([roles.label, roles.weight].compactMap { $0 } + roles.identifiers + roles.excluded).map { $0.lowercased() })
        for column in schema where column.type.isComplex && !others.contains(column.name.lowercased()) {
            if ImportData.canBeFeature(column.type) { continue }
            throw HiveError.semantic(
                "TRANSFORM makes column \(column.name) of type \(column.type), which is no feature: features are numbers, texts, "
                    + "booleans, dates, times, arrays of numbers and sparse arrays, ARRAY<STRUCT<index, value>>")
        }
    }

    /// Writes a model's file and makes it known, in the place of one of the same name.
    func keepModel(
        _ model: TrainedModel, _ database: String, _ name: String, orReplace: Bool, ifNotExists: Bool, _ properties: [String: String]
    ) throws -> StatementResult {
        let qualified = "\(database).\(name)"
        return try locked([database: .shared, qualified: .exclusive]) {
            guard try mayCreateModel(database, name, orReplace: orReplace, ifNotExists: ifNotExists),
                let record = try metastore.databaseRecord(database)
            else { return none }
            let old = try metastore.table(database: database, name: name)
            let storage = old?.storage ?? Self.modelStorage(name, in: record)
            var properties = properties
            properties["learner"] = model.learner
            properties["transient_lastDdlTime"] = "\(currentSeconds())"
            let table = Table(
                database: database, name: name, kind: .model, columns: Self.signature(of: model), storage: storage,
                properties: properties, owner: SystemProperties.userName, createTime: currentSeconds())
            let change = transaction("CREATE MODEL \(qualified)", [table])
            let folder = try self.folder(storage)
            if old == nil { try checkIsEmpty(folder, qualified) }
            change.add(.makeFolder(folder))
            let staged = FolderListing.path(try change.makeStagingFolder(in: folder), SessionModels.fileName)
            do { try model.save(to: staged) } catch let error as LearnerError { throw HiveError.task("\(error)") }
            try change.replaceFiles(of: folder, with: [(staged, SessionModels.fileName)], owner: RemovalOwner(table: table))
            try change.commit {
                if old != nil {
                    try metastore.updateTable(database: database, name: name, to: table)
                } else {
                    try metastore.createTable(table)
                }
            }
            return none
        }
    }

    /// Finds out before a training that there are other files where a new model's would be.
    func checkPlace(ofModel name: String, in database: String) throws {
        let qualified = "\(database).\(name)"
        func place() throws -> String? {
            guard try metastore.table(database: database, name: name) == nil else { return nil }
            return try metastore.databaseRecord(database).map { try folder(Self.modelStorage(name, in: $0)) }
        }
        guard try place() != nil else { return }
        // Whoever makes a model of that name right now is waited for.
        try locked([database: .shared, qualified: .shared]) {
            if let place = try place() { try checkIsEmpty(place, qualified) }
        }
    }

    /// A new model takes nobody's files away.
    private func checkIsEmpty(_ folder: String, _ model: String) throws {
        guard let status = try FileStatus.of(folder, followingLinks: false) else { return }
        // What a process that died had staged is hidden, and goes.
        if status.kind == .folder, try FolderListing.names(in: folder).allSatisfy({ $0.hasPrefix(".") }) { return }
        throw HiveError.task("Unable to create model \(model). Its location already exists: file:\(folder)")
    }

    /// Where a new model's file goes.
    private static func modelStorage(_ name: String, in database: DatabaseRecord) -> StorageDescriptor {
        StorageDescriptor(location: Warehouse.defaultLocation(ofTable: name, in: database), format: .text, serde: "")
    }

    /// The columns that a model takes.
    private static func signature(of model: TrainedModel) -> [SchemaColumn] {
        if let transform = model.transform {
            return transform.inputs.map { SchemaColumn(name: $0.name, type: SQLType(typeText: $0.type) ?? .string) }
        }
        return model.encoding.columns.map { SchemaColumn(name: $0.name, type: SQLType(typeText: $0.type) ?? .string) }
    }

    // MARK: Other statements

    private func dropModel(_ name: TableName, ifExists: Bool) throws -> StatementResult {
        let database = databaseName(name)
        let qualified = "\(database).\(name.name.name)"
        guard try catalog.model(database: database, name: name.name.name) != nil || isDamaged(qualified) else {
            if !ifExists { _ = try modelTable(name) }
            return none
        }
        return try locked([database: .shared, qualified: .exclusive], damage: .isGivenUp) {
            guard let table = try catalog.model(database: database, name: name.name.name) else {
                if try !giveUpDamage(of: qualified), !ifExists { _ = try modelTable(name) }
                return none
            }
            let change = transaction("DROP MODEL \(qualified)", [table])
            _ = try addRemoval(of: table, owner: RemovalOwner(table: table), to: change)
            try change.giveUpChanges(of: [qualified], folders: [try folder(table.storage)])
            try change.commit { try metastore.dropTable(database: database, name: table.name) }
            return none
        }
    }

    private func exportModel(_ name: TableName, to path: String) throws -> StatementResult {
        let table = try modelTable(name)
        return try locked([table.qualifiedName: .shared]) {
            let target = try locations.path(of: try locations.stored(path))
            try makeRemovalGuard().checkIsFree(target, warehouse: warehouse.folder, action: "export to")
            let model = try models.trained(try modelTable(name))
            do {
                if let format = ModelFormat(ofFile: target) {
                    try model.export(to: target, format: format)
                } else {
                    try model.save(to: target)
                }
            } catch let error as LearnerError {
                throw HiveError.task("\(error)")
            } catch let error as ExportError {
                throw HiveError.task("\(error)")
            }
            return none
        }
    }

    private func importModel(_ name: TableName, from path: String) throws -> StatementResult {
        let database = databaseName(name)
        guard try mayCreateModel(database, name.name.name, orReplace: false, ifNotExists: false) else { return none }
        let source = try locations.path(of: try locations.stored(path))
        let model: TrainedModel
        do { model = try TrainedModel.load(from: source) } catch let error as LearnerError { throw HiveError.task("\(error)") }
        return try keepModel(model, database, name.name.name, orReplace: false, ifNotExists: false, [:])
    }

    private func showModels(_ database: Identifier?, _ pattern: ShowPattern?) throws -> StatementResult {
        let database = database?.name ?? catalog.currentDatabase
        guard try catalog.databaseExists(database) else {
            throw HiveError.semantic("Database does not exist: \(database)", code: 10072)
        }
        let names = try catalog.modelNames(database: database).filter { Self.matches($0, pattern?.text) }
        return try rows(["model_name"], names.map { [$0] })
    }

    private func describeModel(_ name: TableName, _ style: DescribeStyle) throws -> StatementResult {
        let table = try modelTable(name)
        return try locked([table.qualifiedName: .shared]) {
            let table = try modelTable(name)
            let header = ["col_name", "data_type", "comment"]
            let model = try models.trained(table)
            var lines = table.columns.map { [$0.name, "\($0.type)", model.transform == nil ? "feature" : "input"] }
            if let label = model.encoding.label, !table.columns.contains(where: { $0.name == label.name }) {
                lines.append([label.name, label.type, "label"])
            }
            guard style != .plain else { return try rows(header, lines) }
            lines.append(["", "", ""])
            lines += [
                ["# Model", "", ""], ["Database:", table.database, ""], ["Owner:", table.owner, ""],
                ["Location:", locations.uri(of: table.storage.location), ""], ["Learner:", model.learner, ""],
            ]
            lines += model.hyperparameters.sorted { $0.key < $1.key }.map { ["  \($0.key)", $0.value, ""] }
            lines += (model.transform?.items ?? []).map { ["Transform:", $0.text, ""] }
            if let query = table.properties["query"] { lines.append(["Query:", query, ""]) }
            for line in model.report?.lines() ?? [] { lines.append([line, "", ""]) }
            return try rows(header, lines)
        }
    }
}
