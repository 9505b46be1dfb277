import Catalog
import Columnar
import HiveSyntax
import Planner

extension StatementRunner {
    func alterTable(_ statement: AlterTableStatement) throws -> StatementResult {
        if case .rename(let name) = statement.action, statement.partition.isEmpty {
            return try renameTable(statement.table, to: name, isView: false)
        }
        if case .exchangePartition(let elements, let source) = statement.action {
            return try exchangePartition(statement, elements, with: source)
        }
        return try changing(statement.table) { table in
            if table.isView {
                switch statement.action {
                case .setProperties, .unsetProperties: break
                default: throw HiveError.semantic("To alter a view you need to use the ALTER VIEW command.", code: 10131)
                }
            }
            if case .updateStatistics(let column?, let said) = statement.action {
                let partition = statement.partition.isEmpty ? nil : try partition(statement.partition, of: table)
                try updateStatistics(of: column, said, table: table, partition: partition)
                return none
            }
            if case .concatenate = statement.action { return try concatenate(table, statement.partition) }
            switch statement.action {
            case .archive: return try archive(statement.partition, of: table)
            case .unarchive: return try unarchive(statement.partition, of: table)
            case .compact: return try alterUnsupported(statement.action, table)
            default: break
            }
            guard statement.partition.isEmpty else { return try alterPartition(statement, of: table) }
            switch statement.action {
            case .addPartitions(let ifNotExists, let additions):
                return try addPartitions(additions, ifNotExists: ifNotExists, to: table)
            case .dropPartitions(let ifExists, let specs, _, _):
                return try dropPartitions(specs, ifExists: ifExists, of: table)
            case .recoverPartitions:
                return try repair(table, adds: true, drops: false, reports: false)
            case .touch, .enable, .disable:
                return try alterUnsupported(statement.action, table)
            default:
                var changed = table
                let change = transaction("ALTER TABLE \(table.qualifiedName)", [table])
                try apply(statement.action, to: &changed, change)
                try keepBucketTrust(&changed, from: table)
                StatisticsAccuracy.keepColumns(of: changed.columns, in: &changed.properties)
                stampModified(&changed.properties)
                try change.commit {
                    if changed.storage.location != table.storage.location { try keepPartitionLocations(of: table) }
                    if table.isPartitioned, changed.columns != table.columns {
                        if statement.action.cascades {
                            try metastore.forgetPartitionColumns(of: table)
                        } else {
                            try metastore.keepPartitionColumns(of: table)
                        }
                    }
                    try update(changed, from: table)
                }
                return none
            }
        }
    }

    private func alterUnsupported(_ action: AlterTableAction, _ table: Table) throws -> StatementResult {
        switch action {
        case .touch: return none
        case .compact(let kind, _, _):
            guard ["major", "minor"].contains(kind.lowercased()) else {
                throw HiveError.semantic("Invalid compaction type, supported values are 'major' and 'minor'", code: 10282)
            }
            throw HiveError.task("Compaction is not allowed on non-ACID table \(table.qualifiedName)")
        default: throw HiveError.unsupported("ALTER TABLE … ENABLE/DISABLE")
        }
    }

    private func stampModified(_ properties: inout [String: String]) {
        let now = "\(currentSeconds())"
        properties["last_modified_by"] = SystemProperties.userName
        properties["last_modified_time"] = now
        properties["transient_lastDdlTime"] = now
    }

