import HiveQL

/// Golden files against a session of the engine.
package struct GoldenSession: GoldenEngine {
    /// Settings that must not change an answer.
    package enum Configuration: String, CaseIterable, Sendable {
        case plain
        /// Batches of three rows, one thread: every loop that spans batches is exercised.
        case tiny
        case unoptimized
        /// Four threads and text splits of a few bytes: what order rows come in must not matter.
        case scattered
        /// Tables stored as ORC and as Parquet.
        case orc, parquet

        var settings: [String: String] {
            switch self {
            case .plain: [:]
            case .tiny: ["hiveql.batch.size": "3", "hiveql.threads": "1"]
            case .unoptimized: ["hiveql.optimizer": "false"]
            case .scattered: ["hiveql.threads": "4", "hiveql.split.bytes": "64"]
            case .orc, .parquet: storedAs?.settings ?? [:]
            }
        }

        var storedAs: StoredAs? {
            switch self {
            case .plain, .tiny, .unoptimized, .scattered: nil
            case .orc: StoredAs(format: "ORC")
            case .parquet: StoredAs(format: "PARQUET")
            }
        }

        /// Whether the configuration says anything of a golden file.
        package func applies(to path: String) -> Bool {
            // The product of eight tables does not end; that equalities become keys is the optimizer's work.
            if self == .unoptimized, path.contains("/Golden/decision_support/") { return false }
            return storedAs == nil || StoredAs.applies(to: path)
        }
    }

    private let session: Session
    private let storedAs: StoredAs?

    package init(_ temporary: TemporaryWarehouse, _ configuration: Configuration) throws {
        session = try temporary.session(configuration.settings)
        storedAs = configuration.storedAs
    }

    package func run(_ sql: String) throws -> [String] {
        guard let storedAs else { return try session.execute(sql).rows?.lines() ?? [] }
        let statements = storedAs.statements(for: sql)
        for statement in statements.before { _ = try session.execute(statement) }
        let answer = try session.execute(statements.statement).rows?.lines() ?? []
        for statement in statements.after { _ = try session.execute(statement) }
        return answer
    }

    package func answersDiffer(_ block: GoldenFile.Block) -> Bool {
        guard let storedAs else { return false }
        return block.exceptFormats.contains(storedAs.format) || StoredAs.tellsStorage(block.sql)
    }

    /// Runs a golden file in a fresh warehouse.
    package static func run(_ file: GoldenFile, _ configuration: Configuration) throws -> GoldenReport {
        let temporary = try TemporaryWarehouse()
        let runner = GoldenRunner(
            engine: try GoldenSession(temporary, configuration), scratchFolder: temporary.root + "/scratch")
        return runner.run(file)
    }
}
