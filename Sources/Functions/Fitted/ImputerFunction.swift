import Columnar

/// What stands for NULL.
private struct Replacement: FittedState {
    let value: StoredValue?

    /// A text's bytes are kept with it.
    enum StoredValue: Sendable {
        case number(Double)
        case text([UInt8])
    }

    init(_ value: StoredValue?) { self.value = value }

    private enum Kind { static let none: UInt8 = 0, number: UInt8 = 1, text: UInt8 = 2 }

    init(_ reader: inout FittedStateReader) throws {
        switch try reader.number(UInt8.self) {
        case Kind.none: value = nil
        case Kind.number: value = .number(try reader.finite())
        case Kind.text: value = .text(Array(try reader.text().bytes))
        default: throw reader.damage
        }
    }

    func state(of function: String) -> [UInt8] {
        FittedStateWriter.state(of: function) { writer in
            switch value {
            case nil: writer.write(Kind.none)
            case .number(let number):
                writer.write(Kind.number)
                writer.write(number)
            case .text(let bytes):
                writer.write(Kind.text)
                writer.write(bytes)
            }
        }
    }
}

private enum ImputationStrategy: String, CaseIterable {
    case mean, median
    case mostFrequent = "most_frequent"
}

private let name = "ml.imputer"

private func learner(_ call: FunctionCall) throws -> FittedLearner {
    try call.expect(2)
    guard call.argumentTypes[0].isCharacter else {
        try call.expectNumber(0)
        switch try call.constantWord(1, "strategy", ImputationStrategy.self) {
        case .mean:
            return FittedLearner(argumentType: .double) { _ in
                MomentsFitter { Replacement($0.mean.map { .number($0) }).state(of: name) }
            }
        case .median:
            return FittedLearner(argumentType: .double) { _ in
                QuantileFitter { Replacement($0.median.map { .number($0) }).state(of: name) }
            }
        case .mostFrequent:
            return FittedLearner(argumentType: .double) { _ in
                LevelFitter(.numbers) { counts in
                    let number = counts.mostFrequent(1).first.flatMap { LevelNumber.number($0.text) }
                    return Replacement(number.map { .number($0) }).state(of: name)
                }
            }
        }
    }
    guard try call.constantWord(1, "strategy", ImputationStrategy.self) == .mostFrequent else {
        throw FunctionError(.argumentType(1), "\(call.name) knows the mean and the median of numbers alone; for a string the strategy is 'most_frequent'")
    }
    return FittedLearner(argumentType: .string) { _ in
        LevelFitter(.texts) { counts in
            Replacement(counts.mostFrequent(1).first.map { .text(Array($0.text.bytes)) }).state(of: name)
        }
    }
}

private func imputed(_ type: SQLType) -> ResolvedScalar {
    let states = FittedStates<Replacement>(of: name)
    return ResolvedScalar(argumentTypes: [.binary, type], resultType: type) { input in
        let column = input.arguments[1]
        var replacements = try states.cursor(input)
        guard column.mayHaveNulls else { return column }
        return try input.build(type) { row, builder in
            guard column.isNull(row) else { return builder.append(column, row: row) }
            switch (try replacements.state(row)?.value, type) {
            case (nil, _): builder.appendNull()
            case (.number(let number), .double): builder.append(number)
            case (.text(let bytes), .string): bytes.withUnsafeBufferPointer { builder.append(bytes: $0) }
            default: throw FunctionError(.argument, "\(name) was given a state for another type")
            }
        }
    }
}

let imputerFunction = FittedFunction.make(
    name,
    documentation: FunctionDocumentation(
        "_FUNC_(x, strategy) OVER () - Puts the 'mean', the 'median' or the 'most_frequent' value in the place of NULL",
        extended: "The value of a number is a DOUBLE; a string is replaced by the 'most_frequent' one. The median is a value that is there, "
            + "the lower of two in the middle.\nOVER (PARTITION BY g) puts a group's value in; where the group has none, that of all rows.\nExample:\n  > SELECT _FUNC_(city, 'most_frequent') OVER () FROM trips;"),
    completes: true, fit: learner, apply: imputed)