    /// What changes a table's record only; a new location's folder is made by `change`.
    private func apply(_ action: AlterTableAction, to table: inout Table, _ change: WriteTransaction) throws {
        switch action {
        case .setProperties(let properties): setProperties(properties, of: &table)
        case .unsetProperties(let properties, let ifExists):
            let old = table.properties
            for property in properties {
                table.properties[property.key] = nil
                if old[property.key] == nil, !ifExists {
                    throw HiveError.semantic(
                        "Please use the following syntax if not sure whether the property existed or not:\n"
                            + "ALTER TABLE tableName UNSET TBLPROPERTIES IF EXISTS (key1, key2, ...)\n", code: 10215)
                }
            }
        case .setSerde(let className, let properties):
            try setSerDe(className, properties, of: &table.storage, tableName: table.qualifiedName)
        case .setSerdeProperties(let properties):
            table.storage.serdeProperties.merge(Self.dictionary(properties)) { $1 }
        case .unsetSerdeProperties(let properties):
            for property in properties { table.storage.serdeProperties[property.key] = nil }
        case .setLocation(let location): table.storage.location = try newLocation(location, change)
        case .setFileFormat(let format):
            try setFormat(format, of: &table.storage, tableName: table.qualifiedName)
        case .setOwner(let principal): table.owner = principal.name.text
        case .clusteredBy, .notClustered, .notSorted, .intoBuckets:
            try applyToBuckets(action, &table.storage, columns: table.columns)
        case .addColumns, .replaceColumns, .changeColumn: try applyToColumns(action, of: &table)
        case .partitionColumn(let definition):
            guard let index = table.partitionColumns.firstIndex(where: { $0.name == definition.name.name }) else {
                throw HiveError.task("Invalid partition column reference \(definition.name.name)")
            }
            table.partitionColumns[index].type = try SQLType(definition.type)
            table.partitionColumns[index].comment = definition.comment
        case .updateStatistics(_, let properties):
            table.properties.merge(Self.dictionary(properties)) { $1 }
        case .skewedBy(let skew): table.skew = try skewedColumns(skew, of: table)
        case .setSkewedLocation(let located): table.skew = try skewedColumns(table.skew, located: located)
        case .notSkewed: table.skew = table.skew?.locationsAlone
        case .notStoredAsDirectories:
            guard table.skew?.columns.isEmpty == false else {
                throw HiveError.semantic("This operation is only valid on skewed table. \(table.qualifiedName)", code: 10196)
            }
            table.skew?.storedAsDirectories = false
        case .addConstraint(let constraint): try addConstraint(constraint, to: &table)
        case .dropConstraint(let name):
            guard table.properties.removeValue(forKey: StoredConstraint.prefix + name.name) != nil else {
                throw HiveError.task("The constraint: \(name.name) does not exist for the associated table: \(table.qualifiedName)")
            }
        case .updateColumns: throw HiveError.unsupported("ALTER TABLE … UPDATE COLUMNS")
        case .setPartitionSpec: throw HiveError.unsupported("ALTER TABLE … SET PARTITION SPEC")
        case .tableFormatCommand(let text): throw HiveError.unsupported("ALTER TABLE … \(text)")
        case .renamePartition: throw HiveError.semantic("RENAME TO PARTITION needs the partition to rename")
        case .rename, .addPartitions, .dropPartitions, .exchangePartition, .recoverPartitions, .touch, .archive,
            .unarchive, .concatenate, .compact, .enable, .disable:
            throw HiveError.unsupported("This form of ALTER TABLE")
        }
        try adoptAvroColumns(&table)
    }

    /// What changes the columns of a table, or of a partition under the table's name.
    private func applyToColumns(_ action: AlterTableAction, of table: inout Table) throws {
        switch action {
        case .addColumns(let definitions, _):
            for column in Self.served(try columns(definitions), by: table.storage) {
                if table.allColumns.contains(where: { $0.name == column.name }) {
                    throw HiveError.task("Duplicate column name: \(column.name)")
                }
                table.columns.append(column)
            }
            try addConstraints(definitions, [], to: &table)
        case .replaceColumns(let definitions, _):
            let replacement = Self.served(try columns(definitions), by: table.storage)
            guard StorageClasses.columnsMayBeReplaced(ofSerDe: table.storage.serde) else {
                throw HiveError.task(
                    "Replace columns is not supported for table \(table.qualifiedName). SerDe may be incompatible.")
            }
            if settings[Settings.evolvesSchemas], table.storage.format == .orc, replacement.count < table.columns.count {
                throw HiveError.task(
                    "Replacing columns cannot drop columns for table \(table.qualifiedName). SerDe may be incompatible")
            }
            try checkTypes(replacement, replacing: table.columns)
            for column in table.columns where !replacement.contains(where: { $0.name == column.name }) {
                try dropColumn(column.name, fromConstraintsOf: &table)
            }
            table.columns = replacement
            try checkColumns(table)
        case .changeColumn(let name, let definition, let position, _):
            try changeColumn(name, definition, position, of: &table)
        default: throw HiveError.unsupported("This form of ALTER TABLE")
        }
    }

