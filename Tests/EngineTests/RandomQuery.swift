/// A small seeded generator (SplitMix64), so that a failing query can be made again from its seed.
struct RandomSource: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

    mutating func pick<Element>(_ elements: [Element], or fallback: Element) -> Element {
        elements.randomElement(using: &self) ?? fallback
    }
}

/// Makes random queries whose answer does not depend on the order in which rows come.
struct RandomQuery {
    enum Kind: CaseIterable { case integer, text, double, decimal, date }

    struct Column {
        var name: String
        var kind: Kind
    }

    struct Table {
        var name: String
        var columns: [Column]
    }

    private struct Source {
        var alias: String
        var columns: [Column]
    }

    let tables: [Table]
    private var random: RandomSource
    private var aliases = 0

    init(tables: [Table], seed: UInt64) {
        self.tables = tables
        random = RandomSource(seed: seed)
    }

    mutating func make() -> String {
        switch random.below(10) {
        case 0, 1: return setOperation()
        case 2: return "with c as (\(select(depth: 2, outer: []).sql)) select count(*) from c x cross join c y"
        default: break
        }
        let (sql, width) = select(depth: 3, outer: [])
        guard random.chance(30) else { return sql }
        let keys = (1...width).map { random.chance(30) ? "\($0) desc" : "\($0)" }
        return "\(sql) order by \(keys.joined(separator: ", "))" + (random.chance(60) ? " limit \(random.below(12))" : "")
    }

    // MARK: queries

    private mutating func setOperation() -> String {
        let kinds = (0...random.below(2)).map { _ in anyKind() }
        let operations = ["union all", "union", "intersect", "except", "union all", "intersect all", "except all"]
        let count = 2 + random.below(2)
        var sql = plainSelect(of: kinds)
        for _ in 1..<count { sql += " \(random.pick(operations, or: "union")) " + plainSelect(of: kinds) }
        if random.chance(50) {
            let condition = predicate([Source(alias: "q", columns: named(kinds))], depth: 1, outer: [])
            return "select * from (\(sql)) q where \(condition)"
        }
        if random.chance(30) { return "select count(*) from (\(sql)) q" }
        if random.chance(30) {
            return "select x0, count(*) from (\(sql)) q group by x0"
        }
        return sql
    }

    private func named(_ kinds: [Kind]) -> [Column] {
        kinds.enumerated().map { Column(name: "x\($0.offset)", kind: $0.element) }
    }

    private mutating func plainSelect(of kinds: [Kind]) -> String {
        let (from, sources) = from(depth: 1)
        let items = kinds.enumerated().map { "\(value($0.element, sources, depth: 1)) as x\($0.offset)" }
        return "select \(items.joined(separator: ", ")) from \(from)"
            + (random.chance(60) ? " where \(predicate(sources, depth: 1, outer: []))" : "")
    }

    private mutating func anyKind() -> Kind { random.pick(Kind.allCases, or: .integer) }

    private mutating func select(depth: Int, outer: [Source]) -> (sql: String, width: Int) {
        let (from, sources) = from(depth: depth)
        var sql = " from \(from)"
        if random.chance(65) { sql += " where \(predicate(sources, depth: 2, outer: outer))" }
        let scope = sources
        switch random.below(10) {
        case 0...3: return plain(scope, sql)
        case 4...7: return grouped(scope, sql)
        case 8:
            let items = aggregates(scope)
            return ("select \(items.joined(separator: ", "))\(sql)", items.count)
        default: return windowed(scope, sql)
        }
    }

    private mutating func plain(_ scope: [Source], _ rest: String) -> (String, Int) {
        let count = 1 + random.below(4)
        var items = (0..<count).map { "\(value(anyKind(), scope, depth: 2)) as y\($0)" }
        if random.chance(15) {
            items[0] = "case when \(predicate(scope, depth: 2, outer: [])) then 1 else 0 end as y0"
        }
        if random.chance(10) { items[0] = "\(predicate(scope, depth: 1, outer: [])) as y0" }
        return ("select \(random.chance(20) ? "distinct " : "")\(items.joined(separator: ", "))\(rest)", count)
    }

    private mutating func aggregates(_ scope: [Source]) -> [String] {
        (0...random.below(3)).map { _ in aggregate(scope) }
    }

