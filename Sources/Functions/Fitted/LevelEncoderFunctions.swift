import Columnar
import Platform

// Functions that give numbers for levels, as what rows with the level answer. Rows that are learned from are told what the rows of
// other folds say, so that no row's number has its own label in it.

/// A call of such a function, as its arguments ask for it.
private struct LevelEncoderCall {
    let name: String
    let form: LevelFormula.Form
    let answers: AnsweredLevelFitter.Answers
    let smoothing: Double?
    let leastRows: Double?
    let foldCount: Int

    /// The formula for the levels of a group; nil of no rows.
    func formula(_ found: AnsweredLevels) throws -> LevelFormula? {
        guard found.rowCount > 0 else { return nil }
        let count = found.classes.count
        if count != 2, form == .weightOfEvidence || (form == .target && answers == .texts) {
            let what = form == .target ? "a number, or a label of two classes" : "a label of two classes"
            let given = count == 1 ? "'\(Self.shown(found.classes[0], answers))' alone" : "\(count)"
            throw FunctionError(.argument, "\(name) takes \(what), and was given \(given): compare it with one, as in label = 'x'")
        }
        return LevelFormula(
            form: form, classCount: answers == .numbers ? 0 : count, answerMean: found.answerMean, smoothing: smoothing,
            leastRows: leastRows)
    }

    private static func shown(_ label: StringView, _ answers: AnsweredLevelFitter.Answers) -> String {
        if answers == .numericClasses, let number = LevelNumber.number(label) { return "\(number)" }
        return label.string
    }
}

/// - Parameters:
///   - hasSmoothing: whether `smoothing` stands before `least_rows`.
///   - result: DOUBLE, or an array of them.
private func levelEncoder(
    _ name: String, _ form: LevelFormula.Form, _ documentation: FunctionDocumentation, hasSmoothing: Bool = false, result: SQLType = .double
) -> FittedFunction {
    let needsLabel = form != .frequency
    let firstOption = needsLabel ? 2 : 1, leastRows = firstOption + (hasSmoothing ? 1 : 0)
    let folds = leastRows + 1, key = leastRows + 2
    return FittedFunction.make(
        name, documentation: documentation,
        fit: { call in
            try call.expect(firstOption...(needsLabel ? key + 1 : leastRows + 1))
            guard call.argumentTypes[0].isPrimitive else { throw call.mismatch(0, "primitive") }
            let answers = needsLabel ? try answers(call, form) : .none
            let least = try call.constantNumber(leastRows, "least_rows", atLeast: 1)
            let smoothing = hasSmoothing ? try call.constantNumber(firstOption, "smoothing", atLeast: 0, orWord: "auto") : nil
            let foldCount = needsLabel
                ? Int(
                    try call.constantInteger(
                        folds, "folds", in: 2...Int64(LevelFormula.mostFolds), fallback: Int64(LevelFormula.usualFolds)))
                : 0
            // A group that has one class only has two of them.
            let known: [Double] = needsLabel && call.argumentTypes[1] == .boolean ? [0, 1] : []
            return FittedLearner(
                argumentType: .string, labelType: answers.type,
                folding: needsLabel ? FittedFolding(keyArgument: call.count > key ? key : nil) : nil
            ) { context in
                let encoding = LevelEncoderCall(
                    name: name, form: form, answers: answers, smoothing: smoothing, leastRows: least, foldCount: foldCount)
                return AnsweredLevelFitter(
                    name, answers, knownClasses: answers == .numericClasses ? known : [], foldCount: foldCount, context
                ) { found in
                    EncodedLevels.state(of: name, found, try encoding.formula(found), foldCount: foldCount)
                }
            }
        },
        apply: { type in
            let states = FittedStates<EncodedLevels>(of: name)
            return ResolvedScalar(argumentTypes: [.binary, type] + (needsLabel ? [.bigint] : []), resultType: result) { input in
                var found = try states.cursor(input)
                let levels = input.arguments[1], keys = needsLabel ? input.arguments[2] : nil
                return try input.build(result) { row, builder in
                    guard let encoded = try found.state(row), encoded.width > 0 else { return builder.appendNull() }
                    let key = keys.flatMap { $0.isNull(row) ? nil : $0.values(as: Int64.self)[$0.element(of: row)] }
                    let numbers = encoded.numbers(levels.isNull(row) ? nil : levels.stringAnyEncoding(row), key: key)
                    guard case .array = result else { return builder.append(numbers[numbers.startIndex]) }
                    for number in numbers { builder.children[0].append(number) }
                    builder.append(listOf: numbers.count)
                }
            }
        })
}

