import Engine
import Foundation
import TestSupport
import Testing

/// However deep a statement is nested, it runs or is refused; also on a thread with little stack.
@Suite struct NestingTests {
    private static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    private static let statements: [String] = [
        "select " + repeated("(", 200) + "1" + repeated(")", 200),
        "select " + repeated("(", 100_000) + "1",
        "select " + repeated("- ", 200) + "a from t",
        "select " + repeated("abs(", 200) + "a" + repeated(")", 200) + " from t",
        "select " + repeated("if(a > 1, ", 120) + "a" + repeated(", 2)", 120) + " from t",
        "select a" + repeated(" + a", 200) + " from t",
        "select a" + repeated(" + a", 20_000) + " from t",
        "select a from t where a = 1" + repeated(" or a = 2", 5_000),
        "select a from t where " + repeated("not ", 200) + "a = 1",
        "select a" + repeated(" from (select a", 100) + " from t" + repeated(") q", 100),
        "select a from t" + repeated(" union all select a from t", 1_000),
        "select a from t" + repeated(" union select a from t", 200),
        "select a from t where exists " + repeated("(select 1 from t where exists ", 60) + "(select 1)" + repeated(")", 60),
        "select case " + repeated("when a = 1 then 2 ", 3_000) + "end from t",
        "select t.a from t" + repeated(" cross join (select 1) q", 1),
        "select cast(null as " + repeated("array<", 120) + "int" + repeated(">", 120) + ")",
    ]

    @Test(arguments: statements.indices) func smallStacksAreEnough(index: Int) throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table t (a int)")
        try session.execute("insert into t values (1), (2)")
        try onSmallStack {
            for settings in ["true", "false"] {
                try session.set("hiveql.optimizer", to: settings)
                let message = session.failure(Self.statements[index])
                #expect(message?.contains("Internal error") != true, "\(message ?? "")")
            }
        }
    }

    @Test func viewsOfViewsAreExpanded() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table t (a int)")
        try session.execute("insert into t values (1), (2)")
        try onSmallStack {
            try session.execute("create view v0 as select a from t")
            for level in 1..<40 {
                try session.execute("create view v\(level) as select a\(Self.repeated(" + 0", 40)) as a from v\(level - 1)")
            }
            #expect(try session.sorted("select a from v39") == ["1", "2"])
        }
    }

    private func onSmallStack(_ body: @escaping () throws -> Void) throws {
        let outcome = Outcome()
        let done = DispatchSemaphore(value: 0)
        let work = Work(body)
        let thread = Thread {
            do { try work.body() } catch { outcome.error = error }
            done.signal()
        }
        thread.stackSize = 512 << 10
        thread.start()
        done.wait()
        if let error = outcome.error { throw error }
    }

    private final class Outcome: @unchecked Sendable {
        var error: (any Error)?
    }

    private final class Work: @unchecked Sendable {
        let body: () throws -> Void
        init(_ body: @escaping () throws -> Void) { self.body = body }
    }
}
