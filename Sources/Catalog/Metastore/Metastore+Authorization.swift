/// Who is a member of a role.
package struct RoleMember: Sendable, Hashable {
    package var role: String
    /// USER, GROUP or ROLE.
    package var kind: String
    package var name: String
    package var hasAdminOption: Bool
    package var grantor: String
    /// In seconds.
    package var createTime: Int64

    package init(role: String, kind: String, name: String, hasAdminOption: Bool, grantor: String, createTime: Int64) {
        self.role = role
        self.kind = kind
        self.name = name
        self.hasAdminOption = hasAdminOption
        self.grantor = grantor
        self.createTime = createTime
    }
}

/// What somebody was granted. It is kept and shown; nothing asks it.
package struct PrivilegeRecord: Sendable, Hashable {
    /// Of a database, or of a table of it; nil: of everything.
    package var database: String?
    package var table: String?
    /// Empty: of the whole table.
    package var column: String
    /// USER, GROUP or ROLE.
    package var granteeKind: String
    package var grantee: String
    /// `SELECT`
    package var privilege: String
    package var hasGrantOption: Bool
    package var grantor: String
    /// In seconds.
    package var createTime: Int64

    package init(
        database: String?, table: String?, column: String, granteeKind: String, grantee: String, privilege: String,
        hasGrantOption: Bool, grantor: String, createTime: Int64
    ) {
        self.database = database
        self.table = table
        self.column = column
        self.granteeKind = granteeKind
        self.grantee = grantee
        self.privilege = privilege
        self.hasGrantOption = hasGrantOption
        self.grantor = grantor
        self.createTime = createTime
    }
}

extension Metastore {
    // MARK: Roles

    /// Sorted by name.
    package func roleNames() throws -> [String] {
        try synchronized {
            var names: [String] = []
            try database.run("SELECT name FROM roles ORDER BY name") { names.append($0.text(0)) }
            return names
        }
    }

    /// - Throws: `roleExists`.
    package func createRole(_ name: String, owner: String, at time: Int64) throws {
        try write {
            guard try !roleNames().contains(name) else { throw MetastoreError(.roleExists, "Role \(name) already exists.") }
            try database.run(
                "INSERT INTO roles (name, owner, create_time) VALUES (?,?,?)", [.text(name), .text(owner), .integer(time)])
        }
    }

    /// The role goes with what it was granted and with its memberships.
    /// - Throws: `noSuchRole`.
    package func dropRole(_ name: String) throws {
        try write {
            try checkRole(name)
            try database.run("DELETE FROM privileges WHERE grantee_kind = 'ROLE' AND grantee = ?", [.text(name)])
            try database.run("DELETE FROM role_members WHERE member_kind = 'ROLE' AND member = ?", [.text(name)])
            try database.run("DELETE FROM roles WHERE name = ?", [.text(name)])
        }
    }

    /// - Throws: `noSuchRole`.
    package func checkRole(_ name: String) throws {
        guard try roleNames().contains(name) else { throw MetastoreError(.noSuchRole, "Role \(name) does not exist") }
    }

    /// Sorted by role and name.
    package func roleMembers() throws -> [RoleMember] {
        try synchronized {
            var members: [RoleMember] = []
            try database.run(
                """
                SELECT role, member_kind, member, has_admin_option, grantor, create_time FROM role_members
                ORDER BY role, member, member_kind
                """
            ) { row in
                members.append(
                    RoleMember(
                        role: row.text(0), kind: row.text(1), name: row.text(2), hasAdminOption: row.integer(3) != 0,
                        grantor: row.text(4), createTime: row.integer(5)))
            }
            return members
        }
    }

    /// Takes the place of what was said of the member before.
    /// - Throws: `noSuchRole`.
    package func addRoleMember(_ member: RoleMember) throws {
        try write {
            try checkRole(member.role)
            try database.run(
                """
                INSERT OR REPLACE INTO role_members (role, member_kind, member, has_admin_option, grantor, create_time)
                VALUES (?,?,?,?,?,?)
                """,
                [
                    .text(member.role), .text(member.kind), .text(member.name), .integer(member.hasAdminOption ? 1 : 0),
                    .text(member.grantor), .integer(member.createTime),
                ])
        }
    }

