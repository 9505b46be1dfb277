import Columnar
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

// Functions that learn which texts there are.

/// Which texts get a number.
private struct VocabularyLimits {
    let size: Int64
    let threshold: Int64

    /// - Parameter first: where the arguments `top_k` and `frequency_threshold` stand.
    init(_ call: FunctionCall, _ first: Int, largest: Int64) throws {
        size = try call.constantInteger(first, "top_k", in: 1...largest, fallback: 32_000)
        threshold = try call.constantInteger(first + 1, "frequency_threshold", in: 0 ... .max, fallback: 5)
    }
}

/// - Parameters:
///   - options: arguments between the value and `top_k`.
///   - state: Checks them, and says how a state is made of the levels that get numbers.
private func vocabularyFunction(
    _ name: String, _ documentation: FunctionDocumentation, of source: LevelFitter.Source, options: Int = 0, largest: Int64,
    state: @escaping @Sendable (FunctionCall, _ function: String) throws -> @Sendable ([LevelCounts.Level], LevelCounts) -> [UInt8] = {
        _, name in { kept, _ in Vocabulary.state(of: name, kept) }
    },
    result: SQLType, append: @escaping @Sendable (Vocabulary, Column, Int, inout [Int], ColumnBuilder) -> Void
) -> FittedFunction {
    FittedFunction.make(
        name, documentation: documentation,
        fit: { call in
            try call.expect(1...options + 3)
            if source == .arrays { try call.expectArray(0, of: "string", \.isCharacter) } else { try call.expectText(0) }
            let makeState = try state(call, name)
            let limits = try VocabularyLimits(call, 1 + options, largest: largest)
            return FittedLearner(argumentType: source.type) { _ in
                LevelFitter(source) { counts in makeState(counts.mostFrequent(limits.size, threshold: limits.threshold), counts) }
            }
        },
        apply: { type in
            let states = FittedStates<Vocabulary>(of: name)
            return ResolvedScalar(argumentTypes: [.binary, type], resultType: result) { input in
                var vocabularies = try states.cursor(input)
                let column = input.arguments[1]
                var numbers: [Int] = []
                return try input.build(result) { row, builder in
                    guard let vocabulary = try vocabularies.state(row) else { return builder.appendNull() }
                    append(vocabulary, column, row, &numbers, builder)
                }
            }
        })
}

/// The number of a text; 0 for NULL.
private func number(_ vocabulary: Vocabulary, _ column: Column, _ row: Int) -> Int {
    column.isNull(row) ? 0 : vocabulary.number(column.stringAnyEncoding(row))
}

/// Appends the vector of an array: an entry for each number among its elements, whose value is made of how often it is
/// there. NULL for NULL.
private func appendVector(
    _ vocabulary: Vocabulary, _ column: Column, _ row: Int, _ numbers: inout [Int], _ builder: ColumnBuilder,
    value: (_ number: Int, _ count: Int, _ length: Int) -> Double
) {
    guard let list = column.list(row), let elements = column.children.first else { return builder.appendNull() }
    vocabulary.numbers(list, elements, &numbers)
    var entries = 0
    var start = 0
    while start < numbers.count {
        let end = numbers[start...].firstIndex { $0 != numbers[start] } ?? numbers.count
        SparseVector.append(numbers[start], value(numbers[start], end - start, list.count), to: builder)
        entries += 1
        start = end
    }
    builder.append(listOf: entries)
}

private let encoderHelp = "Categories are numbered in the order of their bytes, from 1 on: the top_k most frequent ones (32000 unless given) that\n"
    + "frequency_threshold rows have (5 unless given). NULL and all others are 0.\n"
private let documentHelp = "Terms are numbered in the order of their bytes, from 1 on: the top_k that are in most documents (32000 unless given), in\n"
    + "frequency_threshold of them at least (5 unless given). NULL and all others are 0.\n"

/// BigQuery's bounds.
private let mostCategories: Int64 = 999_999
private let mostTerms: Int64 = 1_048_576

private enum DroppedCategory: String, CaseIterable {
    case none
    case mostFrequent = "most_frequent"
}

