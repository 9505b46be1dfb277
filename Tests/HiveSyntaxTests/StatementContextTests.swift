import HiveSyntax
import Testing

/// What may stand at `¦`.
private func context(_ text: String) throws -> StatementContext {
    let parts = text.split(separator: "¦", maxSplits: 1, omittingEmptySubsequences: false)
    try #require(parts.count == 2, "no cursor")
    return StatementContext(before: String(parts[0]), after: String(parts[1]))
}

/// What is known of the place of a cursor in statements that are being written.
@Suite struct StatementContextTests {
    @Test(arguments: [
        ("select a from ¦", StatementContext.Subject.tables), ("select a from db.¦", .tables), ("select a from t join ¦", .tables),
        ("select a from t, ¦", .tables), ("select a from (¦", .tables), ("insert into ¦", .tables), ("insert overwrite table tri¦", .tables),
        ("alter table tri¦", .tables), ("drop table if exists ¦", .tables), ("describe ¦", .tables), ("describe formatted ¦", .tables),
        ("show create table ¦", .tables), ("truncate table ¦", .tables), ("analyze table ¦", .tables), ("load data inpath '/x' into table ¦", .tables),
        ("create table u like ¦", .tables), ("update ¦", .tables), ("delete from ¦", .tables), ("merge into ¦", .tables),
        ("create view v as select * from ¦", .tables), ("explain select * from ¦", .tables), ("show partitions ¦", .tables),
        ("select ¦", .expressions), ("select ¦ from t", .expressions), ("select a, b + ¦", .expressions), ("select t.¦ from trips t", .expressions),
        ("select a from t where ¦", .expressions), ("select a from t where a in (select ¦", .expressions), ("select f(¦", .expressions),
        ("select a from t group by ¦", .expressions), ("select a from t order by a, ¦", .expressions), ("select case when ¦", .expressions),
        ("select a from t join u on ¦", .expressions), ("select sum(a) over (partition by ¦", .expressions), ("from t select ¦", .expressions),
        ("select `my c¦", .expressions), ("insert into t (¦", .columns), ("update t set ¦", .columns), ("alter table t change column ¦", .columns),
        ("describe t ¦", .columns), ("analyze table t compute statistics for columns ¦", .columns), ("select a from t join u using (¦", .columns),
        ("select * except (¦", .columns), ("use ¦", .databases), ("show tables in ¦", .databases), ("drop database ¦", .databases),
        ("describe function ¦", .functions), ("drop function ¦", .functions), ("select a from t lateral view expl¦", .calls),
        ("drop model ¦", .models), ("select * from ml.predict(model ¦", .models), ("describe model ¦", .models), ("export model ¦", .models),
        ("insert into t partition (¦", .partitionKeys), ("alter table t drop partition (a = 1, ¦", .partitionKeys),
        ("insert into t partition (day = ¦", .partitionValues(key: "day")), ("insert into t partition (day = '2024-¦", .partitionValues(key: "day")),
        ("select a from t where day = '¦", .partitionValues(key: "day")), ("create table t (a int) stored as ¦", .fileFormats),
        ("set hive.¦", .settings), ("set hiveconf:hive.¦", .settings), ("reset hive.¦", .settings),
        ("set hive.a = ¦", .settingValues(name: "hive.a")), ("SET hiveconf:hive.a=tr¦", .settingValues(name: "hive.a")),
        ("source /tm¦", .files), ("!ls -l /tm¦", .files), ("dfs -ls /tm¦", .files), ("add jar /tm¦", .files), ("load data local inpath '/tm¦", .files),
        ("create table t (a int) location \"/tm¦", .files), ("insert overwrite local directory '¦", .files), ("export table t to '¦", .files),
        ("import table t from '¦", .files),
    ]) func subject(_ text: String, _ wanted: StatementContext.Subject) throws {
        #expect(try context(text).subject == wanted)
    }

    /// New names, texts, comments and numbers.
    @Test(arguments: [
        "create table ¦", "create view ¦", "create model ¦", "select a as ¦", "select a from t as ¦", "select 'abc ¦", "select \"a b¦",
        "select a -- from ¦", "select a /* from ¦", "select 12¦", "select a from t limit ¦", "alter table t rename to ¦", "dfs -l¦",
        "select 'a'¦", "create database ¦", "with ¦", "select $¦", "select @¦",
    ]) func nothing(_ text: String) throws {
        #expect(try context(text).subject == nil, "\(text)")
    }

