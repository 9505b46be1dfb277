import Catalog
import HiveSyntax
import Platform

extension StatementRunner {
    func createDatabase(_ statement: CreateDatabaseStatement) throws -> StatementResult {
        let name = statement.name.name
        try checkObjectName(name)
        return try locked([name: .exclusive]) {
            if try metastore.databaseRecord(name) != nil {
                if statement.ifNotExists { return none }
                throw HiveError.task("Database \(name) already exists")
            }
            let location =
                try (statement.managedLocation ?? statement.location).map { try locations.stored($0) }
                ?? Warehouse.defaultLocation(ofDatabase: name)
            let change = transaction("CREATE DATABASE \(name)", [])
            change.add(.makeFolder(try locations.path(of: location)))
            try change.commit {
                try metastore.createDatabase(
                    DatabaseRecord(
                        name: name, comment: statement.comment, location: location, owner: SystemProperties.userName,
                        properties: Self.dictionary(statement.properties)))
            }
            return none
        }
    }

    func dropDatabase(_ identifier: Identifier, ifExists: Bool, cascades: Bool) throws -> StatementResult {
        let name = identifier.name
        guard try metastore.databaseRecord(name) != nil else {
            if ifExists { return none }
            throw HiveError.semantic("Database does not exist: \(name)", code: 10072)
        }
        if name == "default" { throw HiveError.task("MetaException(message:Can not drop default database)") }
        var names = try metastore.tableNames(database: name)
        while true {
            let result = try dropDatabase(name, tables: names, ifExists: ifExists, cascades: cascades)
            if let result { return result }
            // A table was made before the locks were held, and may be in use.
            names = try metastore.tableNames(database: name)
        }
    }

    /// nil when the database has other tables than `expected` once it is locked.
    private func dropDatabase(_ name: String, tables expected: [String], ifExists: Bool, cascades: Bool) throws
        -> StatementResult?
    {
        var wanted: [String: LockMode] = [name: .exclusive]
        for table in expected { wanted["\(name).\(table)"] = .exclusive }
        return try locked(wanted, damage: .isGivenUp) {
            guard let record = try metastore.databaseRecord(name) else {
                if ifExists { return none }
                throw HiveError.semantic("Database does not exist: \(name)", code: 10072)
            }
            let names = try metastore.tableNames(database: name)
            guard Set(names).isSubset(of: expected) else { return nil }
            guard names.isEmpty || cascades else {
                throw HiveError.task(
                    "InvalidOperationException(message:Database \(name) is not empty. One or more tables exist.)")
            }
            let tables = try names.compactMap { try metastore.table(database: name, name: $0) }
            let change = transaction("DROP DATABASE \(name)", tables)
            let managed = tables.filter(\.ownsFiles)
            let owner = RemovalOwner(database: name, tables: managed)
            let gone = try managed.filter { try addRemoval(of: $0, owner: owner, to: change) }
            try change.giveUpChanges(
                of: tables.map(\.qualifiedName), folders: try tables.map { try self.folder($0.storage) })
            try addRemoval(
                ofDatabaseFolder: try locations.path(of: record.location), owner: owner,
                tables: try gone.map { try self.folder($0.storage) }, to: change)
            try change.commit { try metastore.dropDatabase(name) }
            if catalog.currentDatabase == name { catalog.currentDatabase = "default" }
            return none
        }
    }

    func alterDatabase(_ identifier: Identifier, _ change: DatabaseAlteration) throws -> StatementResult {
        try locked([identifier.name: .exclusive]) {
            guard var record = try metastore.databaseRecord(identifier.name) else {
                throw HiveError.semantic("Database does not exist: \(identifier.name)", code: 10072)
            }
            switch change {
            case .setProperties(let properties):
                record.properties.merge(Self.dictionary(properties)) { $1 }
            case .setOwner(let principal):
                record.owner = principal.name.text
                record.ownerType = principal.kind.rawValue
            case .setLocation(let location), .setManagedLocation(let location):
                record.location = try locations.stored(location)
                _ = try locations.path(of: record.location)
            }
            try metastore.updateDatabase(record)
            return none
        }
    }

    func useDatabase(_ identifier: Identifier) throws -> StatementResult {
        guard try metastore.databaseRecord(identifier.name) != nil else {
            var error = HiveError.semantic("Database does not exist: \(identifier.name)", code: 10072)
            error.hint = NearestName.hint(for: identifier.name, among: try metastore.databaseNames())
            throw error
        }
        catalog.currentDatabase = identifier.name
        return none
    }

    static func dictionary(_ properties: [Property]) -> [String: String] {
        Dictionary(properties.map { ($0.key, $0.value ?? "") }, uniquingKeysWith: { $1 })
    }

    /// Names of databases and models are letters, digits and underscores: they are folders' names.
    func checkObjectName(_ name: String) throws {
        guard Self.isValidName(name) else { throw HiveError.task("InvalidObjectException(message:\(name) is not a valid object name)") }
    }

    /// Names of tables and views may also have slashes, which their folders have not.
    func checkTableName(_ name: String) throws {
        guard Self.isValidName(name, withSlashes: settings[Settings.specialNames]) else {
            throw HiveError.task("[\(name)]: is not a valid table name")
        }
    }

    private static func isValidName(_ name: String, withSlashes: Bool = false) -> Bool {
        !name.isEmpty && name.utf8.count <= 128
            && name.unicodeScalars.allSatisfy {
                $0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "_" || withSlashes && $0 == "/"
            }
    }
}
