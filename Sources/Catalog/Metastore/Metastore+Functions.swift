/// A function that CREATE FUNCTION made and that outlives the session.
package struct FunctionRecord: Sendable, Hashable {
    package var database: String
    package var name: String
    /// The class of Java that the statement named.
    package var className: String
    /// What USING listed, each with the word for its kind: `JAR hdfs:///lib/a.jar`.
    package var resources: [String]
    package var owner: String
    /// In seconds.
    package var createTime: Int64

    package init(
        database: String, name: String, className: String, resources: [String], owner: String, createTime: Int64
    ) {
        self.database = database
        self.name = name
        self.className = className
        self.resources = resources
        self.owner = owner
        self.createTime = createTime
    }
}

extension Metastore {
    /// Of all databases, sorted by database and name.
    package func functions() throws -> [FunctionRecord] {
        try synchronized {
            var found: [FunctionRecord] = []
            try database.run(
                """
                SELECT d.name, f.name, f.class_name, f.resources, f.owner, f.create_time
                FROM functions f JOIN databases d ON d.id = f.database_id ORDER BY d.name, f.name
                """
            ) { row in
                found.append(
                    FunctionRecord(
                        database: row.text(0), name: row.text(1), className: row.text(2),
                        resources: PropertyText.decodeList(row.text(3)), owner: row.text(4), createTime: row.integer(5)))
            }
            return found
        }
    }

    /// - Throws: `noSuchDatabase`, `functionExists`.
    package func createFunction(_ function: FunctionRecord) throws {
        try write {
            let id = try databaseID(function.database)
            guard try !functions().contains(where: { $0.database == function.database && $0.name == function.name }) else {
                throw MetastoreError(.functionExists, "Function \(function.database).\(function.name) already exists")
            }
            try database.run(
                """
                INSERT INTO functions (database_id, name, class_name, resources, owner, create_time) VALUES (?,?,?,?,?,?)
                """,
                [
                    .integer(id), .text(function.name), .text(function.className),
                    .text(PropertyText.encode(function.resources)), .text(function.owner), .integer(function.createTime),
                ])
        }
    }

    /// - Returns: whether it was there.
    /// - Throws: `noSuchDatabase`.
    package func dropFunction(database databaseName: String, name: String) throws -> Bool {
        try write {
            try database.run(
                "DELETE FROM functions WHERE database_id = ? AND name = ?",
                [.integer(try databaseID(databaseName)), .text(name)])
            return database.changeCount > 0
        }
    }
}
