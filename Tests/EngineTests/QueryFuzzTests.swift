import Engine
import HiveSyntax
import Planner
import TestSupport
import Testing

/// Random queries on random tables: however a query is run, its rows must be the same.
@Suite struct QueryFuzzTests {
    /// Settings that must not change an answer.
    private static let configurations: [(name: String, settings: [String: String])] = {
        var result: [(String, [String: String])] = [
            ("unoptimized", ["hiveql.optimizer": "false"]),
            ("tiny", ["hiveql.batch.size": "3", "hiveql.threads": "1"]),
            ("scattered", ["hiveql.threads": "4", "hiveql.split.bytes": "64"]),
        ]
        for rule in Optimizer.ruleNames {
            result.append(("without \(rule)", ["hiveql.optimizer.\(rule)": "false"]))
        }
        return result
    }()

    /// Rounds of one warehouse each. `HIVEQL_FUZZ_SEED` makes other tables and queries.
    @Test(arguments: 0..<6) func allWaysOfRunningAgree(round: Int) throws {
        let base = environmentNumber("HIVEQL_FUZZ_SEED") ?? 20_260_101
        let count = Int(environmentNumber("HIVEQL_FUZZ_QUERIES") ?? 60)
        let temporary = try TemporaryWarehouse()
        let tables = try makeTables(temporary, seed: base &+ UInt64(round))
        let plain = try temporary.session()
        let others = try Self.configurations.map { (name: $0.name, session: try temporary.session($0.settings)) }
        var refused = 0, nearest = 0
        for index in 0..<count {
            let seed = base &+ UInt64(round * 1_000_000 + index)
            var generator = RandomQuery(tables: tables, seed: seed)
            let sql = generator.make()
            if sql.contains(" asof ") { nearest += 1 }
            let expected = answer(plain, sql)
            if case .failure(let message) = expected {
                refused += 1
                let isExpected = message.contains("not supported yet") || message.contains("[Error 10025]")
                #expect(isExpected, "seed \(seed): \(message)\n\(sql)")
                continue
            }
            for (name, session) in others {
                let actual = answer(session, sql)
                #expect(actual == expected, "seed \(seed), \(name): \(difference(expected, actual))\n\(sql)")
            }
            let printed = SQLPrinter.print(try Parser.parseStatement(sql))
            #expect(answer(plain, printed) == expected, "seed \(seed), printed:\n\(sql)\n\(printed)")
        }
        #expect(refused * 5 <= count, "\(refused) of \(count) queries were refused")
        #expect(nearest * 30 >= count, "\(nearest) of \(count) queries have ASOF joins")
    }

    private enum Answer: Equatable {
        case rows([String])
        case failure(String)
    }

    private func answer(_ session: Session, _ sql: String) -> Answer {
        do {
            return .rows(try session.sorted(sql))
        } catch {
            return .failure("\(error)")
        }
    }

    private func difference(_ expected: Answer, _ actual: Answer) -> String {
        guard case .rows(let wanted) = expected, case .rows(let got) = actual else { return "\(actual)" }
        let missing = wanted.filter { !got.contains($0) }.prefix(3)
        let extra = got.filter { !wanted.contains($0) }.prefix(3)
        return "\(wanted.count) rows became \(got.count); missing \(Array(missing)), extra \(Array(extra))"
    }

    // MARK: tables

    private static let columns: [RandomQuery.Column] = [
        .init(name: "id", kind: .integer), .init(name: "k", kind: .integer), .init(name: "s", kind: .text),
        .init(name: "v", kind: .double), .init(name: "m", kind: .decimal), .init(name: "d", kind: .date),
    ]

    private func makeTables(_ temporary: TemporaryWarehouse, seed: UInt64) throws -> [RandomQuery.Table] {
        var random = RandomSource(seed: seed)
        let session = try temporary.session()
        let schema = "id int, k int, s string, v double, m decimal(10,2), d date"
        let format = "row format delimited fields terminated by ','"
        var tables: [RandomQuery.Table] = []
        for (name, limit) in [("small", 6), ("middle", 20), ("large", 50), ("nothing", 1)] {
            try session.execute("create table \(name) (\(schema)) \(format)")
            let rows = name == "nothing" ? 0 : random.below(limit)
            // More than one file, so that rows come from several splits.
            for part in 0..<2 {
                let lines = (0..<rows).filter { $0 % 2 == part }.map { row(id: $0, &random) }
                let file = temporary.file("\(name)\(part).txt", lines.map { $0 + "\n" }.joined())
                try session.execute("load data local inpath '\(file)' into table \(name)")
            }
            tables.append(.init(name: name, columns: Self.columns))
        }
        try session.execute("create table parted (\(schema)) partitioned by (p int, q string) \(format)")
        try session.execute(
            "insert into parted partition (p, q) select id, k, s, v, m, d, id % 3, if(id % 4 = 0, null, s) from middle")
        tables.append(
            .init(name: "parted", columns: Self.columns + [.init(name: "p", kind: .integer), .init(name: "q", kind: .text)]))
        return tables
    }

    private func row(id: Int, _ random: inout RandomSource) -> String {
        func orNull(_ text: String, _ random: inout RandomSource) -> String { random.chance(20) ? "\\N" : text }
        return [
            "\(id)", orNull("\(random.below(6))", &random),
            orNull(random.pick(["a", "b", "ab", "x y", "", "Zed", "b"], or: "a"), &random),
            orNull("\(random.below(12)).5", &random), orNull("\(random.below(12)).\(random.below(10))0", &random),
            orNull("2020-01-0\(1 + random.below(9))", &random),
        ].joined(separator: ",")
    }
}
