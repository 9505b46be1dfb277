import Catalog
import Columnar
import HiveSyntax
import Planner

extension StatementRunner {
    func createView(_ statement: CreateViewStatement) throws -> StatementResult {
        let name = statement.name.name.name
        let database = databaseName(statement.name)
        try checkTableName(name)
        guard try metastore.databaseRecord(database) != nil else {
            throw HiveError.semantic("Database does not exist: \(database)", code: 10072)
        }
        let qualified = "\(database).\(name)"
        return try locked([database: .shared, qualified: .exclusive]) { binder in
            binder.viewExpansion = ViewExpansion(of: statement.query, in: source)
            return try binder.bindQuery(statement.query)
        } body: { binder, bound in
            let old = try metastore.table(database: database, name: name)
            if let old {
                if statement.ifNotExists { return none }
                guard statement.orReplace, old.isView else {
                    throw HiveError.task("AlreadyExistsException(message:Table \(name) already exists)")
                }
                if binder.tablesRead.contains(qualified) {
                    throw HiveError.semantic("Recursive view \(qualified) detected (cycle: \(qualified) -> \(qualified)).", code: 10091)
                }
            }
            try refuseTemporaryTables(of: binder)
            var columns = Self.unqualified(bound.columns)
            if !statement.columns.isEmpty {
                guard statement.columns.count == columns.count else {
                    throw HiveError.semantic(
                        "The number of columns produced by the SELECT clause does not match the number of column names "
                            + "specified by CREATE VIEW", code: 10092)
                }
                for (index, column) in statement.columns.enumerated() {
                    columns[index].name = column.name.name
                    columns[index].comment = column.comment
                }
            }
            var view = Table(
                database: database, name: name, kind: .view, columns: columns, storage: Self.viewStorage,
                properties: Self.dictionary(statement.properties), comment: statement.comment,
                owner: SystemProperties.userName, createTime: currentSeconds(),
                viewText: source.text(statement.queryRange), viewExpandedText: nil)
            view.viewExpandedText = expandedText(
                of: view, statement.queryRange, binder, bound, hasColumnList: !statement.columns.isEmpty)
            view.properties["transient_lastDdlTime"] = "\(view.createTime)"
            try partition(&view, on: statement.partitionColumns)
            try checkColumns(view)
            if let old {
                if view.partitionColumns != old.partitionColumns { try refusePartitions(of: old) }
                try metastore.updateTable(database: old.database, name: old.name, to: view)
            } else {
                try metastore.createTable(view)
            }
            return none
        }
    }

    private func refuseTemporaryTables(of binder: Binder) throws {
        guard let name = binder.tablesRead.sorted().first(where: { catalog.temporaryTables[$0] != nil }) else { return }
        throw HiveError.semantic(
            "View definition references temporary table \(catalog.temporaryTables[name]?.name ?? name)")
    }

    /// The query's text as it means the same in any database. nil when that cannot be written: then the query is read as
    /// it stands, in the view's database.
    private func expandedText(
        of view: Table, _ range: SourceRange, _ binder: Binder, _ bound: BoundQuery, hasColumnList: Bool
    ) -> String? {
        guard let text = binder.viewExpansion?.text(of: range),
            let columns = try? makeBinder().columns(ofViewText: text), columns.map(\.type) == bound.columns.map(\.type)
        else { return nil }
        guard hasColumnList else { return text }
        let names = Self.unqualified(columns).map(\.name)
        let alias = ViewExpansion.quoted(view.qualifiedName)
        let own = view.allColumns.map { ViewExpansion.quoted($0.name) }
        if Set(names).count == names.count {
            let items = zip(names, own).map { "\(ViewExpansion.quoted($0)) AS \($1)" }
            return "SELECT \(items.joined(separator: ", ")) FROM (\(text)) \(alias)"
        }
        let list = own.joined(separator: ", ")
        return "SELECT \(list) FROM (\(text)) \(alias) (\(list))"
    }

    static let viewStorage = StorageDescriptor(location: "", serde: "null")

    func alterView(_ name: TableName, _ change: ViewAlteration) throws -> StatementResult {
        let view = try table(name, qualified: true)
        guard view.isView else { throw Self.baseTable }
        switch change {
        case .rename(let newName): return try renameTable(name, to: newName, isView: true)
        case .setProperties(let properties):
            return try alterTable(AlterTableStatement(table: name, action: .setProperties(properties)))
        case .unsetProperties(let properties, let ifExists):
            return try alterTable(AlterTableStatement(table: name, action: .unsetProperties(properties, ifExists: ifExists)))
        case .redefine(let query, let range):
            return try locked([view.qualifiedName: .exclusive]) { binder in
                binder.viewExpansion = ViewExpansion(of: query, in: source)
                return try binder.bindQuery(query)
            } body: { binder, bound in
                try refuseTemporaryTables(of: binder)
                if binder.tablesRead.contains(view.qualifiedName) {
                    throw HiveError.semantic("Recursive view \(view.qualifiedName) detected (cycle: \(view.qualifiedName) -> \(view.qualifiedName)).", code: 10091)
                }
                var changed = try table(name, qualified: true)
                guard changed.isView else { throw Self.baseTable }
                let old = changed
                if old.isPartitioned { try refusePartitions(of: old) }
                changed.columns = Self.unqualified(bound.columns)
                changed.partitionColumns = []
                changed.viewText = source.text(range)
                changed.viewExpandedText = expandedText(of: changed, range, binder, bound, hasColumnList: false)
                changed.properties["transient_lastDdlTime"] = "\(currentSeconds())"
                try checkColumns(changed)
                try update(changed, from: old)
                return none
            }
        case .addPartitions(let ifNotExists, let additions):
            return try changing(name) { view in
                guard view.isView else { throw Self.baseTable }
                return try addPartitions(additions, ifNotExists: ifNotExists, toView: view)
            }
        case .dropPartitions(let ifExists, let specs):
            return try changing(name) { view in
                guard view.isView else { throw Self.baseTable }
                return try dropPartitions(specs, ifExists: ifExists, of: view)
            }
        }
    }

    static let baseTable = HiveError.semantic("To alter a base table you need to use the ALTER TABLE command.", code: 10132)

    func dropView(_ name: TableName, ifExists: Bool) throws -> StatementResult {
        guard try findTable(name) != nil else { return try dropMissing(name, ifExists: ifExists) }
        return try locked(["\(databaseName(name)).\(name.name.name)": .exclusive]) {
            // Another session may have put a table in the place of the view before the lock was held.
            guard let view = try findTable(name) else { return try dropMissing(name, ifExists: ifExists) }
            if ifExists, !view.isView { return none }
            guard view.isView else { throw HiveError.task("Cannot drop a base table with DROP VIEW") }
            try metastore.dropTable(database: view.database, name: view.name)
            return none
        }
    }

    /// Macros live as long as the session; the binder puts their bodies in the place of calls.
    func createMacro(_ name: Identifier, parameters: [MacroParameter], body: Expression) throws -> StatementResult {
        let names = parameters.map(\.name.name)
        guard Set(names).count == names.count else {
            throw HiveError.semantic("At least one parameter name was used more than once \(names)")
        }
        let macro = Macro(
            parameters: try parameters.map { (name: $0.name.name, type: try SQLType($0.type)) }, body: body)
        session.macros.update { $0[name.name] = macro }
        return none
    }
}
