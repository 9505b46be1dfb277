/// A setting that the product knows, typed.
///
/// `Value` is a `SettingValue` wherever it matters; that the type does not say so spares every start the search for a dozen
/// conformances.
struct Setting<Value: Sendable>: Sendable {
    let name: String
    let defaultValue: Value
    let effect: SettingEffect
    let summary: String
    private let isAllowed: @Sendable (Value) -> Bool

    /// - Parameter isAllowed: which values of the type have a meaning.
    init(
        _ name: String, _ defaultValue: Value, effect: SettingEffect = .used, _ summary: String,
        where isAllowed: @escaping @Sendable (Value) -> Bool = { _ in true }
    ) {
        self.name = name
        self.defaultValue = defaultValue
        self.effect = effect
        self.summary = summary
        self.isAllowed = isAllowed
    }
}

extension Setting: KnownSetting where Value: SettingValue {
    var typeName: String { Value.typeName }
    var defaultText: String { defaultValue.settingText }
    func accepts(_ value: String) -> Bool { Value(settingText: value).map(isAllowed) ?? false }
}

/// Whether a setting changes what statements do.
enum SettingEffect: Sendable {
    case used
    /// Scripts written for a cluster set it; here it is accepted and changes nothing.
    case none
}

/// What the registry knows of a setting whatever the type of its values.
protocol KnownSetting: Sendable {
    var name: String { get }
    var typeName: String { get }
    /// What `SET name` prints when nobody set it.
    var defaultText: String { get }
    var effect: SettingEffect { get }
    /// One sentence.
    var summary: String { get }
    func accepts(_ value: String) -> Bool
}

/// Settings whose names have a part that varies.
struct SettingFamily: Sendable {
    let prefix: String
    let suffix: String
    /// As the reference writes the name: `hiveql.fs.<scheme>.root`.
    let pattern: String
    let typeName: String
    let defaultText: String
    let summary: String
    let accepts: @Sendable (_ part: String, _ value: String) -> Bool

    /// What stands in the varying place of `name`; nil when it is not of the family.
    func part(of name: String) -> String? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix), name.utf8.count > prefix.utf8.count + suffix.utf8.count
        else { return nil }
        return String(name.dropFirst(prefix.count).dropLast(suffix.count))
    }
}