    /// Tables of ORC keep their format, as their columns may change.
    private func setFormat(_ format: FileFormat, of storage: inout StorageDescriptor, tableName: String) throws {
        let new = try self.storage(TableStorage(fileFormat: format))
        if settings[Settings.evolvesSchemas], storage.format == .orc, new.format != .orc {
            throw HiveError.task("Changing file format (from ORC) is not supported for table \(tableName)")
        }
        storage.format = new.format
        storage.serde = new.serde
    }

    private func setSerDe(
        _ className: String, _ properties: [Property], of storage: inout StorageDescriptor, tableName: String
    ) throws {
        if settings[Settings.evolvesSchemas], storage.serde == StorageClasses(.orc).serde, className != storage.serde {
            throw HiveError.task(
                "Changing SerDe (from OrcSerde) is not supported for table \(tableName). File format may be incompatible")
        }
        storage.serde = className
        storage.serdeProperties.merge(Self.dictionary(properties)) { $1 }
    }

    private func setProperties(_ properties: [Property], of table: inout Table) {
        for (key, value) in Self.dictionary(properties) {
            switch key.lowercased() {
            case "comment": table.comment = value
            case "external":
                if !table.isView { table.kind = value.lowercased() == "true" ? .external : .managed }
            default: table.properties[key] = value
            }
        }
    }

    private func newLocation(_ text: String, _ change: WriteTransaction) throws -> String {
        let stored = try locations.stored(text)
        change.add(.makeFolder(try locations.path(of: stored)))
        return stored
    }

    private func changeColumn(
        _ name: Identifier, _ definition: ColumnDefinition, _ position: ColumnPosition?, of table: inout Table
    ) throws {
        guard let index = table.columns.firstIndex(where: { $0.name == name.name }) else {
            throw HiveError.task("Invalid column reference \(name.name)")
        }
        if settings[Settings.evolvesSchemas], table.storage.format == .orc, position != nil {
            throw HiveError.task(
                "Reordering columns is not supported for table \(table.qualifiedName). SerDe may be incompatible")
        }
        var column = try columns([definition])[0]
        if column.comment == nil { column.comment = table.columns[index].comment }
        if column.name != name.name, table.allColumns.contains(where: { $0.name == column.name }) {
            throw HiveError.task("Duplicate column name: \(column.name)")
        }
        var changed = table.columns
        changed.remove(at: index)
        switch position {
        case nil: changed.insert(column, at: index)
        case .first: changed.insert(column, at: 0)
        case .after(let other):
            guard let after = changed.firstIndex(where: { $0.name == other.name }) else {
                throw HiveError.task("Invalid column reference \(other.name)")
            }
            changed.insert(column, at: after + 1)
        }
        try checkTypes(changed, replacing: table.columns)
        if column.name != name.name { try renameColumn(name.name, to: column.name, inConstraintsOf: &table) }
        table.columns = changed
    }

    /// Files keep their columns' places, so the type at a place may change only to one that reads the old values.
    private func checkTypes(_ columns: [SchemaColumn], replacing old: [SchemaColumn]) throws {
        guard settings[Settings.refusesIncompatibleTypes] else { return }
        let refused = zip(columns, old).filter { !$1.type.mayBecome($0.type) }.map(\.0.name)
        guard refused.isEmpty else {
            throw HiveError.task(
                "Unable to alter table. The following columns have types incompatible with the existing columns in their "
                    + "respective positions :\n\(refused.joined(separator: ","))")
        }
    }

    // MARK: RENAME

