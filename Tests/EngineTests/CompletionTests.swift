import Engine
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What is offered at `¦` of what a session has.
@Suite struct CompletionTests {
    private func found(_ session: Session, _ text: String) throws -> Completions {
        let parts = text.split(separator: "¦", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        try #require(parts.count == 2, "no cursor")
        return session.completions(before: parts[0], after: parts[1])
    }

    /// Names that are offered, without words of the grammar, with what follows them.
    private func names(_ session: Session, _ text: String) throws -> [String] {
        try found(session, text).candidates.filter { $0.kind != .keyword }.map { $0.text + $0.suffix }
    }

    private func makeSession() throws -> (TemporaryWarehouse, Session) {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        for statement in [
            "create table trips (cab string, city string, fare double, place struct<street:string, house:struct<number:int>>)",
            "create table trip_days (cab string, `order` int, `my col` int) partitioned by (day string, hour int)",
            "insert into trip_days partition (day = '2024-01-01', hour = 1) values ('a', 1, 1)",
            "insert into trip_days partition (day = '2024-01-02', hour = 12) values ('a', 1, 1)",
            "insert into trip_days partition (day = 'it\\'s', hour = 7) values ('a', 1, 1)",
            "create view trip_view as select cab, fare from trips", "create temporary table trip_notes (note string)",
            "create database other", "create table other.cabs (cab string, seats int)", "create temporary macro tripled(x int) 3 * x",
        ] { try session.execute(statement) }
        return (temporary, session)
    }

    @Test func tablesAndDatabases() throws {
        let (_, session) = try makeSession()
        #expect(try names(session, "select * from tri¦") == ["trip_days ", "trip_notes ", "trip_view ", "trips "])
        #expect(try names(session, "select * from TRIP_D¦") == ["trip_days "])
        #expect(try names(session, "insert into o¦") == ["other."])
        #expect(try names(session, "select * from other.¦") == ["cabs "])
        #expect(try names(session, "use ¦") == ["default", "other"])
        #expect(try names(session, "with w1 as (select 1) select * from w¦") == ["w1 "])
        #expect(try names(session, "select * from nothing.¦").isEmpty)
        try session.execute("use other")
        #expect(try names(session, "describe ca¦") == ["cabs "])
    }

    @Test func columnsOfTheTablesThatAreSeen() throws {
        let (_, session) = try makeSession()
        #expect(try names(session, "select ¦ from trips") == ["cab", "city", "fare", "place"])
        #expect(try names(session, "select ¦ from trip_days d") == ["`my col`", "`order`", "cab", "d.", "day", "hour"])
        #expect(try names(session, "select t.c¦ from trips t join other.cabs c") == ["cab", "city"])
        #expect(try names(session, "select c.¦ from trips t join other.cabs c") == ["cab", "seats"])
        #expect(try names(session, "select other.cabs.s¦ from other.cabs") == ["seats"])
        #expect(try names(session, "select place.¦ from trips") == ["house", "street"])
        #expect(try names(session, "select t.place.house.¦ from trips t") == ["number"])
        #expect(try names(session, "select `m¦ from trip_days") == ["`my col`"])
        #expect(try names(session, "select m¦ from trip_days").first == "`my col`")
        #expect(try names(session, "select s.¦ from (select cab as c, t.*, 1 + 1 two from other.cabs t) s") == ["c", "cab", "seats", "two"])
        #expect(try names(session, "with w as (select fare f from trips) select w.¦ from w") == ["f"])
        #expect(try names(session, "with recursive r as (select * from r) select r.¦ from r").isEmpty)
        #expect(try names(session, "select e.¦ from trips lateral view explode(x) e as word") == ["word"])
        #expect(try names(session, "insert into trips (ci¦) select seats from other.cabs") == ["city"])
        #expect(try names(session, "update trips set fa¦") == ["fare"])
        #expect(try found(session, "select far¦ from trips").candidates.first == .init(.column, "fare", detail: "double"))
        // Before FROM says of what.
        #expect(try names(session, "select far¦") == ["fare"])
        #expect(try names(session, "select ¦").isEmpty)
    }

    @Test func functionsAndHowTheyAreCalled() throws {
        let (_, session) = try makeSession()
        #expect(try found(session, "select concat_w¦").candidates == [.init(.function, "concat_ws", detail: "concat_ws(separator, [string | array(string)]+)")])
        #expect(try names(session, "select CONCAT_W¦") == ["CONCAT_WS("])
        #expect(try names(session, "select tripl¦ from trips") == ["tripled("])
        #expect(try names(session, "describe function concat_w¦") == ["concat_ws"])
        #expect(try names(session, "select ml.standard_sc¦").contains("standard_scaler("))
        #expect(try found(session, "select upper(concat_ws('-', ¦").signature == "concat_ws(separator, [string | array(string)]+)")
        #expect(try found(session, "select (¦").signature == nil)
    }

    @Test func partitions() throws {
        let (_, session) = try makeSession()
        #expect(try names(session, "alter table trip_days drop partition (¦") == ["day=", "hour="])
        #expect(try names(session, "insert into trip_days partition (day = '2024¦") == ["'2024-01-01'", "'2024-01-02'"])
        #expect(try names(session, "select * from trip_days where day = \"it¦") == ["\"it\\'s\""])
        #expect(try names(session, "select * from trip_days where day = 'it¦") == ["'it\\'s'"])
        #expect(try names(session, "show partitions trip_days partition (day = '2024-01-01', hour = ¦") == ["1", "12", "7"])
        #expect(try names(session, "insert into trip_days partition (day = ¦") == ["'2024-01-01'", "'2024-01-02'", "'it\\'s'"])
        #expect(try names(session, "select * from trips where city = '¦").isEmpty)
        #expect(try names(session, "select * from trips where city = '¦'").isEmpty)
    }

    @Test func settings() throws {
        let (_, session) = try makeSession()
        #expect(try names(session, "set hive.exec.compress.o¦") == ["hive.exec.compress.output="])
        #expect(try names(session, "set hive.exec.compress.output=¦") == ["false", "true"])
        #expect(try names(session, "set hive.exec.dynamic.partition.mode = n¦") == ["nonstrict"])
        #expect(try names(session, "set hiveql.optimizer.column_pr¦") == ["hiveql.optimizer.column_pruning="])
        #expect(try names(session, "set hiveql.optimizer.column_pruning=f¦") == ["false"])
        try session.execute("set my.own.setting=17")
        #expect(try names(session, "set my.¦") == ["my.own.setting="])
        #expect(try names(session, "set my.own.setting=¦") == ["17"])
        #expect(try names(session, "create table t (a int) stored as ¦") == ["avro", "jsonfile", "orc", "parquet", "rcfile", "sequencefile", "textfile"])
    }

    @Test func files() throws {
        let (temporary, session) = try makeSession()
        let folder = "\(temporary.root)/completed"
        for path in [folder, "\(folder)/inner"] { #expect(mkdir(path, 0o755) == 0) }
        for name in ["a one.csv", "a'two.csv", ".hidden"] { _ = temporary.file("completed/\(name)", "") }
        #expect(try names(session, "load data inpath '\(folder)/a¦") == ["'\(folder)/a one.csv'", "'\(folder)/a\\'two.csv'"])
        #expect(try names(session, "create table u (a int) location '\(folder)/i¦") == ["'\(folder)/inner/"])
        #expect(try names(session, "source \(folder)/¦") == ["\(folder)/a'two.csv", "\(folder)/inner/"])
        #expect(try names(session, "add file \(folder)/.h¦") == ["\(folder)/.hidden"])
        #expect(try names(session, "load data inpath 's3://bucket/¦").isEmpty)
        #expect(try names(session, "load data inpath '\(folder)/nothing/¦").isEmpty)
    }

    @Test func wordsAndWhatAllBeginWith() throws {
        let (_, session) = try makeSession()
        #expect(try found(session, "ALTER TA¦").candidates == [.init(.keyword, "TABLE")])
        let tables = try found(session, "select * from t¦")
        #expect(tables.wordOffset == 14 && tables.commonPrefix == "t")
        #expect(try found(session, "select * from tri¦").commonPrefix == "trip")
        #expect(try found(session, "select 'tri¦").candidates.isEmpty)
        #expect(try found(session, "select 1 -- from tri¦").candidates.isEmpty)
        #expect(try found(session, "select é¦ from trips").candidates.isEmpty)
    }

    /// Each name of WITH has all columns of the one before ten times.
    @Test func columnsThatMultiply() throws {
        let (_, session) = try makeSession()
        var text = "with w0 as (select * from trips)"
        for level in 1...12 { text += ", w\(level) as (select * from \([String](repeating: "w\(level - 1)", count: 10).joined(separator: ", ")))" }
        #expect(try names(session, text + " select w.¦ from w12 w") == ["cab", "city", "fare", "place"])
    }

    /// What is cut says so, and where there may be more nothing is taken for certain.
    @Test func manyCandidates() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table wide (\((0..<3000).map { "wide_\($0) int" }.joined(separator: ", ")))")
        let found = try found(session, "select wide_¦ from wide")
        #expect(found.candidates.count == 1000 && found.isCut && found.commonPrefix == "wide_")
        let candidates = ["ab", "abc"].map { Completions.Candidate(.table, $0) }
        let cut = Completions(wordOffset: 0, candidates: candidates, isCut: true)
        #expect(cut.commonPrefix.isEmpty && cut.candidates.count == 2)
        let limited = Completions(wordOffset: 0, candidates: candidates, limit: 1)
        #expect(limited.commonPrefix == "ab" && limited.candidates.count == 1 && limited.isCut)
    }
}
