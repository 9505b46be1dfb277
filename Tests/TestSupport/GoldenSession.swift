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

        var settings: [String: String] {
            switch self {
            case .plain: [:]
            case .tiny: ["hiveql.batch.size": "3", "hiveql.threads": "1"]
            case .unoptimized: ["hiveql.optimizer": "false"]
            case .scattered: ["hiveql.threads": "4", "hiveql.split.bytes": "64"]
            }
        }
    }

    private let session: Session

    package init(_ temporary: TemporaryWarehouse, _ configuration: Configuration) throws {
        session = try temporary.session(configuration.settings)
    }

    package func run(_ sql: String) throws -> [String] { try session.execute(sql).rows?.lines() ?? [] }

    /// Runs a golden file in a fresh warehouse.
    package static func run(_ file: GoldenFile, _ configuration: Configuration) throws -> GoldenReport {
        let temporary = try TemporaryWarehouse()
        let runner = GoldenRunner(
            engine: try GoldenSession(temporary, configuration), scratchFolder: temporary.root + "/scratch")
        return runner.run(file)
    }
}
