/// The tables of hyperparameters in `docs/learners.md`, made from the descriptions.
package enum LearnerReference {
    /// `page` with the table of every built-in kind anew between its marks, `<!-- parameters of NAME -->` and `<!-- end -->`.
    package static func updated(_ page: String) -> String {
        var lines = page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for kind in LearnerCatalog.builtIn {
            guard let start = lines.firstIndex(of: "<!-- parameters of \(kind.name) -->"),
                let end = lines[start...].firstIndex(of: "<!-- end -->")
            else { continue }
            lines.replaceSubrange((start + 1)..<end, with: [""] + table(kind) + [""])
        }
        return lines.joined(separator: "\n")
    }

    private static func table(_ kind: any LearnerKind) -> [String] {
        ["| name | default | value | meaning |", "| --- | --- | --- | --- |"]
            + kind.parameters.map { parameter in
                // What `auto` is stands where that is named.
                let automatic = parameter.automatic.map { " (\($0))" } ?? ""
                let isAutomatic = parameter.defaultValue == .automatic
                let value = parameter.defaultValue.text + (isAutomatic ? automatic : "")
                let range = parameter.range + (isAutomatic ? "" : automatic)
                func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
                return "| `\(parameter.name)` | \(cell(value)) | \(cell(range)) | \(parameter.explanation) |"
            }
    }
}
