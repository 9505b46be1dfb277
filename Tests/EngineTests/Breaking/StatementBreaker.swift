#if os(Linux)
import Engine
import Glibc
import Platform
import TestSupport

/// Spoiled statements of the golden files, in the warehouses that their files make.
final class StatementBreaker: Breaker {
    let trialsOfARound = 150
    private let folder: String
    private let seed: UInt64
    private let files: [GoldenFile]
    private let statements: [[MutatedStatement]]
    private let all: [MutatedStatement]
    private var file = 0
    private var place = ""
    private let session = Guarded<Session?>(nil)
    private var statement = ""
    /// Folders of this round may be there for reasons that are not followed.
    private var makesFolders = false

    init(folder: String, seed: UInt64) throws {
        self.folder = folder
        self.seed = seed
        files = try GoldenFile.all(under: GoldenFolder.root)
        statements = files.map { $0.blocks.map { MutatedStatement($0.sql) } }
        all = statements.flatMap { $0 }
    }

    func begin(round: Int) throws -> Bool {
        var random = RandomSource(seed: seed &+ UInt64(round) &* 7_919)
        file = random.below(files.count)
        place = "\(folder)/round-\(round)"
        mkdir(place, 0o700)
        // Statements may move files away.
        try copyTree(GoldenFolder.data, to: "\(place)/data")
        let warehouse = try Warehouse(at: "\(place)/warehouse")
        let made = try Session(
            warehouse: warehouse,
            settings: [
                "hiveql.memory.limit": "64m", "hiveql.scratch.dir": place, "hiveql.threads": "2", "hiveql.random.seed": "1",
            ])
        session.update { $0 = made }
        makesFolders = false
        for block in files[file].blocks {
            guard case .success = block.expectation, isHarmless(replacingFolders(block.sql)) else { continue }
            run(replacingFolders(block.sql))
        }
        return true
    }

    @discardableResult
    private func run(_ sql: String) -> BreakOutcome {
        let lower = sql.lowercased()
        if ["external", "dfs", "directory", "location"].contains(where: lower.contains) { makesFolders = true }
        do {
            _ = try session.value?.execute(sql)
            return .value
        } catch { return BreakOutcome(error) }
    }

    func prepare(_ trial: Int) throws -> String? {
        var random = RandomSource(seed: seed &+ UInt64(trial) &* 104_729)
        let own = statements[file]
        var mutated = random.pick(random.chance(90) ? own : all, or: all[0])
        mutated.mutate(with: random.chance(70) ? own : all, &random)
        statement = replacingFolders(mutated.text)
        guard isHarmless(statement) else { return nil }
        return "in the warehouse of \(files[file].path):\n\(statement)"
    }

    func run() throws -> BreakOutcome {
        guard let session = session.value, Self.hasOneAnswer(statement) else { return run(statement) }
        let rows: [String]
        do { rows = try session.sorted(statement) } catch { return BreakOutcome(error) }
        try session.set("hiveql.optimizer", to: "false")
        defer { try? session.set("hiveql.optimizer", to: "true") }
        do {
            let others = try session.sorted(statement)
            if BreakAnswer.areSame(rows, others) { return .value }
            return .mixed("optimized: \(BreakAnswer.shown(rows)), not optimized: \(BreakAnswer.shown(others))")
        } catch {
            // The optimizer leaves out what nobody needs, also what would fail.
            if case .refused = BreakOutcome(error) { return .value }
            return BreakOutcome(error)
        }
    }

    /// Whether a statement is a query whose rows do not depend on the order in which others come, as far as one sees.
    private static func hasOneAnswer(_ text: String) -> Bool {
        let lower = text.lowercased()
        guard ["select", "with", "(", "from", "values"].contains(where: lower.hasPrefix), !lower.contains("insert") else { return false }
        return !wordsOfOrder.contains(where: lower.contains)
    }

    private static let wordsOfOrder = [
        "limit", "over", "rank", "row_number", "ntile", "lead", "lag", "first", "last", "collect", "rand", "uuid", "current", "now", "unix_timestamp",
        "sum", "avg", "std", "var", "cov", "corr", "regr", "percentile", "histogram", "tablesample", "input__", "block__", "explain", "mean",
    ]

    func cancel() { session.value?.cancel() }

    func end(round: Int) throws -> BreakOutcome? {
        defer {
            session.update { $0 = nil }
            removeTree(place)
        }
        let paths = listTree(place).filter { $0.contains(".hive-staging") }
        if !paths.isEmpty { return .leftover("\(paths.prefix(5))") }
        guard !makesFolders, let session = session.value else { return nil }
        let tables = Set(try session.lines("show tables in default"))
        let strange = entries("\(place)/warehouse").filter {
            !$0.hasPrefix(".") && !$0.hasPrefix("metastore.db") && !$0.hasSuffix(".db") && !tables.contains($0)
        }
        return strange.isEmpty ? nil : .leftover("folders without a table: \(strange)")
    }

    private func replacingFolders(_ text: String) -> String {
        text.replacing("${DATA}", with: "\(place)/data").replacing("${SCRATCH}", with: "\(place)/scratch")
    }

    /// Whether a statement stays in its own folder, as far as one sees; the process can change nothing elsewhere anyway, but
    /// it could read what never ends.
    private func isHarmless(_ text: String) -> Bool {
        let lower = text.lowercased()
        // These change what the limits of the round are, or end the process.
        if lower.contains("hiveql.") || lower.contains("scratchdir") || lower.contains("warehouse.dir") { return false }
        guard Self.wordsOfPlaces.contains(where: lower.contains) else { return true }
        if lower.contains("..") { return false }
        let bytes = Array(text.utf8), own = Array(place.utf8)
        for (position, byte) in bytes.enumerated() where byte == UInt8(ascii: "/") {
            let before = position == 0 ? UInt8(ascii: " ") : bytes[position - 1]
            let isInside = Self.isPartOfName(before) && before != UInt8(ascii: ":")
            if !isInside, !bytes[position...].starts(with: own) { return false }
        }
        return true
    }

    private static let wordsOfPlaces = [
        "directory", "location", "inpath", "dfs", "export", "import", "add ", "source", "set ", "file:", "hdfs:", "jar",
    ]

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (byte > 32 && !"'\"`=:(,;".utf8.contains(byte))
    }

    private func copyTree(_ source: String, to target: String) throws {
        mkdir(target, 0o700)
        for path in listTree(source) {
            let folders = path.split(separator: "/").dropLast()
            for count in 0..<folders.count { mkdir("\(target)/\(folders[...(folders.startIndex + count)].joined(separator: "/"))", 0o700) }
            try RegularFile.contents(of: "\(source)/\(path)").withUnsafeBytes { bytes in
                guard let file = fopen("\(target)/\(path)", "w") else { throw FileError("write", path) }
                fwrite(bytes.baseAddress, 1, bytes.count, file)
                fclose(file)
            }
        }
    }
}
#endif
