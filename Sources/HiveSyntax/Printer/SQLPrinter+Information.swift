extension SQLPrinter {
    // MARK: SHOW

    mutating func write(_ show: ShowStatement) {
        switch show {
        case .databases(let pattern):
            output += "SHOW DATABASES"
            write(pattern)
        case .tables(let database, let pattern, let extended, let tableType):
            output += extended ? "SHOW EXTENDED TABLES" : "SHOW TABLES"
            inDatabase(database)
            write(pattern)
            clause("WHERE `table_type` =", tableType)
        case .views(let database, let pattern):
            output += "SHOW VIEWS"
            inDatabase(database)
            write(pattern)
        case .materializedViews(let database, let pattern):
            output += "SHOW MATERIALIZED VIEWS"
            inDatabase(database)
            write(pattern)
        case .columns(let table, let pattern, let sorted):
            output += sorted ? "SHOW SORTED COLUMNS FROM " : "SHOW COLUMNS FROM "
            write(table)
            write(pattern)
        case .partitions(let table, let elements, let filter, let orderBy, let limit):
            output += "SHOW PARTITIONS "
            write(table)
            partition(elements)
            if let filter {
                output += " WHERE "
                write(filter)
            }
            if !orderBy.isEmpty {
                output += " ORDER BY "
                sortItems(orderBy)
            }
            self.limit(limit)
        case .createTable(let table):
            output += "SHOW CREATE TABLE "
            write(table)
        case .createDatabase(let name):
            output += "SHOW CREATE DATABASE "
            write(name)
        case .tableProperties(let table, let key):
            output += "SHOW TBLPROPERTIES "
            write(table)
            if let key {
                output += " ("
                string(key)
                output += ")"
            }
        case .tableExtended(let database, let pattern, let elements):
            output += "SHOW TABLE EXTENDED"
            inDatabase(database)
            clause("LIKE", pattern)
            partition(elements)
        case .functions(let pattern):
            output += "SHOW FUNCTIONS"
            write(pattern)
        case .indexes(let table, let formatted):
            output += formatted ? "SHOW FORMATTED INDEXES ON " : "SHOW INDEXES ON "
            write(table)
        case .locks(let locks): write(locks)
        case .transactions: output += "SHOW TRANSACTIONS"
        case .compactions(let text): output += text.isEmpty ? "SHOW COMPACTIONS" : "SHOW COMPACTIONS \(text)"
        case .configuration(let name): clause("SHOW CONF", name)
        case .grants(let principal, let object):
            output += "SHOW GRANT"
            if let principal {
                output += " "
                write(principal)
            }
            if let object {
                output += " ON "
                write(object)
            }
        case .roleGrants(let principal):
            output += "SHOW ROLE GRANT "
            write(principal)
        case .roles: output += "SHOW ROLES"
        case .currentRoles: output += "SHOW CURRENT ROLES"
        case .principals(let role):
            output += "SHOW PRINCIPALS "
            write(role)
        case .other(_, let text): output += text
        }
    }

    mutating func inDatabase(_ database: Identifier?) {
        guard let database else { return }
        output += " IN "
        write(database)
    }

    mutating func write(_ pattern: ShowPattern?) {
        guard let pattern else { return }
        output += pattern.hasLike ? " LIKE " : " "
        string(pattern.text)
    }

    private mutating func write(_ locks: ShowLocks) {
        output += "SHOW LOCKS"
        switch locks.target {
        case .everything: break
        case .table(let table, let elements):
            output += " "
            write(table)
            partition(elements)
        case .database(let name):
            output += " DATABASE "
            write(name)
        }
        if locks.extended { output += " EXTENDED" }
    }

    // MARK: DESCRIBE, EXPLAIN, ANALYZE, SUMMARIZE, MSCK

    mutating func write(_ describe: DescribeStatement) {
        output += "DESCRIBE "
        switch describe {
        case .table(let table, let style, let elements, let path):
            if style != .plain { output += style.rawValue + " " }
            // The word keeps a table of this name apart from the words before it.
            output += "TABLE "
            write(table)
            partition(elements)
            if !path.isEmpty {
                output += " "
                list(path, separator: ".") { printer, name in
                    if name.text.first == "$" { printer.output += name.text } else { printer.write(name) }
                }
            }
        case .database(let name, let extended):
            output += extended ? "DATABASE EXTENDED " : "DATABASE "
            write(name)
        case .function(let name, let extended):
            output += extended ? "FUNCTION EXTENDED " : "FUNCTION "
            string(name)
        case .query(let query): write(query)
        }
    }

    mutating func write(_ mode: ExplainMode) {
        switch mode {
        case .plain: break
        case .extended: output += "EXTENDED "
        case .ast: output += "AST "
        case .analyze: output += "ANALYZE "
        case .dependency: output += "DEPENDENCY "
        case .authorization: output += "AUTHORIZATION "
        case .formatted: output += "FORMATTED "
        case .logical: output += "LOGICAL "
        case .locks: output += "LOCKS "
        case .reoptimization: output += "REOPTIMIZATION "
        case .ddl: output += "DDL "
        case .cbo(let detail): output += "CBO " + (detail.map { $0.rawValue + " " } ?? "")
        case .vectorization(let words): output += (["VECTORIZATION"] + words).joined(separator: " ") + " "
        }
    }

    mutating func write(_ analyze: AnalyzeStatement) {
        output += "ANALYZE TABLE "
        write(analyze.table)
        partition(analyze.partition)
        output += " COMPUTE STATISTICS"
        switch analyze.columns {
        case .all: output += " FOR COLUMNS"
        case .named(let columns):
            output += " FOR COLUMNS "
            list(columns) { printer, column in printer.write(column) }
        case nil: break
        }
        if analyze.noScan { output += " NOSCAN" }
        if analyze.partialScan { output += " PARTIALSCAN" }
        if analyze.cacheMetadata { output += " CACHE METADATA" }
    }

    mutating func write(_ summarize: SummarizeStatement) {
        output += "SUMMARIZE "
        switch summarize {
        case .table(let table, let elements):
            // The word keeps a table of this name apart from the words of a query.
            output += "TABLE "
            write(table)
            partition(elements)
        case .query(let query): write(query)
        }
    }

    mutating func write(_ msck: MsckStatement) {
        output += msck.isRepair ? "MSCK REPAIR TABLE " : "MSCK TABLE "
        write(msck.table)
        if let mode = msck.mode { output += " \(mode.rawValue) PARTITIONS" }
        if !msck.partition.isEmpty {
            output += " ("
            partition(msck.partition)
            output += ")"
        }
    }
}