    /// - Parameter onlyAdminOption: the membership stays, and may not be passed on any more.
    package func removeRoleMember(role: String, kind: String, name: String, onlyAdminOption: Bool) throws {
        try write {
            try checkRole(role)
            let values: [SQLiteValue] = [.text(role), .text(kind), .text(name)]
            let place = "WHERE role = ? AND member_kind = ? AND member = ?"
            try database.run(
                onlyAdminOption ? "UPDATE role_members SET has_admin_option = 0 \(place)" : "DELETE FROM role_members \(place)", values)
        }
    }

    // MARK: Privileges

    /// In the order of objects, grantees and names.
    package func privileges() throws -> [PrivilegeRecord] {
        try synchronized {
            var found: [PrivilegeRecord] = []
            try database.run(
                """
                SELECT d.name, t.name, p.column_name, p.grantee_kind, p.grantee, p.privilege, p.has_grant_option, p.grantor,
                    p.create_time
                FROM privileges p LEFT JOIN databases d ON d.id = p.database_id LEFT JOIN tables t ON t.id = p.table_id
                ORDER BY d.name, t.name, p.column_name, p.grantee, p.grantee_kind, p.privilege
                """
            ) { row in
                found.append(
                    PrivilegeRecord(
                        database: row.optionalText(0), table: row.optionalText(1), column: row.text(2),
                        granteeKind: row.text(3), grantee: row.text(4), privilege: row.text(5),
                        hasGrantOption: row.integer(6) != 0, grantor: row.text(7), createTime: row.integer(8)))
            }
            return found
        }
    }

    /// Takes the place of the same privilege that was granted before.
    /// - Throws: `noSuchDatabase`, `noSuchTable`, `noSuchRole`.
    package func grant(_ privilege: PrivilegeRecord) throws {
        try write {
            if privilege.granteeKind == "ROLE" { try checkRole(privilege.grantee) }
            try revoke(privilege, onlyGrantOption: false)
            let place = try place(of: privilege)
            try database.run(
                """
                INSERT INTO privileges (database_id, table_id, column_name, grantee_kind, grantee, privilege, has_grant_option,
                    grantor, create_time) VALUES (?,?,?,?,?,?,?,?,?)
                """,
                place + [
                    .text(privilege.column), .text(privilege.granteeKind), .text(privilege.grantee), .text(privilege.privilege),
                    .integer(privilege.hasGrantOption ? 1 : 0), .text(privilege.grantor), .integer(privilege.createTime),
                ])
        }
    }

    /// - Throws: `noSuchDatabase`, `noSuchTable`.
    package func revoke(_ privilege: PrivilegeRecord, onlyGrantOption: Bool) throws {
        try write {
            let conditions =
                "WHERE database_id IS ? AND table_id IS ? AND column_name = ? AND grantee_kind = ? AND grantee = ? AND privilege = ?"
            try database.run(
                onlyGrantOption ? "UPDATE privileges SET has_grant_option = 0 \(conditions)" : "DELETE FROM privileges \(conditions)",
                try place(of: privilege) + [
                    .text(privilege.column), .text(privilege.granteeKind), .text(privilege.grantee), .text(privilege.privilege),
                ])
        }
    }

    /// The numbers of the database and the table.
    private func place(of privilege: PrivilegeRecord) throws -> [SQLiteValue] {
        guard let databaseName = privilege.database else { return [.null, .null] }
        let databaseID = try databaseID(databaseName)
        guard let table = privilege.table else { return [.integer(databaseID), .null] }
        guard let id = try tableID(databaseID, table) else {
            throw MetastoreError(.noSuchTable, "Table not found \(databaseName).\(table)")
        }
        return [.integer(databaseID), .integer(id)]
    }
}
