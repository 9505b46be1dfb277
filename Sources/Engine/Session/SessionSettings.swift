/// A session's settings (`hiveconf`), variables (`hivevar`) and system properties.
struct SessionSettings: Sendable {
    /// Values that were set, by name as written; others have the default of their definition.
    private(set) var configuration: [String: String] = [:]
    var variables: [String: String] = [:]
    var systemProperties: [String: String] = [:]
    /// What the session began with, for RESET.
    private var initial: [String: String] = [:]

    init(_ initial: [String: String] = [:]) {
        configuration = initial
        self.initial = initial
    }

    /// The value that holds: set, or default; nil for a name that is neither set nor known.
    subscript(name: String) -> String? { configuration[name] ?? SettingDefinition.byName[name]?.defaultValue }

    func flag(_ name: String) -> Bool { self[name].map { $0.lowercased() == "true" || $0 == "1" } ?? false }

    func integer(_ name: String) -> Int { self[name].flatMap { Int($0) } ?? 0 }

    /// - Throws: `HiveError` when the setting is known and the value is not of its type.
    mutating func set(_ name: String, _ value: String) throws {
        if let definition = SettingDefinition.byName[name], !definition.accepts(value) {
            throw HiveError(
                message: "Query returned non-zero code: 1, cause: 'SET \(name)=\(value)' FAILED because \(name) expects "
                    + "\(definition.kind.rawValue) type value.", code: 1)
        }
        configuration[name] = value
    }

    /// Back to what the session began with.
    mutating func reset() { configuration = initial }

    mutating func reset(_ name: String, toDefault: Bool) {
        configuration[name] = toDefault ? nil : initial[name]
    }

    /// All names with their values, for what is told to planner and functions.
    var effective: [String: String] {
        var values = configuration
        for definition in SettingDefinition.all where values[definition.name] == nil {
            values[definition.name] = definition.defaultValue
        }
        return values
    }

    /// `60s`, `500ms`, `2m`, or seconds.
    static func seconds(_ text: String) -> Double? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits) else { return nil }
        switch text.dropFirst(digits.count).lowercased() {
        case "", "s", "sec": return number
        case "ms", "msec": return number / 1000
        case "us", "usec": return number / 1e6
        case "ns", "nsec": return number / 1e9
        case "m", "min": return number * 60
        case "h", "hour": return number * 3600
        case "d", "day": return number * 86400
        default: return nil
        }
    }

    /// `512m`, `4g`, or bytes.
    static func bytes(_ text: String) -> Int? {
        let digits = text.prefix { $0.isNumber }
        guard let number = Int(digits) else { return nil }
        let shift: Int
        switch text.dropFirst(digits.count).lowercased() {
        case "", "b": shift = 0
        case "k", "kb": shift = 10
        case "m", "mb": shift = 20
        case "g", "gb": shift = 30
        case "t", "tb": shift = 40
        default: return nil
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        return overflow ? nil : bytes
    }
}

extension SessionSettings {
    /// The value behind `${name}`.
    func substitute(_ name: String) -> String? {
        if let rest = name.droppingPrefix("system:") { return systemProperties[rest] ?? SystemProperties.value(rest) }
        if let rest = name.droppingPrefix("env:") { return SystemProperties.environment(rest) }
        if let rest = name.droppingPrefix("hiveconf:") { return self[rest] }
        if let rest = name.droppingPrefix("hivevar:") { return variables[rest] }
        return variables[name]
    }

    /// What `SET name` prints.
    func describe(_ name: String) -> String {
        if let rest = name.droppingPrefix("system:") {
            guard let value = systemProperties[rest] ?? SystemProperties.value(rest) else {
                return "\(rest) is undefined as a system property"
            }
            return "system:\(rest)=\(value)"
        }
        if let rest = name.droppingPrefix("env:") {
            guard let value = SystemProperties.environment(rest) else {
                return "\(rest) is undefined as an environmental variable"
            }
            return "env:\(rest)=\(value)"
        }
        if let rest = name.droppingPrefix("hiveconf:") {
            guard let value = self[rest] else { return "\(rest) is undefined as a hive configuration variable" }
            return "hiveconf:\(rest)=\(value)"
        }
        if let rest = name.droppingPrefix("hivevar:") {
            guard let value = variables[rest] else { return "\(name) is undefined as a hive variable" }
            return "hivevar:\(rest)=\(value)"
        }
        if let value = self[name] ?? variables[name] { return "\(name)=\(value)" }
        return "\(name) is undefined"
    }

    /// `SET name=value`. - Throws: `HiveError` for `env:` and for a value of the wrong type.
    mutating func assign(_ name: String, _ value: String) throws {
        if name.hasPrefix("env:") { throw HiveError(message: "env:* variables can not be set.", code: 1) }
        if let rest = name.droppingPrefix("system:") {
            systemProperties[rest] = value
        } else if let rest = name.droppingPrefix("hiveconf:") {
            try set(rest, value)
        } else if let rest = name.droppingPrefix("hivevar:") {
            variables[rest] = value
        } else {
            try set(name, value)
        }
    }

    /// What `SET` (only what was changed, and variables) and `SET -v` (everything) print.
    func listing(all: Bool) -> [String] {
        var lines = (all ? effective : configuration).map { "\($0.key)=\($0.value)" }
        lines += variables.map { "hivevar:\($0.key)=\($0.value)" }
        lines.sort()
        if all {
            lines += Set(SystemProperties.names).union(systemProperties.keys).sorted().compactMap { name in
                (systemProperties[name] ?? SystemProperties.value(name)).map { "system:\(name)=\($0)" }
            }
        }
        return lines
    }
}

extension String {
    func droppingPrefix(_ prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}
