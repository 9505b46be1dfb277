import HiveSyntax
import Platform

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

    /// The value that holds: set, or default.
    subscript<Value: SettingValue>(setting: Setting<Value>) -> Value {
        guard let text = configuration[setting.name] else { return setting.defaultValue }
        // A session may begin with a value that is not of the type.
        return Value(settingText: text) ?? setting.defaultValue
    }

    /// The value that somebody set; nil where the default holds.
    func given<Value: SettingValue>(_ setting: Setting<Value>) -> Value? {
        configuration[setting.name].flatMap { Value(settingText: $0) }
    }

    /// The text of the value that holds: set, or default; nil for a name that is neither set nor known.
    func text(_ name: String) -> String? {
        if let value = configuration[name] { return value }
        if let known = Settings.byName[name] { return known.defaultText }
        return Settings.families.first { $0.part(of: name) != nil }?.defaultText
    }

    /// What was set of formats of files, by names that Hive's writers know.
    var ofFormats: [String: String] {
        configuration.filter { name, _ in Self.formatPrefixes.contains { name.hasPrefix($0) } }
    }

    /// What was set, as programs of TRANSFORM see it: `hive_cli_errors_ignore=true`.
    var asEnvironment: [String] {
        configuration.map { name, value in
            let letters = name.unicodeScalars.map { scalar -> Character in
                scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil) ? Character(scalar) : "_"
            }
            return "\(String(letters))=\(value.prefix(Self.longestVariable))"
        }
    }

    /// Longer values are cut: a program's environment has little room (`hive.script.operator.truncate.env`).
    private static let longestVariable = 20 * 1024

    private static let formatPrefixes = [
        "orc.", "hive.exec.orc.", "parquet.", "hive.parquet.", "avro.", "hive.io.rcfile.", "hive.exec.compress.output",
        "hive.lazysimple.", "textinputformat.",
        "mapreduce.output.fileoutputformat.compress.", "mapred.output.compression.",
    ]

    /// Hadoop's names of old and those that took their place: whoever sets one sets both.
    private static let renamed = [
        "mapred.output.compress": "mapreduce.output.fileoutputformat.compress",
        "mapred.output.compression.codec": "mapreduce.output.fileoutputformat.compress.codec",
        "mapred.output.compression.type": "mapreduce.output.fileoutputformat.compress.type",
        Settings.reduceTasks.name: Settings.reducers.name,
    ]

    /// - Throws: `HiveError` when the value is not of the setting's type, or the name begins with `hiveql.` and is none.
    mutating func set(_ name: String, _ value: String) throws {
        try Self.check(name, value)
        configuration[name] = value
        for (old, new) in Self.renamed where name == old || name == new {
            configuration[old] = value
            configuration[new] = value
        }
    }

    /// - Throws: as `set`.
    static func check(_ name: String, _ value: String) throws {
        if let known = Settings.byName[name] {
            guard known.accepts(value) else {
                // Hive's words for its settings; the summaries of the others say what is allowed.
                let allowed = name.hasPrefix("hiveql.") ? " \(known.summary)" : ""
                throw refusal(name, value, "\(name) expects \(known.typeName) type value.\(allowed)")
            }
        } else if let family = Settings.families.first(where: { $0.part(of: name) != nil }) {
            guard let part = family.part(of: name), family.accepts(part, value) else {
                throw refusal(name, value, "\(family.pattern) expects \(family.typeName) type value. \(family.summary)")
            }
        } else if name.hasPrefix("hiveql.") {
            var error = refusal(name, value, "there is no setting \(name)")
            error.hint = NearestName.hint(for: name, among: Settings.all.map(\.name))
            throw error
        }
    }

    private static func refusal(_ name: String, _ value: String, _ reason: String) -> HiveError {
        HiveError(
            message: "Query returned non-zero code: 1, cause: 'SET \(name)=\(value)' FAILED because \(reason)", code: 1)
    }

    /// Back to what the session began with.
    mutating func reset() { configuration = initial }

    mutating func reset(_ name: String, toDefault: Bool) {
        configuration[name] = toDefault ? nil : initial[name]
    }
}

extension SessionSettings {
    /// The value behind `${name}`.
    func substitute(_ name: String) -> String? {
        if let rest = name.droppingPrefix("system:") { return systemProperties[rest] ?? SystemProperties.value(rest) }
        if let rest = name.droppingPrefix("env:") { return environmentVariable(rest) }
        if let rest = name.droppingPrefix("hiveconf:") { return text(rest) }
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
            guard let value = environmentVariable(rest) else {
                return "\(rest) is undefined as an environmental variable"
            }
            return "env:\(rest)=\(value)"
        }
        if let rest = name.droppingPrefix("hiveconf:") {
            guard let value = text(rest) else { return "\(rest) is undefined as a hive configuration variable" }
            return "hiveconf:\(rest)=\(value)"
        }
        if let rest = name.droppingPrefix("hivevar:") {
            guard let value = variables[rest] else { return "\(name) is undefined as a hive variable" }
            return "hivevar:\(rest)=\(value)"
        }
        if let value = text(name) ?? variables[name] { return "\(name)=\(value)" }
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

    /// What `SET` prints: what was changed, and variables.
    func changedListing() -> [String] {
        (configuration.map { "\($0.key)=\($0.value)" } + variables.map { "hivevar:\($0.key)=\($0.value)" }).sorted()
    }

    /// What `SET -v` prints: all that the product knows or was told, those without effect apart.
    func fullListing() -> [String] {
        let known = Dictionary(grouping: Settings.all) { $0.effect }
        func lines(_ settings: [any KnownSetting]?) -> [String] {
            (settings ?? []).map { "\($0.name)=\(configuration[$0.name] ?? $0.defaultText)" }
        }
        let families = configuration.filter { name, _ in Settings.families.contains { $0.part(of: name) != nil } }
        let unknown = configuration.filter { Settings.byName[$0.key] == nil && families[$0.key] == nil }
        var result = (lines(known[.used]) + families.map { "\($0.key)=\($0.value)" }).sorted()
        result += variables.map { "hivevar:\($0.key)=\($0.value)" }.sorted()
        result += Set(SystemProperties.names).union(systemProperties.keys).sorted().compactMap { name in
            (systemProperties[name] ?? SystemProperties.value(name)).map { "system:\(name)=\($0)" }
        }
        result.append("# accepted, without effect:")
        result += (lines(known[SettingEffect.none]) + unknown.map { "\($0.key)=\($0.value)" }).sorted()
        return result
    }
}

extension String {
    func droppingPrefix(_ prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}
