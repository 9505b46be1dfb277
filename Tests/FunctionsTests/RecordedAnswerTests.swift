import Columnar
import Functions
import Testing

/// Scalar functions against answers that Hive gave, with their arguments as constants, as flat columns, and with rows
/// left out and NULL.
@Suite struct RecordedAnswerTests {
    @Test(arguments: FunctionExpression.Shape.allCases)
    func answersAreHives(shape: FunctionExpression.Shape) {
        for (expression, answer) in recordedAnswers {
            do {
                let got = try FunctionExpression.evaluate(expression, shape: shape)
                #expect(got == answer, "\(expression) as \(shape)")
            } catch {
                Issue.record("\(expression) as \(shape): \(error)")
            }
        }
    }
}

@Suite struct RegistryTests {
    private static let registry = FunctionRegistry.builtIn

    @Test func everyFunctionIsDocumented() {
        for name in Self.registry.names {
            guard let entry = Self.registry.entry(name) else {
                Issue.record("\(name) is listed and has no entry")
                continue
            }
            #expect(!entry.documentation.usage.isEmpty, "\(name)")
            #expect(entry.names.contains(name), "\(name)")
        }
    }

    @Test func namesAreLowerCase() {
        for name in Self.registry.names { #expect(name == name.lowercased()) }
    }

    @Test func namesAreGivenOnce() {
        var owners: [String: [String]] = [:]
        for names in builtInNames { for name in names { owners[name, default: []].append(names[0]) } }
        for (name, owners) in owners { #expect(owners.count == 1, "\(name) is a name of \(owners)") }
    }

    @Test(arguments: [("upper", 0), ("substr", 1), ("round", 0), ("if", 1), ("count", 0)])
    func wrongArgumentsAreErrors(name: String, count: Int) {
        guard let function = Self.registry.scalar(name) else { return }
        #expect(throws: FunctionError.self) {
            _ = try function.resolve(FunctionCall(name: name, argumentTypes: Array(repeating: .string, count: count)))
        }
    }
}