    private mutating func aggregate(_ scope: [Source]) -> String {
        switch random.below(9) {
        case 0: "count(*)"
        case 1: "count(\(value(anyKind(), scope, depth: 1)))"
        case 2: "count(distinct \(value(anyKind(), scope, depth: 1)))"
        case 3: "sum(\(value(.integer, scope, depth: 1)))"
        case 4: "sum(\(value(.double, scope, depth: 0)))"
        case 5: "sum(\(value(.decimal, scope, depth: 1)))"
        case 6: "min(\(value(anyKind(), scope, depth: 1)))"
        case 7: "max(\(value(anyKind(), scope, depth: 1)))"
        default: "sum(distinct \(value(.integer, scope, depth: 1)))"
        }
    }

    private mutating func grouped(_ scope: [Source], _ rest: String) -> (String, Int) {
        let count = 1 + random.below(3)
        let keys = (0..<count).map { _ in
            random.chance(70) ? column(anyKind(), scope) : value(anyKind(), scope, depth: 1)
        }
        let calls = aggregates(scope)
        var style = ""
        if Set(keys).count == keys.count {
            switch random.below(6) {
            case 0: style = " with rollup"
            case 1: style = " with cube"
            case 2: style = " grouping sets ((\(keys.joined(separator: ", "))), (\(keys[0])))"
            default: break
            }
        }
        var sql = "select \((keys + calls).joined(separator: ", "))\(rest) group by \(keys.joined(separator: ", "))\(style)"
        if random.chance(30) {
            sql += random.chance(50) ? " having count(*) > \(random.below(3))" : " having \(aggregate(scope)) is not null"
        }
        return (sql, keys.count + calls.count)
    }

    /// Functions that give rows with equal keys equal answers.
    private mutating func windowed(_ scope: [Source], _ rest: String) -> (String, Int) {
        let functions = [
            "rank()", "dense_rank()", "count(*)", "sum(\(value(.integer, scope, depth: 1)))",
            "max(\(value(.text, scope, depth: 1)))", "min(\(value(.date, scope, depth: 0)))", "percent_rank()",
        ]
        let calls = (0...random.below(2)).map { _ in
            let partition = random.chance(60) ? "partition by \(column(anyKind(), scope)) " : ""
            let descending = random.chance(30) ? " desc" : ""
            return "\(random.pick(functions, or: "rank()")) over (\(partition)order by \(column(anyKind(), scope))\(descending))"
        }
        let keys = (0..<2).map { _ in column(anyKind(), scope) }
        return ("select \((keys + calls).joined(separator: ", "))\(rest)", keys.count + calls.count)
    }

    // MARK: FROM

    private mutating func newAlias() -> String {
        aliases += 1
        return "t\(aliases)"
    }

    private mutating func tableSource(depth: Int) -> (sql: String, source: Source) {
        let alias = newAlias()
        if depth > 1, random.chance(25) {
            let kinds = [Kind.integer, anyKind(), anyKind()]
            var sql = plainSelect(of: kinds)
            if random.chance(25) { sql += " union all " + plainSelect(of: kinds) }
            if random.chance(15) {
                sql = "select max(x0) as x0, x1, min(x2) as x2 from (\(sql)) \(newAlias()) group by x1"
            } else if random.chance(20) {
                sql = "select * from (\(sql)) \(newAlias()) order by x0, x1, x2 limit \(1 + random.below(20))"
            }
            return ("(\(sql)) \(alias)", Source(alias: alias, columns: named(kinds)))
        }
        let table = random.pick(tables, or: tables[0])
        return ("\(table.name) \(alias)", Source(alias: alias, columns: table.columns))
    }

    private mutating func from(depth: Int) -> (sql: String, sources: [Source]) {
        let first = tableSource(depth: depth)
        var sql = first.sql
        var sources = [first.source]
        let joins = [0, 0, 1, 1, 2][random.below(5)]
        for _ in 0..<(depth > 1 ? joins : min(joins, 1)) {
            if depth > 1, random.chance(20), let next = asofJoin(sources) {
                sql += next.sql
                sources.append(next.source)
                continue
            }
            let next = tableSource(depth: depth - 1)
            let kinds = ["join", "left join", "right join", "full join", "left semi join", "join", "left join"]
            let kind = random.pick(kinds, or: "join")
            let key = anyKind()
            var condition = "\(column(key, sources)) \(random.chance(10) ? "<=>" : "=") \(column(key, [next.source]))"
            if random.chance(35) {
                condition += " and " + predicate(sources + [next.source], depth: 1, outer: [], allowsSubqueries: false)
            }
            if random.chance(8) {
                condition = predicate(sources + [next.source], depth: 0, outer: [], allowsSubqueries: false)
            }
            sql += " \(kind) \(next.sql) on \(condition)"
            if kind != "left semi join" { sources.append(next.source) }
        }
        if random.chance(10) {
            let alias = newAlias()
            let array = "array(\(value(.integer, sources, depth: 0)), \(random.below(5)))"
            sql += " lateral view \(random.chance(50) ? "outer " : "")explode(\(array)) \(alias) as e"
            sources.append(Source(alias: alias, columns: [Column(name: "e", kind: .integer)]))
        }
        return (sql, sources)
    }

