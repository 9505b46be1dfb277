import Columnar

/// What the map of options of `to_json` and `from_json` says, by Spark's names.
struct JSONOptions: Sendable {
    private(set) var datePattern: DateTimePattern?
    private(set) var timestampPattern: DateTimePattern?
    /// A value that does not fit its type fails the query.
    private(set) var failsFast = false
    /// Fields that are NULL are left out.
    private(set) var leavesOutNulls = true
    /// The column that takes texts that are not as the schema says.
    private(set) var corruptColumn = "_corrupt_record"

    static let usual = JSONOptions()

    private init() {}

    /// Reads the argument, a constant map of texts.
    /// - Throws: `FunctionError` for another argument, and for options that are not known here or have no such value.
    init(_ call: FunctionCall, _ index: Int) throws {
        guard case .map(let key, let value) = call.argumentTypes[index], key.isCharacter, value.isCharacter,
            index < call.constants.count, let map = call.constants[index], let list = map.list(0), map.children.count == 2
        else {
            throw FunctionError(.argumentType(index), "\(call.name) takes a constant map<string,string> of options")
        }
        for place in list where !map.children[0].isNull(place) && !map.children[1].isNull(place) {
            try set(
                map.children[0].stringAnyEncoding(place).string, map.children[1].stringAnyEncoding(place).string, call.name)
        }
    }

    private mutating func set(_ name: String, _ value: String, _ function: String) throws {
        func pattern() throws -> DateTimePattern {
            do { return try DateTimePattern(checking: Array(value.utf8)) } catch {
                throw FunctionError(.argument, "\(function): option \(name): \(error)")
            }
        }
        func boolean() throws -> Bool {
            guard let flag = Bool(value.lowercased()) else {
                throw FunctionError(.argument, "\(function): option \(name) is true or false, not '\(value)'")
            }
            return flag
        }
        switch name.lowercased() {
        case "dateformat": datePattern = try pattern()
        case "timestampformat", "timestampntzformat": timestampPattern = try pattern()
        case "ignorenullfields": leavesOutNulls = try boolean()
        case "columnnameofcorruptrecord": corruptColumn = value
        case "mode":
            switch value.uppercased() {
            case "PERMISSIVE": failsFast = false
            case "FAILFAST": failsFast = true
            default: throw FunctionError(.argument, "\(function): option mode is PERMISSIVE or FAILFAST, not '\(value)'")
            }
        default: throw FunctionError(.argument, "\(function): there is no option '\(name)'")
        }
    }
}
