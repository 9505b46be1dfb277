extension SQLPrinter {
    mutating func write(_ statement: Statement) {
        switch statement.kind {
        case .query(let query): write(query)
        case .insert(let insert):
            with(insert.with)
            write(insert.target)
            output += " "
            write(insert.source)
        case .multiInsert(let insert):
            with(insert.with)
            output += "FROM "
            write(insert.from)
            for branch in insert.branches {
                output += " "
                write(branch.target)
                output += " "
                write(branch.source)
            }
        case .update(let update):
            output += "UPDATE "
            write(update.table)
            output += " SET "
            assignments(update.assignments)
            filter(update.filter)
        case .delete(let delete):
            output += "DELETE FROM "
            write(delete.table)
            filter(delete.filter)
        case .merge(let merge): write(merge)
        case .load(let load): write(load)
        case .export(let export): write(export)
        case .importTable(let statement): write(statement)
        case .show(let show): write(show)
        case .describe(let describe): write(describe)
        case .explain(let mode, let explained):
            output += "EXPLAIN "
            write(mode)
            write(explained)
        case .analyze(let analyze): write(analyze)
        case .summarize(let summarize): write(summarize)
        case .msck(let msck): write(msck)
        case .model(let model): write(model)
        case .unsupported(_, let text): output += text
        default:
            if !definition(statement.kind) { session(statement.kind) }
        }
    }

    private mutating func filter(_ filter: Expression?) {
        guard let filter else { return }
        output += " WHERE "
        write(filter)
    }

    private mutating func assignments(_ assignments: [Assignment]) {
        list(assignments) { printer, assignment in
            printer.write(assignment.column)
            printer.output += " = "
            printer.write(assignment.value)
        }
    }

    private mutating func write(_ target: InsertTarget) {
        switch target {
        case .table(let table):
            output += table.isOverwrite ? "INSERT OVERWRITE TABLE " : "INSERT INTO TABLE "
            write(table.name)
            partition(table.partition)
            if table.ifNotExists { output += " IF NOT EXISTS" }
            if let columns = table.columns {
                output += " "
                identifiers(columns)
            }
        case .directory(let directory):
            output += directory.isLocal ? "INSERT OVERWRITE LOCAL DIRECTORY " : "INSERT OVERWRITE DIRECTORY "
            string(directory.path)
            if let format = directory.rowFormat { write(format) }
            if let format = directory.storedAs { write(format) }
        }
    }

    private mutating func write(_ merge: MergeStatement) {
        output += "MERGE INTO "
        write(merge.target)
        if let alias = merge.alias {
            output += " AS "
            write(alias)
        }
        output += " USING "
        write(merge.source)
        output += " ON "
        write(merge.condition)
        for clause in merge.clauses {
            output += " WHEN "
            switch clause {
            case .update(let condition, let changes):
                matched("MATCHED", condition)
                output += "UPDATE SET "
                assignments(changes)
            case .delete(let condition):
                matched("MATCHED", condition)
                output += "DELETE"
            case .insert(let condition, let columns, let values):
                matched("NOT MATCHED", condition)
                output += "INSERT "
                if let columns {
                    identifiers(columns)
                    output += " "
                }
                output += "VALUES "
                parentheses(values) { printer, value in printer.write(value) }
            }
        }
    }

    private mutating func matched(_ words: String, _ condition: Expression?) {
        output += words
        if let condition {
            output += " AND "
            write(condition)
        }
        output += " THEN "
    }

    private mutating func write(_ load: LoadStatement) {
        output += load.isLocal ? "LOAD DATA LOCAL INPATH " : "LOAD DATA INPATH "
        string(load.path)
        output += load.isOverwrite ? " OVERWRITE INTO TABLE " : " INTO TABLE "
        write(load.table)
        partition(load.partition)
        clause("INPUTFORMAT", load.inputFormat)
        clause("SERDE", load.serde)
    }

    private mutating func write(_ export: ExportStatement) {
        output += "EXPORT TABLE "
        write(export.table)
        partition(export.partition)
        clause("TO", export.path)
        if let replication = export.replication {
            output += replication.isMetadataOnly ? " FOR METADATA REPLICATION (" : " FOR REPLICATION ("
            string(replication.identifier)
            output += ")"
        }
    }

    private mutating func write(_ statement: ImportStatement) {
        output += "IMPORT"
        if let table = statement.table {
            output += statement.isExternal ? " EXTERNAL TABLE " : " TABLE "
            write(table)
            partition(statement.partition)
        }
        clause("FROM", statement.path)
        clause("LOCATION", statement.location)
    }

    // MARK: Settings, resources, transactions

    private mutating func session(_ kind: Statement.Kind) {
        switch kind {
        case .setShowChanged: output += "SET"
        case .setShowAll: output += "SET -v"
        case .setShow(let name): output += "SET \(name)"
        case .set(let name, let value): output += "SET \(name)=\(value)"
        case .reset(let names, let toDefault): words("RESET", (toDefault ? ["-d"] : []) + names)
        case .addResources(let kind, let paths): words("ADD \(kind.rawValue)", paths)
        case .listResources(let kind, let paths): words("LIST \(kind.rawValue)", paths)
        case .deleteResources(let kind, let paths): words("DELETE \(kind.rawValue)", paths)
        case .fileSystemCommand(let text): words("DFS", [text])
        case .startTransaction(let isSnapshot, let access):
            output += "START TRANSACTION"
            let modes = (isSnapshot ? ["ISOLATION LEVEL SNAPSHOT"] : []) + (access.map { [$0.rawValue] } ?? [])
            if !modes.isEmpty { output += " " + modes.joined(separator: ", ") }
        case .commit: output += "COMMIT"
        case .rollback: output += "ROLLBACK"
        case .setAutocommit(let isOn): output += "SET AUTOCOMMIT \(isOn ? "TRUE" : "FALSE")"
        case .abortTransactions(let identifiers): words("ABORT TRANSACTIONS", identifiers)
        case .prepare(let name, let query):
            output += "PREPARE "
            write(name)
            output += " FROM "
            write(query)
        case .execute(let name, let arguments):
            output += "EXECUTE "
            write(name)
            if !arguments.isEmpty {
                output += " USING "
                list(arguments) { printer, argument in printer.write(argument) }
            }
        case .killQuery(let identifiers):
            output += "KILL QUERY "
            list(identifiers, separator: " ") { printer, identifier in printer.string(identifier) }
        default: privileges(kind)
        }
    }

    private mutating func words(_ first: String, _ rest: [String]) {
        output += first
        for text in rest where !text.isEmpty { output += " " + text }
    }

    // MARK: Privileges, roles and locks

    private mutating func privileges(_ kind: Statement.Kind) {
        switch kind {
        case .grantPrivileges(let grant):
            output += "GRANT "
            privileges(grant)
            output += " TO "
            principals(grant.principals)
            if grant.grantOption { output += " WITH GRANT OPTION" }
        case .revokePrivileges(let grant):
            output += grant.grantOption ? "REVOKE GRANT OPTION FOR " : "REVOKE "
            privileges(grant)
            output += " FROM "
            principals(grant.principals)
        case .grantRoles(let roles, let to, let adminOption):
            output += "GRANT ROLE "
            list(roles) { printer, role in printer.write(role) }
            output += " TO "
            principals(to)
            if adminOption { output += " WITH ADMIN OPTION" }
        case .revokeRoles(let roles, let from, let adminOption):
            output += adminOption ? "REVOKE ADMIN OPTION FOR ROLE " : "REVOKE ROLE "
            list(roles) { printer, role in printer.write(role) }
            output += " FROM "
            principals(from)
        case .createRole(let name):
            output += "CREATE ROLE "
            write(name)
        case .dropRole(let name):
            output += "DROP ROLE "
            write(name)
        case .setRole(.all): output += "SET ROLE ALL"
        case .setRole(.none): output += "SET ROLE NONE"
        case .setRole(.named(let name)):
            output += "SET ROLE "
            write(name)
        case .lockTable(let table, let elements, let mode):
            output += "LOCK TABLE "
            write(table)
            partition(elements)
            output += " \(mode.rawValue)"
        case .unlockTable(let table, let elements):
            output += "UNLOCK TABLE "
            write(table)
            partition(elements)
        case .lockDatabase(let name, let mode):
            output += "LOCK DATABASE "
            write(name)
            output += " \(mode.rawValue)"
        case .unlockDatabase(let name):
            output += "UNLOCK DATABASE "
            write(name)
        default: break
        }
    }

    private mutating func privileges(_ grant: GrantStatement) {
        list(grant.privileges) { printer, privilege in
            printer.output += privilege.name
            if !privilege.columns.isEmpty {
                printer.output += " "
                printer.identifiers(privilege.columns)
            }
        }
        if let object = grant.object {
            output += " ON "
            write(object)
        }
    }

    private mutating func principals(_ principals: [Principal]) {
        list(principals) { printer, principal in printer.write(principal) }
    }

    mutating func write(_ principal: Principal) {
        output += principal.kind.rawValue + " "
        write(principal.name)
    }

    mutating func write(_ object: PrivilegeObject) {
        switch object {
        case .all: output += "ALL"
        case .database(let name):
            output += "DATABASE "
            write(name)
        case .table(let table, let columns, let elements, let hasKeyword):
            if hasKeyword { output += "TABLE " }
            write(table)
            if !columns.isEmpty {
                output += " "
                identifiers(columns)
            }
            partition(elements)
        case .uri(let text):
            output += "URI "
            string(text)
        case .server(let name):
            output += "SERVER "
            write(name)
        }
    }
}
