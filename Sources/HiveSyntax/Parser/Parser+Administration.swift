extension Parser {
    // MARK: EXPLAIN

    mutating func explain() throws(SyntaxError) -> Statement.Kind {
        context = "explain statement"
        try expect(.explain)
        let mode = explainMode()
        context = "explain statement"
        guard !at(.endOfInput), !at(.semicolon) else { throw unrecognized() }
        return .explain(mode, try statement())
    }

    private mutating func explainMode() -> ExplainMode {
        let keyword = current.keyword
        let mode: ExplainMode
        switch keyword {
        case .extended: mode = .extended
        case .ast: mode = .ast
        case .dependency: mode = .dependency
        case .authorization: mode = .authorization
        case .formatted: mode = .formatted
        case .logical: mode = .logical
        case .locks: mode = .locks
        case .reoptimization: mode = .reoptimization
        case .ddl: mode = .ddl
        // ANALYZE is also a statement that can be explained.
        case .analyze where !isAnalyzeStatement: mode = .analyze
        case .cbo:
            advance()
            return .cbo(cboDetail())
        case .vectorization:
            advance()
            var words: [String] = []
            while atAny(.only, .summary, .operator, .expression, .detail) {
                words.append(text(current).uppercased())
                advance()
            }
            return .vectorization(words)
        default: return .plain
        }
        advance()
        return mode
    }

    /// `ANALYZE TABLE t COMPUTE …`, and not the plan of the query `TABLE t`.
    private var isAnalyzeStatement: Bool {
        guard peek().keyword == .table else { return false }
        let after = peek(3).kind == .dot ? peek(5) : peek(3)
        return after.keyword == .compute || after.keyword == .partition
    }

    private mutating func cboDetail() -> ExplainMode.CboDetail? {
        if accept(.cost) { return .cost }
        if accept(.joincost) { return .joinCost }
        guard accept(.formatted) else { return nil }
        if accept(.cost) { return .formattedCost }
        if accept(.joincost) { return .formattedJoinCost }
        return .formatted
    }

    // MARK: ANALYZE, SUMMARIZE and MSCK

    mutating func analyze() throws(SyntaxError) -> Statement.Kind {
        context = "analyze statement"
        try expect(.analyze)
        try expect(.table)
        var analyze = AnalyzeStatement(table: try tableName())
        analyze.partition = try partitionIfPresent()
        try expect(.compute)
        try expect(.statistics)
        if accept(.for) {
            if accept(.all) {
                try expect(.columns)
                analyze.columns = .all
            } else {
                try expect(.columns)
                analyze.columns = atIdentifier && !atAny(.noscan, .partialscan, .cache) ? .named(try identifiers(.column)) : .all
            }
        }
        while true {
            if accept(.noscan) {
                analyze.noScan = true
            } else if accept(.partialscan) {
                analyze.partialScan = true
            } else if accept(.cache) {
                try expect(.metadata)
                analyze.cacheMetadata = true
            } else {
                return .analyze(analyze)
            }
        }
    }

    /// What may stand behind SUMMARIZE: a table or a query.
    mutating func summarized() throws(SyntaxError) -> SummarizeStatement {
        context = "summarize statement"
        if atAny(.select, .with, .from, .map, .reduce, .values) || at(.leftParenthesis) { return .query(try query()) }
        accept(.table)
        let table = try tableName()
        return .table(table, partition: at(.partition) ? try partitionSelection() : [])
    }

    mutating func msck() throws(SyntaxError) -> Statement.Kind {
        context = "msck repair table statement"
        try expect(.msck)
        let isRepair = accept(.repair)
        accept(.table)
        var msck = MsckStatement(table: try tableName(), isRepair: isRepair)
        if let mode = msckMode {
            advance()
            try expect(.partitions)
            msck.mode = mode
        }
        if accept(.leftParenthesis) {
            msck.partition = try partitionSelection()
            try expect(.rightParenthesis)
        } else if at(.partition) {
            msck.partition = try partitionSelection()
        }
        return .msck(msck)
    }

    private var msckMode: MsckStatement.Mode? {
        switch current.keyword {
        case .add: .add
        case .drop: .drop
        case .sync: .sync
        default: nil
        }
    }

    // MARK: Privileges and roles

    mutating func principal() throws(SyntaxError) -> Principal {
        let outer = context
        context = "user name, role name, or group name"
        let kind: Principal.Kind
        switch current.keyword {
        case .user: kind = .user
        case .group: kind = .group
        case .role: kind = .role
        default: throw unrecognized()
        }
        advance()
        context = "identifier for principal spec"
        let name = try identifier()
        context = outer
        return Principal(kind: kind, name: name)
    }

    private mutating func principals() throws(SyntaxError) -> [Principal] {
        try list { (parser) throws(SyntaxError) in try parser.principal() }
    }

    mutating func grant() throws(SyntaxError) -> Statement.Kind {
        context = "grant privileges"
        try expect(.grant)
        if let roles = try rolesIfNoPrivileges(before: .to) {
            let principals = try principals()
            return .grantRoles(roles: roles, to: principals, adminOption: try adminOption())
        }
        let privileges = try privileges()
        let object = accept(.on) ? try privilegeObject() : nil
        try expect(.to)
        let principals = try principals()
        var grantOption = false
        if accept(.with) {
            try expect(.grant)
            try expect(.option)
            grantOption = true
        }
        return .grantPrivileges(
            GrantStatement(privileges: privileges, object: object, principals: principals, grantOption: grantOption))
    }

    mutating func revoke() throws(SyntaxError) -> Statement.Kind {
        context = "revoke privileges"
        try expect(.revoke)
        if accept(.admin, .option) {
            try expect(.for)
            guard let roles = try rolesIfNoPrivileges(before: .from) else { throw unrecognized() }
            return .revokeRoles(roles: roles, from: try principals(), adminOption: true)
        }
        if let roles = try rolesIfNoPrivileges(before: .from) {
            return .revokeRoles(roles: roles, from: try principals(), adminOption: false)
        }
        var grantOption = false
        if at(.grant, .option) {
            index += 2
            try expect(.for)
            grantOption = true
        }
        let privileges = try privileges()
        let object = accept(.on) ? try privilegeObject() : nil
        try expect(.from)
        return .revokePrivileges(
            GrantStatement(
                privileges: privileges, object: object, principals: try principals(), grantOption: grantOption))
    }

    /// `[ROLE] a, b TO …`: role names, and the preposition taken; nil, and nothing taken, when privileges stand here.
    private mutating func rolesIfNoPrivileges(before preposition: Keyword) throws(SyntaxError) -> [Identifier]? {
        let mark = index
        if accept(.role) {
            let roles = try identifiers()
            try expect(preposition)
            return roles
        }
        guard atIdentifier, privilegeName() == nil else {
            index = mark
            return nil
        }
        index = mark
        let roles = try identifiers()
        try expect(preposition)
        return roles
    }

    private mutating func adminOption() throws(SyntaxError) -> Bool {
        guard accept(.with) else { return false }
        try expect(.admin)
        try expect(.option)
        return true
    }

    private mutating func privileges() throws(SyntaxError) -> [Privilege] {
        try list { (parser) throws(SyntaxError) in
            guard let name = parser.privilegeName() else { throw parser.unrecognized() }
            let columns = parser.at(.leftParenthesis) ? try parser.parenthesizedIdentifiers(.column) : []
            return Privilege(name: name, columns: columns)
        }
    }

    /// Takes a privilege's words.
    private mutating func privilegeName() -> String? {
        switch current.keyword {
        case .all, .alter, .update, .create, .drop, .lock, .select, .insert, .delete, .index, .showDatabase:
            let name = text(current).uppercased()
            advance()
            return name
        default: return nil
        }
    }

    mutating func privilegeObject() throws(SyntaxError) -> PrivilegeObject {
        if accept(.all) { return .all }
        if at(.database) || at(.schema) {
            advance()
            return .database(try identifier(.database))
        }
        if at(.uri), peek().kind == .stringLiteral {
            advance()
            return .uri(try string())
        }
        if at(.server), isIdentifier(peek()) {
            advance()
            return .server(try identifier())
        }
        let hasKeyword = accept(.table)
        let table = try tableName()
        let columns = at(.leftParenthesis) ? try parenthesizedIdentifiers(.column) : []
        return .table(table, columns: columns, partition: try partitionIfPresent(), hasKeyword: hasKeyword)
    }

    // MARK: Locks

    mutating func lock() throws(SyntaxError) -> Statement.Kind {
        context = "lock statement"
        try expect(.lock)
        if at(.database) || at(.schema) {
            advance()
            let name = try identifier()
            return .lockDatabase(name, mode: try lockMode())
        }
        try expect(.table)
        let table = try tableName()
        let partition = try partitionIfPresent()
        return .lockTable(table, partition: partition, mode: try lockMode())
    }

    private mutating func lockMode() throws(SyntaxError) -> LockMode {
        if accept(.shared) { return .shared }
        try expect(.exclusive)
        return .exclusive
    }

    mutating func unlock() throws(SyntaxError) -> Statement.Kind {
        context = "unlock statement"
        try expect(.unlock)
        if at(.database) || at(.schema) {
            advance()
            return .unlockDatabase(try identifier(.database))
        }
        try expect(.table)
        let table = try tableName()
        return .unlockTable(table, partition: try partitionIfPresent())
    }
}