    @Test(arguments: [
        ("al¦", "alter"), ("alter ta¦", "table"), ("drop t¦", "table temporary"), ("select a fr¦", "from"), ("select a from t wh¦", "where"),
        ("select a from t gr¦", "group"), ("select a from t group ¦", "by"), ("select a from t order ¦", "by"), ("select a from t so¦", "sort"),
        ("select a from t sort ¦", "by"), ("select a from t li¦", "limit"), ("select a from t le¦", "left"), ("select a from t left ¦", "anti join outer semi"),
        ("select a from t qu¦", "qualify"), ("select a from t pi¦", "pivot"), ("select a from t na¦", "natural"), ("show ta¦", "table tables"),
        ("insert ¦", "into overwrite"), ("insert into ta¦", "table"), ("load da¦", "data"), ("load data ¦", "inpath local"),
        ("create table if ¦", "not"), ("create table if not ¦", "exists"), ("create or ¦", "replace"), ("create temporary f¦", "function"),
        ("select case when a th¦", "then"), ("select cast(a as big¦", "bigint"), ("select a from t where a is nu¦", "null"),
        ("select a from t where a bet¦", "between"), ("select a from t where a between 1 an¦", "and"), ("select sum(a) ov¦", "over"),
        ("select sum(a) over (part¦", "partition"), ("select a from t order by a des¦", "desc"), ("select a from t order by a nul¦", "nulls"),
        ("select a from t order by a nulls ¦", "first last"), ("select a from t group by a grouping ¦", "sets"),
        ("select a from t union ¦", "all distinct from map reduce select table values"), ("explain form¦", "formatted"), ("describe form¦", "formatted"),
        ("create table t (a in¦", "int integer interval"), ("create table t (a int) partit¦", "partitioned"), ("create table t (a int) row ¦", "format"),
        ("alter table t add if ¦", "not"), ("merge into t using u on a = b wh¦", "when"), ("add ¦", "archive file jar"), ("delete f¦", "file from"),
        ("sel¦", "select"), ("so¦", "source"), ("SEL¦", "select"), ("select 1; dro¦", "drop"), ("select a\nfrom t\nwh¦", "where"),
        ("with w as (sel¦", "select"), ("select a from ¦t", "table uniquejoin"),
    ]) func words(_ text: String, _ wanted: String) throws {
        #expect(try context(text).words.sorted().joined(separator: " ") == wanted, "\(text)")
    }

