#if os(Linux)
import Columnar
import FeatureTables
import Glibc
import HiveQL
import Learners
import Platform
import TestSupport

/// Damaged files of saved models: what is taken gives a prediction for every row.
final class ModelBreaker: Breaker {
    let trialsOfARound = 500
    private static let query = """
        select pos % 7 * 1.5D as a, if(pos % 9 = 4, null, pos * 37 % 11 * 1.0D) as b, concat('k', pos % 3) as kind, \
        pos % 2 as y, concat('c', pos % 3) as z, pos * 0.5D as r \
        from (select 1 one) o lateral view posexplode(split(space(79), ' ')) e as pos, val
        """
    private let path: String
    private let seed: UInt64
    private let data: ImportData
    private var archives: [[UInt8]] = []

    init(folder: String, seed: UInt64) throws {
        self.seed = seed
        path = "\(folder)/model"
        let session = try Session(warehouse: Warehouse(at: "\(folder)/warehouse"))
        data = try ImportData(session, query: Self.query)
        for (label, learner) in [
            ("y", "boosted-trees"), ("z", "boosted-trees"), ("r", "boosted-trees"), ("y", "logistic-regression"), ("z", "logistic-regression"),
            ("r", "linear-regression"),
        ] {
            let request = TrainingRequest(
                roles: ColumnRoles(label: label, features: ["a", "b", "kind"]), learner: learner,
                hyperparameters: learner == "boosted-trees" ? ["rounds": "3"] : [:], split: nil)
            try request.run(on: data).model.save(to: path)
            archives.append(try RegularFile.contents(of: path))
        }
        for (learner, name, value) in [("kmeans", "num-clusters", "3"), ("pca", "num-principal-components", "2"), ("isolation-forest", "num-trees", "3")] {
            let request = TrainingRequest(
                roles: ColumnRoles(features: ["a", "b", "kind"]), learner: learner, hyperparameters: [name: value])
            try request.run(on: data).model.save(to: path)
            archives.append(try RegularFile.contents(of: path))
        }
    }

    func prepare(_ trial: Int) throws -> String? {
        var random = RandomSource(seed: seed &+ UInt64(trial) &* 104_729)
        let number = random.below(archives.count)
        var bytes = archives[number]
        let way = random.below(3)
        switch way {
        case 0: random.damage(&bytes)
        default:
            // Sealed anew, so that what is inside is looked at.
            guard var archive = try? ModelArchive(bytes) else { return nil }
            var head = Array(try archive.model.written().utf8)
            if way == 1 || archive.parts.isEmpty {
                Self.changeText(&head, &random)
                guard let model = try? JSON(head) else { return nil }
                archive.model = model
            } else {
                Self.changeText(&archive.parts[random.below(archive.parts.count)].bytes, &random)
            }
            bytes = try archive.encoded()
        }
        try FileReplacement.write(bytes, to: path)
        var text: [UInt8] = []
        bytes.withUnsafeBufferPointer { bytes in Base64.encode(bytes) { text.append($0) } }
        return "model \(number), way \(way): \(String(decoding: text, as: UTF8.self))"
    }

    /// Numbers become others, letters are spoiled.
    private static func changeText(_ bytes: inout [UInt8], _ random: inout RandomSource) {
        let numbers = ["0", "1", "2", "3", "-1", "7", "1000000", "2147483647", "-2147483648", "9223372036854775807", "1e308", "0.5", "null", "\"1\"", "[]", "{}"]
        let letters = Array("0123456789-[]{},\"ae:.".utf8)
        for _ in 0..<(1 + random.below(3)) where !bytes.isEmpty {
            var place = random.below(bytes.count)
            if random.chance(25) {
                bytes[place] = random.pick(letters, or: 0)
                continue
            }
            while place < bytes.count, !(0x30...0x39).contains(bytes[place]) { place += 1 }
            var end = place
            while end < bytes.count, (0x30...0x39).contains(bytes[end]) { end += 1 }
            bytes.replaceSubrange(place..<end, with: Array(random.pick(numbers, or: "0").utf8))
        }
    }

    func run() throws -> BreakOutcome {
        let outcome: PredictionOutcome
        do { outcome = try PredictionRequest(model: TrainedModel.load(from: path)).run(on: data) } catch { return .refused }
        let counts = outcome.columns.map(\.count)
        return counts.allSatisfy { $0 == data.rowCount } ? .value : .mixed("\(counts) predictions for \(data.rowCount) rows")
    }

    func cancel() {}
}
#endif
