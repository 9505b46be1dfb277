import Platform

/// The settings of a session, which its statements, what they left running and other threads read and change.
final class SettingsStore: Sendable {
    private let value: Guarded<SessionSettings>

    init(_ settings: SessionSettings) { value = Guarded(settings) }

    var settings: SessionSettings { value.value }

    /// Changes settings; nobody sees or makes another change meanwhile.
    func update<Result>(_ body: (inout SessionSettings) throws -> Result) rethrows -> Result { try value.update(body) }

    func read(_ name: String) -> String? { value.withLock { $0.text(name) } }
}
