import Columnar
import Foundation
import Functions
import Testing

/// Functions of numbers as scikit-learn and SciPy have them, recorded by `Tests/Peers/preprocessing.py`.
@Suite struct RecordedTransformTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/preprocessing")

    private func recorded<Answer: Decodable>(_ name: String, as type: Answer.Type) throws -> Answer {
        try JSONDecoder().decode(type, from: Data(contentsOf: Self.folder.appendingPathComponent("\(name).json")))
    }

    private struct Numbers: Decodable {
        let values: [Double]
        let asked: [Double]
        let answers: [Answer]
    }

    private struct Answer: Decodable {
        let function: String
        let arguments: [Argument]
        let numbers: [Double?]
    }

    /// A constant of a call.
    private enum Argument: Decodable {
        case flag(Bool), number(Int32), text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) { self = .flag(flag) }
            else if let number = try? container.decode(Int32.self) { self = .number(number) }
            else { self = .text(try container.decode(String.self)) }
        }

        var column: Column {
            switch self {
            case .flag(let flag): .constant(flag ? UInt8(1) : 0, type: .boolean, count: 1)
            case .number(let number): FittedFunctionTests.number(number)
            case .text(let text): FittedFunctionTests.text(text)
            }
        }
    }

    private func column(_ values: [Double]) -> Column {
        let builder = ColumnBuilder(.double, capacity: values.count)
        for value in values { builder.append(value) }
        return builder.finish()
    }

    private func column(_ texts: [String]) -> Column {
        let builder = ColumnBuilder(.string, capacity: texts.count)
        for text in texts { Array(text.utf8).withUnsafeBufferPointer { builder.append(bytes: $0) } }
        return builder.finish()
    }

    private func value(_ answer: Answer, _ numbers: Numbers) throws -> Column {
        let asked = column(numbers.asked)
        guard FunctionRegistry.builtIn.fitted(answer.function) != nil else {
            let function = try #require(FunctionRegistry.builtIn.scalar(answer.function))
            let resolved = try function.resolve(FunctionCall(name: answer.function, argumentTypes: [.double], constants: [nil]))
            return try FunctionExpression.value(
                of: function, resolved,
                KernelInput(arguments: [asked], rows: .all(asked.count), count: asked.count, context: FunctionExpression.context))
        }
        let call = FittedFunctionTests.Call(name: answer.function, type: .double, constants: answer.arguments.map(\.column))
        let state = try FittedFunctionTests.state(call, of: [column(numbers.values)])
        return try FittedFunctionTests.apply(call, .constant(string: state, type: .binary, count: asked.count), to: asked)
    }

    @Test(arguments: ["fares", "mixed", "counts", "losses", "years"]) func numbersAsRecorded(_ name: String) throws {
        let numbers = try #require(try recorded("numbers", as: [String: Numbers].self)[name])
        #expect(numbers.answers.count > 8)
        for answer in numbers.answers {
            let found = try value(answer, numbers)
            // scikit-learn looks for the most likely exponent until it is good to eight digits.
            let tolerance = answer.function == "ml.power_transformer" ? 1e-5 : 1e-9
            for (row, expected) in answer.numbers.enumerated() {
                let number = found.isNull(row) ? nil : found.values(as: Double.self)[row]
                guard let number, let expected else {
                    #expect(number == expected, "\(answer.function)\(answer.arguments) of \(numbers.asked[row])")
                    continue
                }
                #expect(
                    abs(number - expected) <= tolerance * max(1, abs(expected)),
                    "\(answer.function)\(answer.arguments) of \(numbers.asked[row]): \(number), not \(expected)")
            }
        }
    }

    private struct Buckets: Decodable {
        let name: String
        let values: [Double]
        let labels: [String]
        let cuts: [Double]
    }

    @Test func bucketsAsRecorded() throws {
        let answers = try recorded("buckets", as: [Buckets].self)
        #expect(answers.count == 7)
        for answer in answers {
            let call = FittedFunctionTests.Call(name: "ml.entropy_bucketize", type: .double, label: .string)
            let state = try FittedFunctionTests.state(call, learnedFrom: [[column(answer.values), column(answer.labels)]])
            let asked = column([-1e9] + answer.cuts.flatMap { [$0.nextDown, $0] } + [1e9])
            let found = FittedFunctionTests.texts(
                try FittedFunctionTests.apply(call, .constant(string: state, type: .binary, count: asked.count), to: asked))
            let expected = (0...answer.cuts.count).flatMap { ["bin_\($0 + 1)", "bin_\($0 + 1)"] }
            #expect(found == expected, "\(answer.name)")
        }
    }

    // MARK: what has no other reference

    /// Numbers of two classes that one sketch can tell apart, but not those of both: they are cut where the classes meet all the same.
    @Test func bucketsOfVeryManyNumbers() throws {
        let values = (0..<100_000).map { 1 + Double($0 * 7919 % 100_000) / 100_000 }
        let call = FittedFunctionTests.Call(name: "ml.entropy_bucketize", type: .double, label: .string)
        let state = try FittedFunctionTests.state(
            call, learnedFrom: [[column(values), column(values.map { $0 < 1.5 ? "low" : "high" })]])
        let asked = column([1, 1.4999, 1.5001, 2])
        let found = FittedFunctionTests.texts(
            try FittedFunctionTests.apply(call, .constant(string: state, type: .binary, count: asked.count), to: asked))
        #expect(found == ["bin_1", "bin_1", "bin_2", "bin_2"])
    }

    private func powers(_ values: [Double], _ constants: [Column] = [], of asked: [Double]) throws -> [Double] {
        let call = FittedFunctionTests.Call(name: "ml.power_transformer", type: .double, constants: constants)
        let state = try FittedFunctionTests.state(call, of: [column(values)])
        let found = try FittedFunctionTests.apply(call, .constant(string: state, type: .binary, count: asked.count), to: column(asked))
        return (0..<asked.count).map { found.values(as: Double.self)[$0] }
    }

    /// Numbers so far from 0 that powers of theirs agree in all digits: their distances decide.
    @Test(arguments: ["yeo-johnson", "box-cox"]) func powersOfFarNumbers(_ method: String) throws {
        let distances = (0..<60).map { Double($0 * $0) / 7 }
        let constants = [FittedFunctionTests.text(method)]
        for place in [1e9, 1e12] {
            let values = distances.map { place + $0.rounded() }
            let scaled = try powers(values, constants, of: values)
            let mean = scaled.reduce(0, +) / 60
            let deviation = (scaled.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 60).squareRoot()
            #expect(abs(mean) < 1e-9 && abs(deviation - 1) < 1e-9, "\(method) of \(place): \(mean), \(deviation)")
            #expect(zip(scaled, scaled.dropFirst()).allSatisfy { $0 <= $1 })
        }
    }

    /// The power of numbers with their signs turned is the power with its sign turned.
    @Test func powersAreSymmetric() throws {
        var random = SeededRandom(seed: 9)
        for shift in [-20.0, 0, 20] {
            let values = (0..<200).map { _ in shift + exp(Double.random(in: -2...3, using: &random)) }
            let asked = values + [0, -1e3, 1e3, .infinity, -.infinity]
            let plain = try powers(values, of: asked), turned = try powers(values.map { -$0 }, of: asked.map { -$0 })
            for (row, pair) in zip(plain, turned).enumerated() {
                #expect(
                    abs(pair.0 + pair.1) <= 1e-7 * max(1, abs(pair.0)) || pair.0 == -pair.1, "\(asked[row]) + \(shift): \(pair)")
            }
        }
    }

    /// Whatever the numbers, a number or NaN, and no numbers turn round.
    @Test func powersOfAllNumbers() throws {
        var random = SeededRandom(seed: 12)
        for trial in 0..<200 {
            let values = (0..<Int.random(in: 1...30, using: &random)).map { _ in
                trial % 2 == 0 ? Double(bitPattern: random.next()) : Double(Int.random(in: -2...2, using: &random))
            }
            let asked = values.filter { !$0.isNaN }.sorted()
            let found = try powers(values, of: asked)
            #expect(zip(found, found.dropFirst()).allSatisfy { !($0 > $1) }, "\(values): \(found)")
        }
    }
}
