import Catalog
import Columnar
import HiveSyntax

/// Roles, GRANT and REVOKE: kept and shown. Nothing is refused by them: who may read the warehouse's files may read its tables.
extension StatementRunner {
    private static let note = "Privileges and roles are kept and shown, and not enforced."
    /// Roles that are always there; everybody is a member of the last.
    private static let standardRoles = ["admin", "public"]

    // MARK: Roles

    func createRole(_ name: Identifier) throws -> StatementResult {
        guard !["all", "default", "none"].contains(name.name) else {
            throw HiveError.task("Role name cannot be one of the reserved roles: [ALL, DEFAULT, NONE]")
        }
        guard !Self.standardRoles.contains(name.name) else { throw HiveError.task("Role \(name.name) already exists.") }
        warnings.append(Self.note)
        try metastore.createRole(name.name, owner: SystemProperties.userName, at: currentSeconds())
        return none
    }

    func dropRole(_ name: Identifier) throws -> StatementResult {
        guard !Self.standardRoles.contains(name.name) else { throw HiveError.task("\(name.name) role can't be dropped.") }
        try metastore.dropRole(name.name)
        return none
    }

    func grantRoles(_ roles: [Identifier], to principals: [Principal], adminOption: Bool) throws -> StatementResult {
        warnings.append(Self.note)
        try metastore.write {
            for (role, principal) in Self.pairs(roles, principals) {
                if principal.kind == .role { try metastore.checkRole(principal.name.name) }
                try metastore.addRoleMember(
                    RoleMember(
                        role: role.name, kind: principal.kind.rawValue, name: Self.name(principal), hasAdminOption: adminOption,
                        grantor: SystemProperties.userName, createTime: currentSeconds()))
            }
        }
        return none
    }

    func revokeRoles(_ roles: [Identifier], from principals: [Principal], adminOption: Bool) throws -> StatementResult {
        try metastore.write {
            for (role, principal) in Self.pairs(roles, principals) {
                try metastore.removeRoleMember(
                    role: role.name, kind: principal.kind.rawValue, name: Self.name(principal), onlyAdminOption: adminOption)
            }
        }
        return none
    }

    func setRole(_ role: SetRole) throws -> StatementResult {
        let mine = try rolesOfUser()
        switch role {
        case .all: session.currentRoles.update { $0 = nil }
        case .none: session.currentRoles.update { $0 = [] }
        case .named(let name):
            guard mine.contains(name.name) else {
                throw HiveError.task("\(SystemProperties.userName) doesn't belong to role \(name.name)")
            }
            session.currentRoles.update { $0 = [name.name] }
        }
        return none
    }

    func showRoles() throws -> StatementResult {
        try rows(["role"], (Self.standardRoles + metastore.roleNames()).sorted().map { [$0] })
    }

    func showCurrentRoles() throws -> StatementResult {
        try rows(["role"], (try session.currentRoles.value ?? rolesOfUser()).map { [$0] })
    }

    private func rolesOfUser() throws -> [String] {
        let user = SystemProperties.userName
        return try metastore.roleMembers().filter { $0.kind == "USER" && $0.name == user }.map(\.role) + ["public"]
    }

    func showRoleGrants(of principal: Principal) throws -> StatementResult {
        let name = Self.name(principal)
        var list = try metastore.roleMembers().filter { $0.kind == principal.kind.rawValue && $0.name == name }.map {
            [$0.role, "\($0.hasAdminOption)", Self.milliseconds($0.createTime), $0.grantor]
        }
        if principal.kind == .user { list.append(["public", "false", "0", ""]) }
        return try rows(["role", "grant_option", "grant_time", "grantor"], list)
    }

    func showPrincipals(of role: Identifier) throws -> StatementResult {
        if !Self.standardRoles.contains(role.name) { try metastore.checkRole(role.name) }
        return try rows(
            ["principal_name", "principal_type", "grant_option", "grantor", "grantor_type", "grant_time"],
            try metastore.roleMembers().filter { $0.role == role.name }.map {
                [$0.name, $0.kind, "\($0.hasAdminOption)", $0.grantor, "USER", Self.milliseconds($0.createTime)]
            })
    }