/// What a label is to the function: the mean of a number is its target, everything else has classes.
private func answers(_ call: FunctionCall, _ form: LevelFormula.Form) throws -> AnsweredLevelFitter.Answers {
    let type = call.argumentTypes[1]
    guard type.isPrimitive else { throw call.mismatch(1, "primitive") }
    guard type.isNumeric || type == .boolean || type == .void else { return .texts }
    return form == .target ? .numbers : .numericClasses
}

extension FunctionCall {
    /// A number of at least `least` that the call gives as a constant; nil where it leaves it out, or gives `word`.
    fileprivate func constantNumber(_ index: Int, _ meaning: String, atLeast least: Double, orWord word: String? = nil) throws -> Double? {
        if index >= count { return nil }
        if let word, constantString(index)?.lowercased() == word { return nil }
        guard let value = constantDouble(index), value.isFinite, value >= least else {
            let other = word.map { "'\($0)' or " } ?? ""
            throw FunctionError(.argumentType(index), "\(name) takes as \(meaning) \(other)a constant number of at least \(Int(least))")
        }
        return value
    }
}

private let foldHelp = "Rows that are learned from get what the rows of the other folds (5 unless given) say, so that no row is told its own label;\n"
    + "they are in a fold by their places in the files of the first table, or by key: rows with equal keys are together.\n"
private let rareHelp = "Levels of fewer than least_rows rows share what they say together, as do those that are not known. NULL is a level.\n"

let levelEncoderFunctions: [FittedFunction] = [
    levelEncoder(
        "ml.target_encoder", .target,
        FunctionDocumentation(
            "_FUNC_(x, label[, smoothing[, least_rows[, folds[, key]]]]) OVER () - Returns the mean label of the rows with this value of x",
            extended: "label is a number, or has two classes, of which the later one's share is the mean. So many rows with the overall mean are\n"
                + "added as smoothing says, or as many as the spread of the labels suggests ('auto', unless given).\n" + rareHelp + foldHelp
                + "Example:\n  > SELECT city, _FUNC_(city, tipped) OVER () FROM trips;"),
        hasSmoothing: true),
    levelEncoder(
        "ml.woe_encoder", .weightOfEvidence,
        FunctionDocumentation(
            "_FUNC_(x, label[, least_rows[, folds[, key]]]) OVER () - Returns the weight of evidence of x for the later of label's two classes",
            extended: "The logarithm of the class's share of the rows with this value among all of its rows, divided by the other class's.\n"
                + rareHelp + foldHelp + "Example:\n  > SELECT city, _FUNC_(city, tipped) OVER () FROM trips;")),
    levelEncoder(
        "ml.count_encoder", .counts,
        FunctionDocumentation(
            "_FUNC_(x, label[, least_rows[, folds[, key]]]) OVER () - Returns how many rows with this value of x have which class of label",
            extended: "An array: the rows of each class, log-odds (of two classes the later one's, else of each), and 1 where the value has less\n"
                + "than least_rows rows (10 unless given) and counts with others like it, else 0.\n" + foldHelp
                + "Example:\n  > SELECT city, _FUNC_(city, tipped) OVER () FROM trips;"),
        result: .array(.double)),
    levelEncoder(
        "ml.frequency_encoder", .frequency,
        FunctionDocumentation(
            "_FUNC_(x[, least_rows]) OVER () - Returns the share of the rows with this value of x",
            extended: rareHelp + "Example:\n  > SELECT city, _FUNC_(city) OVER () FROM trips;")),
]
