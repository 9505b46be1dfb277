import Columnar
import Engine
import Platform
import TestSupport
import Testing

@Suite struct CursorTests {
    private static let settings = ["hiveql.threads": "2", "hiveql.batch.size": "64", "hiveql.split.bytes": "1000"]

    private func numbers(in cursor: ResultCursor) throws -> [Int?] {
        var seen: [Int?] = []
        while let batch = try cursor.next() { seen += try batch.values(ofColumn: 0, as: Int.self) }
        return seen
    }

    @Test func rowsComeInOrderAndOwnTheirBytes() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(Self.settings)
        try StreamTests.numbers(session, files: 5, rows: 1_000)
        let cursor = try session.open("select x, concat('row ', x) as text from numbers")
        #expect(cursor.schema.map(\.name) == ["x", "text"])
        var batches: [Batch] = []
        while let batch = try cursor.next() { batches.append(batch) }
        #expect(try batches.flatMap { try $0.values(ofColumn: 0, as: Int.self) } == (0..<5_000).map { $0 })
        #expect(try batches.flatMap { try $0.values(ofColumn: 1, as: String.self) } == (0..<5_000).map { "row \($0)" })
        #expect(try cursor.result().rowCount == 5_000)
        #expect(try cursor.next() == nil)
    }

    @Test func statementsWithoutRowsAndOfTextAreOpened() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        let made = try session.open("create table t (a int)")
        #expect(!made.givesRows)
        #expect(try made.next() == nil)
        #expect(try session.open("insert into t values (1), (2)").result().affectedRows == 2)
        let shown = try session.open("show tables")
        #expect(shown.givesRows)
        #expect(try shown.next()?.values(ofColumn: 0, as: String.self) == ["t"])
        #expect(throws: HiveError.self) { try session.open("select nope from t") }
    }

    /// A write inside a stream of the same table, by the same session and thread, ends at once, and the stream goes on with
    /// the rows as they were.
    @Test(arguments: ["insert into numbers values (-1)", "insert overwrite table numbers select -1", "truncate table numbers",
                      "drop table numbers", "alter table numbers rename to others"])
    func tablesAreWrittenWhileTheyAreRead(statement: String) throws {
        let temporary = try TemporaryWarehouse()
        // A queue that holds a small part of the rows.
        let session = try temporary.session(Self.settings.merging(["hiveql.memory.limit": "1m"]) { $1 })
        try StreamTests.numbers(session, files: 4, rows: 10_000)
        var seen: [Int?] = []
        var wrote = false
        try session.stream("select x from numbers") { batch in
            seen += try batch.values(ofColumn: 0, as: Int.self)
            if !wrote { try session.execute(statement) }
            wrote = true
        }
        #expect(seen == (0..<40_000).map { $0 })
    }

    /// The same from another process's view: another session on another warehouse object.
    @Test func replacedFilesStayReadable() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(Self.settings.merging(["hiveql.memory.limit": "1m"]) { $1 })
        try StreamTests.numbers(session, files: 4, rows: 10_000)
        let first = try session.open("select x from numbers")
        let other = try Session(warehouse: Warehouse(at: temporary.warehouse.folder))
        try other.execute("insert overwrite table numbers select -2")
        let second = try session.open("select x from numbers")
        try other.execute("drop table numbers")
        #expect(try numbers(in: first) == (0..<40_000).map { $0 })
        #expect(try numbers(in: second) == [-2])
        // Nothing is left of the files.
        #expect(temporary.files().allSatisfy { !$0.contains("numbers") })
    }

    @Test func aJoinReadsAllItsTablesAsTheyWere() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(Self.settings.merging(["hiveql.memory.limit": "8m"]) { $1 })
        try StreamTests.numbers(session, files: 2, rows: 3_000)
        let cursor = try session.open(
            """
            select x from numbers union all select 1 - x from numbers union all
            select a.x from numbers a join numbers b on a.x = b.x
            """)
        _ = try cursor.next()
        try session.execute("truncate table numbers")
        let rest = try numbers(in: cursor)
        #expect(rest.count > 3 * 6_000 - 2_048)
        #expect(rest.suffix(6_000).compactMap { $0 }.sorted() == (0..<6_000).map { $0 })
    }

    /// Without enough file handles the locks stay; a write that would wait for its own reader fails at once.
    @Test func aWriteThatWouldWaitForItsOwnReaderIsRefused() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(Self.settings.merging(["hiveql.memory.limit": "1m"]) { $1 })
        try StreamTests.numbers(session, files: 4, rows: 10_000)
        try session.set("hiveql.snapshot.files", to: "3")
        let cursor = try session.open("select x from numbers")
        #expect(try cursor.next() != nil)
        let failure = session.failure("insert into numbers values (1)")
        #expect(failure?.contains("numbers") == true && failure?.contains("lock") == true)
        #expect(try session.lines("select count(*) from numbers") == ["40000"])
        cursor.close()
        try session.execute("insert into numbers values (1)")
        #expect(try session.lines("select count(*) from numbers") == ["40001"])
    }

    @Test func aCursorThatIsDroppedCancelsItsQuery() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(Self.settings)
        try StreamTests.numbers(session, files: 2, rows: 3_000)
        for _ in 0..<50 {
            var cursor: ResultCursor? = try session.open("select a.x from numbers a cross join numbers b cross join numbers c")
            #expect(try cursor?.next() != nil)
            cursor = nil
            #expect(session.activeStatementCount == 0)
        }
        #expect(session.progress == nil)
    }

    /// What waits for a reader is charged, and is a small part of the result.
    @Test func theQueueIsBoundedAndCharged() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "3", "hiveql.memory.limit": "4m", "hiveql.split.bytes": "4000"])
        try StreamTests.numbers(session, files: 4, rows: 10_000)
        // 40,000 rows of some 100 bytes.
        var count = 0
        try session.stream("select x, repeat('0123456789', 10) as text from numbers") { count += $0.rowCount }
        #expect(count == 40_000)
        try session.set("hiveql.memory.limit", to: "100k")
        #expect(throws: HiveError.self) { try session.execute("select x, repeat('0123456789', 10) from numbers") }
        count = 0
        try session.stream("select x from numbers") { count += $0.rowCount }
        #expect(count == 40_000)
    }

    @Test func severalCursorsAreReadInTurns() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(Self.settings)
        try StreamTests.numbers(session, files: 3, rows: 2_000)
        let cursors = try (0..<3).map { try session.open("select x + \($0) from numbers") }
        var sums = [0, 0, 0]
        var isOpen = true
        while isOpen {
            isOpen = false
            for (index, cursor) in cursors.enumerated() {
                guard let batch = try cursor.next() else { continue }
                isOpen = true
                sums[index] += try batch.values(ofColumn: 0, as: Int.self).reduce(0) { $0 + ($1 ?? 0) }
            }
        }
        #expect(sums == (0..<3).map { 6_000 * 5_999 / 2 + $0 * 6_000 })
    }
}
