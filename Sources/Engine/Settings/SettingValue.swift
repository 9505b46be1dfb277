/// A type that values of settings are read as.
protocol SettingValue: Sendable {
    /// Hive's name of the type, as refusals and the reference say it.
    static var typeName: String { get }

    /// nil for a text that is no value of the type.
    init?(settingText: String)

    /// The text that `SET name` prints for a default.
    var settingText: String { get }
}

extension Bool: SettingValue {
    static var typeName: String { "BOOLEAN" }

    init?(settingText: String) {
        switch settingText.lowercased() {
        case "true": self = true
        case "false": self = false
        default: return nil
        }
    }

    var settingText: String { self ? "true" : "false" }
}

extension Int32: SettingValue {
    static var typeName: String { "INT" }
    init?(settingText: String) { self.init(settingText) }
    var settingText: String { description }
}

extension Int64: SettingValue {
    static var typeName: String { "LONG" }
    init?(settingText: String) { self.init(settingText) }
    var settingText: String { description }
}

extension String: SettingValue {
    static var typeName: String { "STRING" }
    init?(settingText: String) { self = settingText }
    var settingText: String { self }
}

/// A number that need not be given.
struct OptionalNumber: SettingValue {
    static var typeName: String { "LONG" }
    let value: UInt64?

    init(_ value: UInt64?) { self.value = value }

    init?(settingText: String) {
        guard !settingText.isEmpty else {
            value = nil
            return
        }
        guard let number = UInt64(settingText) else { return nil }
        value = number
    }

    var settingText: String { value?.description ?? "" }
}

/// A number of bytes: `512m`, `4g`, or digits; nothing where the product decides.
struct ByteCount: SettingValue {
    static var typeName: String { "SIZE" }
    let bytes: Int?

    init(_ bytes: Int?) { self.bytes = bytes }

    init?(settingText: String) {
        guard !settingText.isEmpty else {
            bytes = nil
            return
        }
        let digits = settingText.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits) else { return nil }
        let shift: Int
        switch settingText.dropFirst(digits.count).lowercased() {
        case "", "b": shift = 0
        case "k", "kb": shift = 10
        case "m", "mb": shift = 20
        case "g", "gb": shift = 30
        case "t", "tb": shift = 40
        default: return nil
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        guard !overflow, bytes > 0 else { return nil }
        self.bytes = bytes
    }

    var settingText: String { bytes?.description ?? "" }
}

/// A length of time: `60s`, `500ms`, `2m`, or seconds.
struct SettingDuration: SettingValue {
    static var typeName: String { "TIME" }
    let seconds: Double

    init(seconds: Double) { self.seconds = seconds }

    init?(settingText: String) {
        let digits = settingText.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = Double(digits) else { return nil }
        let unit: Double
        switch settingText.dropFirst(digits.count).lowercased() {
        case "", "s", "sec": unit = 1
        case "ms", "msec": unit = 1e-3
        case "us", "usec": unit = 1e-6
        case "ns", "nsec": unit = 1e-9
        case "m", "min": unit = 60
        case "h", "hour": unit = 3600
        case "d", "day": unit = 86400
        default: return nil
        }
        seconds = number * unit
    }

    var settingText: String { seconds == seconds.rounded() ? "\(Int64(seconds))s" : "\(seconds)s" }
}

/// One of a few words, in any case.
protocol SettingWord: SettingValue, RawRepresentable<String>, CaseIterable {}

extension SettingWord {
    static var typeName: String { "[" + allCases.map(\.rawValue).joined(separator: ", ") + "]" }

    init?(settingText: String) { self.init(rawValue: settingText.lowercased()) }

    var settingText: String { rawValue }
}

/// How INSERT may make partitions from the rows' values.
enum DynamicPartitionMode: String, SettingWord {
    /// At least one partition column needs a value in the statement.
    case strict
    case nonstrict
}

/// What UPDATE, DELETE and MERGE do.
enum RowChangeMode: String, SettingWord {
    /// The partitions that they touch are written anew.
    case rewrite
    /// They are refused, as by a Hive without transactions.
    case refuse
}

/// What tables are stored as that do not say it.
enum DefaultFileFormat: String, SettingWord {
    case textfile, sequencefile, rcfile, orc, parquet

    /// As Hive prints its default.
    var settingText: String { self == .textfile ? "TextFile" : rawValue }
}

/// The same for managed tables; none: as for all tables.
enum ManagedFileFormat: String, SettingWord {
    case none, textfile, sequencefile, rcfile, orc, parquet
}

/// What back quotes hold.
enum QuotedIdentifiers: String, SettingWord {
    /// Patterns of column names.
    case none
    /// Names.
    case column
    /// Names, and double quotes too.
    case standard
}

/// What MSCK does with files where only folders should be.
enum PathValidation: String, SettingWord {
    case `throw`, skip, ignore
}

/// What the letters of patterns of times mean.
enum TimeFormatter: String, SettingWord {
    case simple, datetime
}

/// What SHOW and DESCRIBE print.
enum DefinitionOutput: String, SettingWord {
    case text, json
}

/// How the interactive shell shows rows.
enum ShellOutput: String, SettingWord {
    case table, lines, tabs, csv, tsv, json, jsonl, markdown, html, latex
}
