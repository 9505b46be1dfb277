/// The reference of all settings as a page of Markdown; `docs/settings.md` is this text.
package enum SettingsReference {
    package static func markdown() -> String {
        var lines = [
            "# Settings", "",
            "`SET name=value` for the session, `-hiveconf name=value` for the program, `RESET` back to how the session",
            "began. `SET name` prints the value, `SET` what was changed, `SET -v` everything. A value of another type than",
            "the setting's is refused. This page is made from the registry in `Sources/Engine/Settings`; a test holds it",
            "to it (`HIVEQL_WRITE_REFERENCE=1 make test` writes it anew).", "",
            "## Settings that change what statements do", "",
        ]
        lines += table(Settings.all.filter { $0.effect == .used }, families: Settings.families)
        lines += [
            "", "## Settings that are accepted and change nothing", "",
            "Scripts written for a cluster set these. Any other name that does not begin with `hiveql.` is kept as well.", "",
        ]
        lines += table(Settings.all.filter { $0.effect == .none }, families: [])
        return lines.joined(separator: "\n") + "\n"
    }

    private static func table(_ settings: [any KnownSetting], families: [SettingFamily]) -> [String] {
        var rows = settings.map { (name: $0.name, type: $0.typeName, value: $0.defaultText, summary: $0.summary) }
        rows += families.map { (name: $0.pattern, type: $0.typeName, value: $0.defaultText, summary: $0.summary) }
        rows.sort { $0.name < $1.name }
        return ["| setting | type | default | meaning |", "| --- | --- | --- | --- |"]
            + rows.map { row in
                "| `\(row.name)` | \(row.type) | \(row.value.isEmpty ? "" : "`\(row.value)`") | \(row.summary) |"
            }
    }
}