    /// Words that are names as well are offered where they are more than that, and reserved ones not where they cannot stand.
    @Test func wordsOfTheGrammarAreNotNames() throws {
        let behindTable = try context("select a from t ¦").words
        for word in ["where", "limit", "sort", "pivot", "lateral", "tablesample", "union", "join"] { #expect(behindTable.contains(word), "\(word)") }
        for word in ["select", "abort", "day", "tables", "from", "by", "into", "values"] { #expect(!behindTable.contains(word), "\(word)") }
        #expect(try context("select a from db.¦").words.isEmpty)
        #expect(try context("show compactions ¦").words.isEmpty)
    }

    @Test func theWordAtTheCursor() throws {
        let plain = try context("select ci¦ty from t")
        #expect(plain.word == "ci" && plain.wordOffset == 7 && plain.quote == nil)
        let quoted = try context("select 1; select `my c¦ol` from t")
        #expect(quoted.word == "my c" && quoted.wordOffset == 17 && quoted.quote == "`")
        #expect(quoted.tables == [TableUse(.table(["t"]))])
        let qualified = try context("select `D b`.t.x¦")
        #expect(qualified.qualifiers == ["d b", "t"] && qualified.word == "x")
        let path = try context("load data inpath '/tmp/a b¦")
        #expect(path.word == "/tmp/a b" && path.wordOffset == 17 && path.quote == "'")
        let setting = try context("set hiveconf:hive.x¦")
        #expect(setting.word == "hive.x" && setting.wordOffset == 13)
        let characters = try context("select 'é' as e, ci¦")
        #expect(characters.word == "ci" && characters.wordOffset == 18)
    }

    @Test(arguments: [
        ("select ¦ from trips", ["trips"]), ("select ¦ from trips t, db.cabs as c", ["trips t", "db.cabs c"]),
        ("select a from trips t join cabs on ¦", ["trips t", "cabs"]), ("select a from trips where ¦ limit 5", ["trips"]),
        ("select a from trips union all select ¦ from cabs", ["cabs"]), ("select a from trips where x in (select ¦ from cabs)", ["cabs", "trips"]),
        ("select a from (select ¦ from cabs) s, trips", ["cabs"]), ("select ¦ from (trips t join cabs c)", ["trips t", "cabs c"]),
        ("from trips insert into x select ¦", ["trips"]), ("update trips set a = ¦", ["trips"]), ("delete from trips where ¦", ["trips"]),
        ("merge into trips t using cabs c on ¦", ["trips t", "cabs c"]), ("select 1 from old; select ¦ from trips", ["trips"]),
        ("select ¦ from trips; select b from other", ["trips"]), ("select a from trips limit 1 union select ¦", []),
        ("select count(¦ from trips", ["trips"]), ("select f(a, g(¦)) from trips", ["trips"]), ("select ¦ from `T 1` `A`", ["t 1 a"]),
        ("select a from trips lateral view explode(¦", ["trips"]), ("select /* from x */ ¦ from trips -- , y", ["trips"]),
        ("with w as (select ¦ from cabs) select a from trips", ["cabs"]), ("insert into x select ¦ from trips where a = 'from y'", ["trips"]),
        ("select a from trips left outer join cabs c on a = b where ¦", ["trips", "cabs c"]),
    ]) func tables(_ text: String, _ wanted: [String]) throws {
        let found = try context(text).tables.map { use -> String in
            guard case .table(let parts) = use.rows else { return "?" }
            return ([parts.joined(separator: ".")] + [use.alias].compactMap { $0 }).joined(separator: " ")
        }
        #expect(found == wanted, "\(text)")
    }

    @Test func rowsInThePlaceOfTables() throws {
        let derived = try context("select ¦ from (select a, t.b, c as d, 1 + e, count(*) n, x.*, * from u t) s")
        #expect(
            derived.tables == [
                TableUse(
                    .query(
                        [.column("a"), .column("b"), .column("d"), .column("n"), .star(table: "x"), .star(table: nil)],
                        [TableUse(.table(["u"]), alias: "t")]), alias: "s"),
            ])
        let named = try context("with w as (select a from t), v (x, y) as (select 1, 2) select ¦ from w, v")
        #expect(named.named == ["w": .query([.column("a")], [TableUse(.table(["t"]))]), "v": .columns(["x", "y"])])
        let exploded = try context("select a from t lateral view outer posexplode(x) e as p, el where ¦")
        #expect(exploded.tables == [TableUse(.table(["t"])), TableUse(.columns(["p", "el"]), alias: "e")])
        let union = try context("select ¦ from (select a from t union all select b from u) s")
        #expect(union.tables.first?.alias == "s")
        if case .query(let outputs, _) = union.tables.first?.rows { #expect(outputs == [.column("a")]) }
    }

    @Test func whatAStatementIsAbout() throws {
        #expect(try context("alter table db.t drop partition (¦").target == ["db", "t"])
        #expect(try context("insert overwrite table t partition (¦) select a from u").target == ["t"])
        let list = try context("insert into t (¦) select a from u")
        #expect(list.target == ["t"] && list.tables.isEmpty)
        #expect(try context("describe formatted t ¦").target == ["t"])
        #expect(try context("show partitions t partition (¦").target == ["t"])
        #expect(try context("select ml.accuracy(a, ¦").call == "ml.accuracy")
        #expect(try context("select concat(a, upper(b), ¦").call == "concat")
        #expect(try context("select a in (¦").call == nil)
    }

    @Test func deepAndLongStatements() throws {
        let deep = try context("select ¦ from " + String(repeating: "(select * from ", count: 50_000))
        #expect(deep.subject == .expressions)
        let parentheses = try context(String(repeating: "(", count: 100_000) + "¦")
        #expect(parentheses.words.isEmpty)
        let long = try context("select a, ¦ from t where a in (" + String(repeating: "1, ", count: 100_000) + "1)")
        #expect(long.subject == .expressions && long.tables == [TableUse(.table(["t"]))])
        let late = try context("select * from t where a in (" + String(repeating: "1, ", count: 100_000) + "1) or ¦")
        #expect(late.subject == .expressions && late.tables == [TableUse(.table(["t"]))])
    }

    /// Nothing that is typed may end the program or take long: every beginning of statements that have everything, and noise.
    @Test func anyTextHasAContext() {
        let statements = [
            "with w as (select a, `b c` from t) insert overwrite table db.u partition (day='x', h) select /*+ mapjoin(t) */ a, case when b then 'é''' end"
                + " from w t lateral view explode(split(c, ',')) e as f left join (select * from v union all values (1, 2)) s on t.a = s.a"
                + " where a between 1 and 2.5e3 and b not in (1, 2) group by a grouping sets ((a), ()) having count(*) > 1 order by 1 desc limit 10;",
            "set hiveconf:a=b; add jar x; !ls /; source \n -- comment\n create table t (a struct<b:int>) row format delimited fields terminated by '\\;'",
            ")))((( ] ` ' \" /* ${x} \u{0} . . .. ,, from from join with as ( with ( lateral view lateral",
        ]
        for statement in statements {
            let bytes = Array(statement.utf8)
            for end in stride(from: 0, through: bytes.count, by: 7) {
                let text = String(decoding: bytes[..<end], as: UTF8.self)
                let found = StatementContext(before: text, after: String(decoding: bytes[end...], as: UTF8.self))
                #expect(found.wordOffset <= text.utf8.count)
            }
        }
    }
}
