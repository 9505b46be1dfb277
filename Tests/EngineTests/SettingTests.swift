import Engine
import Foundation
import TestSupport
import Testing

/// The registry of settings: types, defaults, refusals, and the page made from it.
@Suite struct SettingTests {
    @Test(arguments: [
        "hiveql.threads=many", "hiveql.batch.size=3000000000", "hiveql.memory.limit=lots", "hiveql.memory.limit=0",
        "hive.exec.parallel=maybe", "hive.exec.dynamic.partition.mode=loose", "hiveql.optimizer.no_such_rule=false",
        "hiveql.optimizer.constant_folding=perhaps", "hive.lock.sleep.between.retries=soon", "hiveql.split.bytes=-1",
    ])
    func valuesOfAnotherTypeAreRefused(assignment: String) throws {
        let session = try TemporaryWarehouse().session()
        let message = try #require(session.failure("set \(assignment)"))
        #expect(message.hasPrefix("Query returned non-zero code: 1, cause: 'SET \(assignment)' FAILED because "))
        let parts = assignment.split(separator: "=", maxSplits: 1).map(String.init)
        let temporary = try TemporaryWarehouse()
        #expect(throws: HiveError.self) { try temporary.session([parts[0]: parts[1]]) }
    }

    @Test func unknownNamesOfTheProductAreRefusedWithAHint() throws {
        let session = try TemporaryWarehouse().session()
        let error = #expect(throws: HiveError.self) { try session.execute("set hiveql.thread=2") }
        #expect(error?.hint?.contains("hiveql.threads") == true)
        try session.execute("set hive.some.setting.of.a.cluster=x")
        #expect(try session.execute("set hive.some.setting.of.a.cluster").rows?.lines() == ["hive.some.setting.of.a.cluster=x"])
    }

    @Test func everySettingIsListedAndThoseWithoutEffectApart() throws {
        let session = try TemporaryWarehouse().session()
        try session.execute("set mapreduce.job.queuename=q")
        try session.execute("set hiveql.optimizer.constant_folding=false")
        let lines = try #require(try session.execute("set -v").rows?.lines())
        let cut = try #require(lines.firstIndex(of: "# accepted, without effect:"))
        let used = lines[..<cut], accepted = lines[cut...]
        for line in ["hiveql.threads=0", "hiveql.split.bytes=4194304", "hiveql.optimizer.constant_folding=false", "hiveql.random.seed="] {
            #expect(used.contains(line), "\(line)")
        }
        for line in ["hive.execution.engine=mr", "mapreduce.job.queuename=q"] {
            #expect(accepted.contains(line), "\(line)")
        }
    }

    /// Names that are used in the sources but stand in no registry would be hidden settings.
    @Test func noSettingIsHidden() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let sources = root.appendingPathComponent("Sources").path
        let reference = SettingsReference.markdown()
        let walker = try #require(FileManager.default.enumerator(atPath: sources))
        var checked = 0
        while let entry = walker.nextObject() as? String {
            guard entry.hasSuffix(".swift") else { continue }
            let text = try String(contentsOfFile: "\(sources)/\(entry)", encoding: .utf8)
            for match in text.matches(of: /"(hive(ql)?(\.[a-z]+)+)"/) {
                checked += 1
                #expect(reference.contains("`\(match.1)`"), "\(entry): \(match.1)")
            }
        }
        #expect(checked > 40)
    }

    @Test func theReferencePageIsTrue() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/settings.md")
        if ProcessInfo.processInfo.environment["HIVEQL_WRITE_REFERENCE"] != nil {
            try SettingsReference.markdown().write(to: page, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: page, encoding: .utf8) == SettingsReference.markdown())
    }
}