    /// A join with the nearest row of a subquery that has each key and value once: of equally near rows the first would be taken, and
    /// which that is depends on the order in which they come. nil where no column on the left can be compared.
    private mutating func asofJoin(_ sources: [Source]) -> (sql: String, source: Source)? {
        // 0.0 and -0.0 are two groups and equally near.
        let known = sources.flatMap(\.columns).map(\.kind)
        guard let near = [Kind.integer, .decimal, .date, .text].filter({ known.contains($0) }).randomElement(using: &random) else { return nil }
        let kinds = [random.pick(known, or: near), near, anyKind()]
        let alias = newAlias(), isKeyed = random.chance(80)
        let keys = isKeyed ? "x0, x1" : "x1"
        let right = "(select \(isKeyed ? "x0" : "max(x0) as x0"), x1, max(x2) as x2 from (\(plainSelect(of: kinds))) \(newAlias()) group by \(keys)) \(alias)"
        let source = Source(alias: alias, columns: named(kinds))
        let inequality = "\(column(near, sources)) \(random.pick([">=", ">", "<=", "<"], or: ">=")) \(alias).x1"
        var conditions = isKeyed ? ["\(column(kinds[0], sources)) \(random.chance(15) ? "<=>" : "=") \(alias).x0"] : []
        let kind = random.pick(["asof join", "asof left join", "asof inner join", "asof left outer join"], or: "asof join")
        // Of several inequalities MATCH_CONDITION says which one it is.
        let hasMore = random.chance(35), isMatched = hasMore || (isKeyed && random.chance(25))
        if !isMatched { conditions.append(inequality) }
        if hasMore { conditions.append(predicate(sources + [source], depth: 1, outer: [], allowsSubqueries: false)) }
        let condition = conditions.joined(separator: " and ")
        return (" \(kind) \(right)\(isMatched ? " match_condition (\(inequality))" : "") on \(condition)", source)
    }

    // MARK: expressions

    private mutating func column(_ kind: Kind, _ scope: [Source]) -> String {
        let candidates = scope.flatMap { source in
            source.columns.filter { $0.kind == kind }.map { "\(source.alias).\($0.name)" }
        }
        return candidates.isEmpty ? literal(kind) : random.pick(candidates, or: "")
    }

    private mutating func literal(_ kind: Kind) -> String {
        switch kind {
        case .integer: "\(random.below(12))"
        case .text: random.pick(["'a'", "'b'", "'ab'", "'x y'", "''", "'Zed'"], or: "'a'")
        case .double: "cast(\(random.below(20)).5 as double)"
        case .decimal: "cast('\(random.below(20)).\(random.below(10))0' as decimal(10,2))"
        case .date: "date '2020-01-0\(1 + random.below(9))'"
        }
    }