    // MARK: Privileges

    func grant(_ statement: GrantStatement) throws -> StatementResult {
        let records = try privilegeRecords(statement)
        warnings.append(Self.note)
        try metastore.write { for record in records { try metastore.grant(record) } }
        return none
    }

    func revoke(_ statement: GrantStatement) throws -> StatementResult {
        let records = try privilegeRecords(statement)
        try metastore.write {
            for record in records { try metastore.revoke(record, onlyGrantOption: statement.grantOption) }
        }
        return none
    }

    /// - Parameter principal: nil: everybody.
    func showGrants(of principal: Principal?, on object: PrivilegeObject?) throws -> StatementResult {
        var list = try metastore.privileges()
        if let principal {
            let name = Self.name(principal)
            list.removeAll { $0.granteeKind != principal.kind.rawValue || $0.grantee != name }
        }
        if let object, object != .all {
            let place = try place(of: object)
            list.removeAll { $0.database != place.database || $0.table != place.table }
            if !place.columns.isEmpty { list.removeAll { !place.columns.contains($0.column) } }
        }
        return try rows(
            [
                "database", "table", "partition", "column", "principal_name", "principal_type", "privilege", "grant_option",
                "grant_time", "grantor",
            ],
            list.map {
                [
                    $0.database ?? "", $0.table ?? "", "", $0.column, $0.grantee, $0.granteeKind, $0.privilege,
                    "\($0.hasGrantOption)", Self.milliseconds($0.createTime), $0.grantor,
                ]
            })
    }

    private func privilegeRecords(_ statement: GrantStatement) throws -> [PrivilegeRecord] {
        let place = try place(of: statement.object ?? .all)
        var records: [PrivilegeRecord] = []
        for principal in statement.principals {
            for privilege in statement.privileges {
                // ALL is what SQL has: the four things that can be done to rows.
                let names = privilege.name == "ALL" ? ["SELECT", "INSERT", "UPDATE", "DELETE"] : [privilege.name]
                let columns = privilege.columns.isEmpty ? place.columns : privilege.columns.map(\.name)
                for name in names {
                    for column in columns.isEmpty ? [""] : columns {
                        records.append(
                            PrivilegeRecord(
                                database: place.database, table: place.table, column: column,
                                granteeKind: principal.kind.rawValue, grantee: Self.name(principal), privilege: name,
                                hasGrantOption: statement.grantOption, grantor: SystemProperties.userName,
                                createTime: currentSeconds()))
                    }
                }
            }
        }
        return records
    }

    /// - Throws: for what there is none of, and for what has no privileges here.
    private func place(of object: PrivilegeObject) throws -> (database: String?, table: String?, columns: [String]) {
        switch object {
        case .all: return (nil, nil, [])
        case .database(let name):
            guard try metastore.databaseRecord(name.name) != nil else {
                throw HiveError.semantic("Database does not exist: \(name.name)", code: 10072)
            }
            return (name.name, nil, [])
        case .table(let name, let columns, let partition, _):
            guard partition.isEmpty else { throw HiveError.unsupported("A privilege of a partition") }
            let table = try table(name)
            guard !table.isTemporary else { throw HiveError.unsupported("A privilege of a temporary table") }
            for column in columns where !table.allColumns.contains(where: { $0.name == column.name }) {
                throw HiveError.semantic("Invalid column reference \(column.name)", code: 10002)
            }
            return (table.database, table.name, columns.map(\.name))
        case .uri: throw HiveError.unsupported("A privilege of a URI")
        case .server: throw HiveError.unsupported("A privilege of a server")
        }
    }

    private static func pairs(_ roles: [Identifier], _ principals: [Principal]) -> [(Identifier, Principal)] {
        roles.flatMap { role in principals.map { (role, $0) } }
    }

    /// Names of users keep their case.
    private static func name(_ principal: Principal) -> String {
        principal.kind == .role ? principal.name.name : principal.name.text
    }

    private static func milliseconds(_ seconds: Int64) -> String { "\(seconds.multipliedReportingOverflow(by: 1000).partialValue)" }
}