    /// - Parameter find: what has the old name: a table or view unless given.
    func renameTable(
        _ name: TableName, to newName: TableName, isView: Bool, find: ((TableName) throws -> Table)? = nil
    ) throws -> StatementResult {
        let find = find ?? { try self.table($0, qualified: true) }
        let found = try find(name)
        let database = newName.database?.name ?? found.database
        let target = newName.name.name
        if found.isModel { try checkObjectName(target) } else { try checkTableName(target) }
        var wanted = exclusive(found)
        wanted["\(database).\(target)"] = .exclusive
        for name in [database, found.database] where !found.isTemporary { wanted[name] = .shared }
        return try locked(wanted) {
            let table = try find(name)
            guard table.isTemporary == found.isTemporary, table.isView == found.isView else {
                throw HiveError.task("Unable to alter table. \(table.qualifiedName) was replaced meanwhile")
            }
            guard let record = try metastore.databaseRecord(database) else {
                throw HiveError.semantic("Database does not exist: \(database)", code: 10072)
            }
            guard try catalog.table(database: database, name: target) == nil, try catalog.model(database: database, name: target) == nil
            else {
                throw HiveError.task("Unable to alter table. new table \(database).\(target) already exists")
            }
            var changed = table
            changed.database = database
            changed.name = target
            stampModified(&changed.properties)
            let change = transaction("ALTER TABLE \(table.qualifiedName) RENAME TO \(database).\(target)", [table, changed])
            let oldDatabase = try metastore.databaseRecord(table.database)
            let usual = oldDatabase.map { Warehouse.defaultLocation(ofTable: table.name, in: $0) }
            // Only a managed table at its usual place moves.
            if table.ownsFiles, !table.isTemporary, table.storage.location == usual {
                changed.storage.location = Warehouse.defaultLocation(ofTable: target, in: record)
                let to = try folder(changed.storage)
                guard !LocalFiles.exists(to) else {
                    throw HiveError.task("Unable to alter table. New location for this table \(database).\(target) already exists : file:\(to)")
                }
                let from = try folder(table.storage)
                if LocalFiles.exists(from) {
                    try change.addRelocation(of: from, to: to, owner: RemovalOwner(table: table)) { try running.cancellation.check() }
                }
            }
            try change.commit {
                guard !table.isTemporary else { return }
                try update(changed, from: table)
                try movePartitionLocations(of: table, to: changed)
            }
            if table.isTemporary { try update(changed, from: table) }
            return none
        }
    }

    // MARK: Partitions

    private func addPartitions(_ additions: [PartitionAddition], ifNotExists: Bool, to table: Table) throws
        -> StatementResult
    {
        let fresh = try newPartitions(additions, ifNotExists: ifNotExists, of: table)
        let change = transaction("ALTER TABLE \(table.qualifiedName) ADD PARTITION", [table])
        for partition in fresh { change.add(.makeFolder(try folder(partition.storage))) }
        try change.commit { try metastore.addPartitions(fresh, to: table) }
        return none
    }

    /// The partitions that are not there yet.
    func newPartitions(_ additions: [PartitionAddition], ifNotExists: Bool, of table: Table) throws -> [Partition] {
        var fresh: [Partition] = []
        var names = Set<String>()
        for addition in additions {
            let values = try fullPartitionSpec(addition.partition, of: table)
            let location = try addition.location.map { text -> String in
                let stored = try locations.stored(text, in: table.storage.location)
                _ = try locations.path(of: stored)
                return stored
            }
            let partition = self.partition(values: values, of: table, location: location)
            let name = partitionName(partition, of: table)
            if try metastore.partition(of: table, values: values) != nil || !names.insert(name).inserted {
                if ifNotExists { continue }
                throw HiveError.task("AlreadyExistsException(message:Partition already exists: \(table.qualifiedName) \(name))")
            }
            fresh.append(partition)
        }
        return fresh
    }

    func dropPartitions(_ specs: [[PartitionElement]], ifExists: Bool, of table: Table) throws
        -> StatementResult
    {
        guard table.isPartitioned else { throw HiveError.task("Table \(table.name) is not a partitioned table") }
        var dropped: [[String]: Partition] = [:]
        for spec in specs {
            let found = try partitions(matching: spec, of: table)
            if found.isEmpty, !ifExists, !settings[Settings.ignoresNonexistent] {
                throw HiveError.semantic("Partition not found \(Self.describe(spec, source))", code: 10006)
            }
            for partition in found { dropped[partition.values] = partition }
        }
        let change = transaction("ALTER TABLE \(table.qualifiedName) DROP PARTITION", [table])
        try addRemoval(of: dropped.values, of: table, to: change)
        try change.commit { try metastore.dropPartitions(Array(dropped.keys), of: table) }
        return none
    }

