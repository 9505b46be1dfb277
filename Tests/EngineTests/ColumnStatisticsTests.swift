import Engine
import TestSupport
import Testing

/// ANALYZE … FOR COLUMNS, ALTER TABLE … UPDATE STATISTICS FOR COLUMN, and DESCRIBE FORMATTED of a column.
@Suite struct ColumnStatisticsTests {
    /// Fields of the line of DESCRIBE FORMATTED that has the column's values, from `min` to `num_falses`.
    private func shown(_ what: String, _ session: Session) throws -> [String] {
        let line = try #require(try session.lines("describe formatted \(what)").dropFirst(2).first)
        return line.split(separator: "\t", omittingEmptySubsequences: false).dropFirst(2).dropLast().map {
            String($0.reversed().drop { $0 == " " }.reversed())
        }
    }

    @Test func eachTypeHasItsMeasures() throws {
        let session = try TemporaryWarehouse().session()
        try session.execute(
            """
            create table t as select stack(3,
                1, 'a', 1.5D, true, date '2020-01-02', cast('abc' as binary),
                3, 'hé', 2.5D, false, date '1999-12-31', cast('' as binary),
                cast(null as int), cast(null as string), cast(null as double), cast(null as boolean), cast(null as date),
                cast(null as binary)) as (i, s, d, b, at, raw)
            """)
        #expect(try shown("t i", session) == ["", "", "", "", "", "", "", ""])
        try session.execute("analyze table t compute statistics for columns")
        #expect(try shown("t i", session) == ["1", "3", "1", "2", "", "", "", ""])
        #expect(try shown("t d", session) == ["1.5", "2.5", "1", "2", "", "", "", ""])
        #expect(try shown("t b", session) == ["", "", "1", "", "", "", "1", "1"])
        #expect(try shown("t at", session) == ["1999-12-31", "2020-01-02", "1", "2", "", "", "", ""])
        #expect(try shown("t s", session) == ["", "", "1", "2", "1.0", "2", "", ""])
        #expect(try shown("t raw", session) == ["", "", "1", "", "1.0", "3", "", ""])
    }

    @Test func thoseOfTemporaryTablesAreNotKept() throws {
        let session = try TemporaryWarehouse().session()
        try session.execute("create temporary table t as select 1 as a")
        let result = try session.execute("analyze table t compute statistics for columns")
        #expect(result.warnings == ["Column statistics of a temporary table are not kept."])
        #expect(try session.lines("show tblproperties t('COLUMN_STATS_ACCURATE')") == [#"{"BASIC_STATS":"true"}"# + "\t "])
        #expect(try session.lines("show tblproperties t('numRows')") == ["1\t "])
        #expect(try shown("t a", session) == ["", "", "", "", "", "", "", ""])
    }

    @Test func writesMakeThemInaccurate() throws {
        let session = try TemporaryWarehouse().session()
        try session.execute("create table t as select 1 as a, 'x' as b")
        try session.execute("analyze table t compute statistics for columns a")
        func accurate() throws -> String { try session.lines("show tblproperties t")[0] }
        #expect(try accurate() == #"COLUMN_STATS_ACCURATE"# + "\t" + #"{"BASIC_STATS":"true","COLUMN_STATS":{"a":"true"}}"#)
        try session.execute("insert into t values (2, 'y')")
        #expect(try accurate() == "COLUMN_STATS_ACCURATE\t{\"BASIC_STATS\":\"true\"}")
        // What was found stays to be seen.
        #expect(try shown("t a", session).prefix(2) == ["1", "1"])
    }

    @Test func aPartitionKeepsItsOwnAndAColumnThatGoesTakesThemAlong() throws {
        let session = try TemporaryWarehouse().session()
        try session.execute("create table t (a int, b int) partitioned by (p int)")
        try session.execute("insert into t partition (p = 1) values (5, 6)")
        try session.execute("analyze table t partition (p = 1) compute statistics for columns")
        try session.execute("alter table t partition (p = 1) rename to partition (p = 2)")
        #expect(try shown("t partition (p = 2) a", session).prefix(2) == ["5", "5"])
        try session.execute("alter table t drop partition (p = 2)")
        try session.execute("alter table t add partition (p = 2)")
        #expect(try shown("t partition (p = 2) a", session).allSatisfy { $0.isEmpty || $0 == "from deserializer" })
    }

    @Test func saidStatisticsTakeThePlaceOfFoundOnes() throws {
        let session = try TemporaryWarehouse().session()
        try session.execute("create table t (a int, b string)")
        try session.execute("alter table t update statistics for column a set ('numDVs'='17', 'numNulls'='3')")
        #expect(try shown("t a", session) == ["0", "0", "3", "17", "", "", "", ""])
        try session.execute("alter table t update statistics for column b set ('numDVs'='1', 'avgColLen'='4.5', 'maxColLen'='9')")
        #expect(try shown("t b", session) == ["", "", "0", "1", "4.5", "9", "", ""])
        #expect(
            session.failure("alter table t update statistics for column nope set ('numDVs'='1')")?
                .contains("column type not found") == true)
        #expect(
            session.failure("alter table t update statistics for column a set ('maxColLen'='1')")?
                .contains("Unknown stat: maxColLen of a column of int") == true)
        #expect(
            session.failure("alter table t update statistics for column a set ('numDVs'='many')")?
                .contains("Invalid value of numDVs: many") == true)
    }
}
