import Columnar

/// A database (schema) of the metastore.
package struct DatabaseRecord: Sendable, Hashable {
    package var name: String
    package var comment: String?
    /// URI as the user gave it, or the path under the warehouse folder (empty for `default`).
    package var location: String
    package var owner: String
    /// USER or ROLE.
    package var ownerType: String
    package var properties: [String: String]

    package init(
        name: String, comment: String? = nil, location: String, owner: String, ownerType: String = "USER",
        properties: [String: String] = [:]
    ) {
        self.name = name
        self.comment = comment
        self.location = location
        self.owner = owner
        self.ownerType = ownerType
        self.properties = properties
    }
}

extension Metastore {
    /// Sorted by name.
    package func databaseNames() throws -> [String] {
        try synchronized {
            var names: [String] = []
            try database.run("SELECT name FROM databases ORDER BY name") { names.append($0.text(0)) }
            return names
        }
    }

    package func databaseRecord(_ name: String) throws -> DatabaseRecord? {
        try synchronized {
            var record: DatabaseRecord?
            try database.run(
                "SELECT comment, location, owner, owner_type, properties FROM databases WHERE name = ?", [.text(name)]
            ) { row in
                record = DatabaseRecord(
                    name: name, comment: row.optionalText(0), location: row.text(1), owner: row.text(2),
                    ownerType: row.text(3), properties: PropertyText.decodeProperties(row.text(4)))
            }
            return record
        }
    }

    /// - Throws: `databaseExists`.
    package func createDatabase(_ record: DatabaseRecord) throws {
        try write {
            guard try databaseRecord(record.name) == nil else {
                throw MetastoreError(.databaseExists, "Database \(record.name) already exists")
            }
            try database.run(
                "INSERT INTO databases (name, comment, location, owner, owner_type, properties) VALUES (?,?,?,?,?,?)",
                [
                    .text(record.name), .optional(record.comment), .text(record.location), .text(record.owner),
                    .text(record.ownerType), .text(PropertyText.encode(record.properties)),
                ])
        }
    }

    /// Replaces everything but the name. - Throws: `noSuchDatabase`.
    package func updateDatabase(_ record: DatabaseRecord) throws {
        try write {
            try database.run(
                "UPDATE databases SET comment=?, location=?, owner=?, owner_type=?, properties=? WHERE name=?",
                [
                    .optional(record.comment), .text(record.location), .text(record.owner), .text(record.ownerType),
                    .text(PropertyText.encode(record.properties)), .text(record.name),
                ])
            if database.changeCount == 0 { throw noDatabase(record.name) }
        }
    }

    /// Removes a database and the tables left in it. - Throws: `noSuchDatabase`.
    package func dropDatabase(_ name: String) throws {
        try write {
            let id = try databaseID(name)
            try database.run("DELETE FROM tables WHERE database_id = ?", [.integer(id)])
            try database.run("DELETE FROM databases WHERE id = ?", [.integer(id)])
        }
    }

    func databaseID(_ name: String) throws -> Int64 {
        guard let id = try database.integer("SELECT id FROM databases WHERE name = ?", [.text(name)]) else {
            throw noDatabase(name)
        }
        return id
    }

    private func noDatabase(_ name: String) -> MetastoreError {
        MetastoreError(.noSuchDatabase, "Database does not exist: \(name)")
    }
}