    private func alterPartition(_ statement: AlterTableStatement, of table: Table) throws -> StatementResult {
        switch statement.action {
        case .addColumns, .replaceColumns, .changeColumn: return try alterPartitionColumns(statement, of: table)
        default: break
        }
        let old = try partition(statement.partition, of: table)
        var changed = old
        let change = transaction("ALTER TABLE \(table.qualifiedName) PARTITION", [table])
        switch statement.action {
        case .renamePartition(let elements):
            changed.values = try fullPartitionSpec(elements, of: table)
            guard try metastore.partition(of: table, values: changed.values) == nil else {
                throw HiveError.task("Unable to rename partition. Partition already exists:\(table.qualifiedName).\(changed.values)")
            }
            let usual = Metastore.folder(table.storage.location, partitionName(old, of: table))
            if table.kind == .managed, old.storage.location == usual {
                changed.storage.location = Metastore.folder(table.storage.location, partitionName(changed, of: table))
                let to = try folder(changed.storage)
                guard !LocalFiles.exists(to) else {
                    throw HiveError.task("Unable to rename partition. New location already exists: file:\(to)")
                }
                let from = try folder(old.storage)
                if LocalFiles.exists(from) {
                    let owner = RemovalOwner(partitions: [partitionName(old, of: table)], of: table)
                    try change.addRelocation(of: from, to: to, owner: owner) { try running.cancellation.check() }
                }
            }
        case .setLocation(let location):
            changed.storage.location = try newLocation(location, change)
            PartitionArchive.forget(&changed.properties)
        case .setFileFormat(let format):
            try setFormat(format, of: &changed.storage, tableName: table.qualifiedName)
        case .setSerde(let className, let properties):
            try setSerDe(className, properties, of: &changed.storage, tableName: table.qualifiedName)
        case .setSerdeProperties(let properties):
            changed.storage.serdeProperties.merge(Self.dictionary(properties)) { $1 }
        case .clusteredBy, .notClustered, .notSorted, .intoBuckets:
            try applyToBuckets(statement.action, &changed.storage, columns: old.columns ?? table.columns)
        case .updateStatistics(nil, let properties): changed.properties.merge(Self.dictionary(properties)) { $1 }
        case .touch: break
        default: throw HiveError.unsupported("This form of ALTER TABLE … PARTITION")
        }
        stamp(&changed, from: old)
        try change.commit { try metastore.updatePartition(of: table, values: old.values, to: changed) }
        return none
    }

    private func stamp(_ changed: inout Partition, from old: Partition) {
        var keepsFiles = old.storage
        keepsFiles.location = changed.storage.location
        keepsFiles.sortColumns = changed.storage.sortColumns
        if changed.storage.isBucketed, changed.storage != keepsFiles || changed.columns != old.columns {
            BucketTrust.lose(&changed.properties)
        }
        stampModified(&changed.properties)
    }

    /// Columns may change in all partitions at once that a part of the keys names: `PARTITION (month, day = '2')`.
    private func alterPartitionColumns(_ statement: AlterTableStatement, of table: Table) throws -> StatementResult {
        let named = try partitions(matching: statement.partition, of: table)
        let found = named.isEmpty ? [try partition(statement.partition, of: table)] : named
        let change = transaction("ALTER TABLE \(table.qualifiedName) PARTITION", [table])
        let changed = try found.map { old in
            var own = table
            own.columns = old.columns ?? table.columns
            try applyToColumns(statement.action, of: &own)
            var result = old
            result.columns = own.columns == table.columns ? nil : own.columns
            stamp(&result, from: old)
            return result
        }
        try change.commit {
            for partition in changed { try metastore.updatePartition(of: table, values: partition.values, to: partition) }
        }
        return none
    }
}

extension AlterTableAction {
    /// Whether partitions get the table's new columns.
    fileprivate var cascades: Bool {
        switch self {
        case .addColumns(_, .cascade), .replaceColumns(_, .cascade), .changeColumn(_, _, _, .cascade): true
        default: false
        }
    }
}
