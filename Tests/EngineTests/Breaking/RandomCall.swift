#if os(Linux)
import Columnar
import Functions

/// A call of a function of the registry, or of what the language writes in another way, with constants at the ends of
/// their types; as statements that have to give the same rows.
struct RandomCall {
    private static let registry = FunctionRegistry.builtIn
    /// `cast` is no function, but what it does are kernels as those.
    static let names = registry.names + ["cast"]
    private static let castTypes = [
        "tinyint", "smallint", "int", "bigint", "float", "double", "boolean", "string", "varchar(2)", "char(3)", "binary", "date", "timestamp",
        "decimal(38,38)", "decimal(38,0)", "decimal(5,2)", "timestamp with local time zone", "interval day to second", "array<string>",
    ]

    private let name: String
    private let arguments: [EdgeLiteral]
    private let castType: String
    private let isDistinct: Bool

    init(_ random: inout RandomSource) {
        let name = random.pick(Self.names, or: "abs")
        self.name = name
        var drawn: [EdgeLiteral] = []
        // Types that the function takes, when they turn up soon.
        for _ in 0..<25 {
            drawn = (0..<random.pick([0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5], or: 1)).map { _ in EdgeLiteral.random(&random) }
            if Self.takes(name, drawn) { break }
        }
        arguments = drawn
        castType = random.pick(Self.castTypes, or: "int")
        isDistinct = random.chance(15)
    }

    /// Without the constants' values, which some functions ask for: those get what is drawn last.
    private static func takes(_ name: String, _ arguments: [EdgeLiteral]) -> Bool {
        let call = FunctionCall(name: name, argumentTypes: arguments.map(\.type))
        switch registry.entry(name) {
        case .scalar(let function): return (try? function.resolve(call)) != nil
        case .aggregate(let function): return (try? function.resolve(call)) != nil
        case .window(let function): return (try? function.resolve(call)) != nil
        case .table(let function): return (try? function.resolve(call)) != nil
        case .fitted(let function): return (try? function.resolve(call)) != nil
        case nil: return arguments.count == 1
        }
    }

    /// Equal calls give equal answers, in all queries.
    var isRepeatable: Bool {
        guard case .scalar(let function) = Self.registry.entry(name) else { return true }
        return function.traits.stability == .immutable
    }

    /// A constant beside a DECIMAL counts otherwise than a column, as in Hive, and a column of no type is one of texts.
    var isSameForColumns: Bool {
        // Hive's masks take what they are told from constants alone.
        guard arguments.allSatisfy({ $0.type != .void }), !name.hasPrefix("mask") else { return false }
        guard case .scalar(let function) = Self.registry.entry(name) else { return true }
        return !function.traits.narrowsConstants || arguments.allSatisfy { if case .decimal = $0.type { false } else { true } }
    }

    /// With constants, over as many rows as `onColumns` has where rows count.
    var onConstants: String {
        switch Self.registry.entry(name) {
        case .aggregate, .window, .fitted: "select \(call(arguments.map(\.text))) from (\(rows(3))) q"
        case .scalar, .table, nil: "select \(call(arguments.map(\.text)))"
        }
    }

    /// With columns whose rows hold the constants.
    var onColumns: String {
        let columns = arguments.indices.map { "c\($0)" }
        switch Self.registry.entry(name) {
        case .aggregate, .window, .fitted: return "select \(call(columns)) from (\(rows(3))) q"
        case .table: return "select t.* from (\(rows(1))) q lateral view \(call(columns)) t"
        case .scalar, nil: return "select \(call(columns)) from (\(rows(3, withNulls: true))) q where r <> 2"
        }
    }

    /// How often the answer on constants is there on columns.
    var rowsOfColumns: Int { if case .scalar? = Self.registry.entry(name) { 2 } else if Self.registry.entry(name) == nil { 2 } else { 1 } }

    private func rows(_ count: Int, withNulls: Bool = false) -> String {
        let rows = (1...count).map { row in
            let fields = arguments.enumerated().map { number, argument in
                ", 'c\(number)', " + (withNulls && row == 2 ? "if(false, \(argument.text), null)" : argument.text)
            }
            return "named_struct('r', \(row)\(fields.joined()))"
        }
        let names = arguments.indices.map { ", c\($0)" }.joined()
        return "select r\(names) from (select 1 one) o lateral view inline(array(\(rows.joined(separator: ", ")))) e as r\(names)"
    }

    private func call(_ arguments: [String]) -> String {
        if name == "cast" { return "cast(\(arguments.first ?? "null") as \(castType))" }
        let list = arguments.joined(separator: ", ")
        switch Self.registry.entry(name) {
        case .window: return "\(name)(\(list)) over (order by r)"
        case .aggregate: return "\(name)(\(isDistinct ? "distinct " : "")\(list))"
        case .fitted: return "\(name)(\(list)) over ()"
        default: break
        }
        let isWord = name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
        switch (name, arguments.count) {
        case ("between", 3): return "\(arguments[0]) between \(arguments[1]) and \(arguments[2])"
        case ("in", 2...): return "\(arguments[0]) in (\(arguments.dropFirst().joined(separator: ", ")))"
        case ("case", 3...): return "case \(arguments[0]) when \(arguments[1]) then \(arguments[2]) end"
        case ("when", 2...): return "case when \(arguments[0]) then \(arguments[1]) end"
        case ("like", 2), ("rlike", 2), ("regexp", 2), ("and", 2), ("or", 2), ("div", 2): return "\(arguments[0]) \(name) \(arguments[1])"
        case ("not", 1): return "not \(arguments[0])"
        case (_, 1) where !isWord: return "\(name) \(arguments[0])"
        case (_, 2) where !isWord: return "\(arguments[0]) \(name) \(arguments[1])"
        default: return isWord ? "\(name)(\(list))" : "`\(name)`(\(list))"
        }
    }
}
#endif