    private mutating func value(_ kind: Kind, _ scope: [Source], depth: Int) -> String {
        if depth == 0 || random.chance(45) { return random.chance(85) ? column(kind, scope) : literal(kind) }
        func next(_ kind: Kind) -> String { value(kind, scope, depth: depth - 1) }
        switch random.below(8) {
        case 0: return "if(\(predicate(scope, depth: 0, outer: [])), \(next(kind)), \(next(kind)))"
        case 1: return "coalesce(\(next(kind)), \(next(kind)))"
        case 2:
            return "case when \(predicate(scope, depth: 0, outer: [])) then \(next(kind)) "
                + (random.chance(50) ? "" : "else \(next(kind)) ") + "end"
        case 3: return "nullif(\(next(kind)), \(next(kind)))"
        default: break
        }
        switch kind {
        case .integer:
            return random.pick(
                [
                    "(\(next(.integer)) + \(next(.integer)))", "(\(next(.integer)) * 2 - 1)", "(\(next(.integer)) % 3)",
                    "length(\(next(.text)))", "cast(floor(\(next(.double))) as int)", "day(\(next(.date)))",
                    "abs(\(next(.integer)))", "cast(\(next(.decimal)) as int)", "datediff(\(next(.date)), \(next(.date)))",
                ], or: "1")
        case .text:
            return random.pick(
                [
                    "concat(\(next(.text)), \(next(.text)))", "upper(\(next(.text)))", "substr(\(next(.text)), 1, 2)",
                    "cast(\(next(.integer)) as string)", "cast(\(next(.decimal)) as string)", "reverse(\(next(.text)))",
                    "cast(\(next(.date)) as string)", "regexp_replace(\(next(.text)), 'a', 'o')",
                ], or: "''")
        case .double:
            return random.pick(
                ["(\(next(.double)) + cast(\(next(.integer)) as double))", "(\(next(.double)) * 2)", "abs(\(next(.double)))"],
                or: "0")
        case .decimal:
            return random.pick(["(\(next(.decimal)) + \(next(.decimal)))", "(\(next(.decimal)) - 1.5)"], or: "1.5")
        case .date:
            return random.pick(
                ["date_add(\(next(.date)), \(random.below(5)))", "greatest(\(next(.date)), \(next(.date)))"],
                or: literal(.date))
        }
    }

    private mutating func predicate(
        _ scope: [Source], depth: Int, outer: [Source], allowsSubqueries: Bool = true
    ) -> String {
        if depth > 0, random.chance(50) {
            func next() -> String {
                predicate(scope, depth: depth - 1, outer: outer, allowsSubqueries: allowsSubqueries)
            }
            switch random.below(7) {
            case 0: return "not (\(next()))"
            case 1, 2: return "(\(next()) or \(next()))"
            default: return "\(next()) and \(next())"
            }
        }
        if depth > 0, allowsSubqueries, random.chance(35) { return subquery(scope) }
        let kind = anyKind()
        switch random.below(9) {
        case 0: return "\(column(kind, scope)) is \(random.chance(50) ? "not " : "")null"
        case 1:
            let items = (0...random.below(3)).map { _ in random.chance(8) ? "null" : literal(kind) }
            return "\(column(kind, scope)) \(random.chance(30) ? "not " : "")in (\(items.joined(separator: ", ")))"
        case 2:
            return "\(column(kind, scope)) \(random.chance(20) ? "not " : "")between \(literal(kind)) and \(value(kind, scope, depth: 1))"
        case 3: return "\(column(.text, scope)) like '\(random.pick(["a%", "%b", "_", "%", "%a%"], or: "%"))'"
        default:
            let comparison = random.pick(["=", "<", "<=", ">", ">=", "<>", "<=>"], or: "=")
            return "\(column(kind, scope)) \(comparison) \(random.chance(50) ? literal(kind) : value(kind, scope, depth: 1))"
        }
    }

    private mutating func subquery(_ scope: [Source]) -> String {
        let (sql, source) = tableSource(depth: 1)
        let kind = anyKind()
        let own = column(kind, [source])
        var condition = random.chance(50) ? predicate([source], depth: 0, outer: [], allowsSubqueries: false) : "1 = 1"
        var isEqual = true
        if random.chance(60) {
            let key = anyKind()
            isEqual = random.chance(65)
            condition += " and \(column(key, [source])) \(isEqual ? "=" : random.pick(["<", "<>", ">="], or: "<")) \(column(key, scope))"
        }
        switch random.below(isEqual ? 6 : 4) {
        case 0, 1: return "\(random.chance(40) ? "not " : "")exists (select 1 from \(sql) where \(condition))"
        case 2:
            return "\(value(kind, scope, depth: 1)) \(random.chance(40) ? "not " : "")in (select \(own) from \(sql) where \(condition))"
        case 3:
            let comparison = random.pick(["=", "<", "<=", ">", ">=", "<>"], or: "<")
            let quantifier = random.chance(50) ? "any" : "all"
            return "\(column(kind, scope)) \(comparison) \(quantifier) (select \(own) from \(sql) where \(condition))"
        case 4: return "\(column(.integer, scope)) >= (select count(\(own)) from \(sql) where \(condition))"
        default:
            return "\(value(kind, scope, depth: 1)) <= (select \(random.chance(50) ? "max" : "min")(\(own)) from \(sql) where \(condition))"
        }
    }
}