let encoderFunctions: [FittedFunction] = [
    vocabularyFunction(
        "ml.label_encoder",
        FunctionDocumentation(
            "_FUNC_(s[, top_k[, frequency_threshold]]) OVER () - Returns the number of a category",
            extended: encoderHelp + "Example:\n  > SELECT city, _FUNC_(city, 100, 1) OVER () FROM trips;"),
        of: .texts, largest: mostCategories, result: .bigint,
        append: { vocabulary, column, row, _, builder in builder.append(Int64(number(vocabulary, column, row))) }),
    vocabularyFunction(
        "ml.one_hot_encoder",
        FunctionDocumentation(
            "_FUNC_(s[, drop[, top_k[, frequency_threshold]]]) OVER () - Returns a category as a vector with an entry at its number",
            extended: encoderHelp + "With drop = 'most_frequent' ('none' unless given) the entry of the most frequent category is 0.\n"
                + "Example:\n  > SELECT city, _FUNC_(city, 'none', 100, 1) OVER () FROM trips;"),
        of: .texts, options: 1, largest: mostCategories,
        state: { call, name in
            let dropped = try call.constantWord(1, "drop", DroppedCategory.self)
            return { kept, _ in
                let most = dropped == .none ? nil : kept.first?.text
                return Vocabulary.state(of: name, kept) { $0.text == most ? 0 : 1 }
            }
        },
        result: SparseVector.type,
        append: { vocabulary, column, row, _, builder in
            let number = number(vocabulary, column, row)
            SparseVector.append(number, vocabulary.weights[number], to: builder)
            builder.append(listOf: 1)
        }),
    vocabularyFunction(
        "ml.multi_hot_encoder",
        FunctionDocumentation(
            "_FUNC_(array[, top_k[, frequency_threshold]]) OVER () - Returns an array of categories as a vector with an entry for each",
            extended: encoderHelp + "Example:\n  > SELECT _FUNC_(tags, 100, 1) OVER () FROM t;"),
        of: .arrays, largest: mostCategories, result: SparseVector.type,
        append: { vocabulary, column, row, numbers, builder in
            appendVector(vocabulary, column, row, &numbers, builder) { _, _, _ in 1 }
        }),
    vocabularyFunction(
        "ml.bag_of_words",
        FunctionDocumentation(
            "_FUNC_(tokens[, top_k[, frequency_threshold]]) OVER () - Returns how often which term is in a document, as a vector",
            extended: documentHelp + "Example:\n  > SELECT _FUNC_(tags, 100, 1) OVER () FROM t;"),
        of: .arrays, largest: mostTerms, result: SparseVector.type,
        append: { vocabulary, column, row, numbers, builder in
            appendVector(vocabulary, column, row, &numbers, builder) { _, count, _ in Double(count) }
        }),
    vocabularyFunction(
        "ml.tf_idf",
        FunctionDocumentation(
            "_FUNC_(tokens[, top_k[, frequency_threshold]]) OVER () - Returns how much a document's terms tell about it, as a vector",
            extended: documentHelp + "A term's value is its share of the document's terms times log(1 + documents / (1 + documents with the term));\n"
                + "for 0 the logarithm is the mean of all terms'.\nExample:\n  > SELECT _FUNC_(tags, 100, 1) OVER () FROM t;"),
        of: .arrays, largest: mostTerms,
        state: { _, name in
            { kept, counts in
                let documents = Double(counts.rows)
                func weight(_ level: LevelCounts.Level) -> Double { log(1 + documents / (1 + Double(level.count))) }
                // Of the same terms the same sum, in whatever order they were counted.
                let sum = kept.reduce(0) { $0 + weight($1) }
                return Vocabulary.state(of: name, kept, unknown: kept.isEmpty ? 0 : sum / Double(kept.count), weight: weight)
            }
        },
        result: SparseVector.type,
        append: { vocabulary, column, row, numbers, builder in
            appendVector(vocabulary, column, row, &numbers, builder) { number, count, length in
                Double(count) / Double(length) * vocabulary.weights[number]
            }
        }),
]
