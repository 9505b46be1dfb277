import Foundation
import Testing

/// The examples of the documentation, as a reader would try them: each file's blocks in their order, in a folder and a
/// warehouse of their own. Where a block shows output, it is compared.
@Suite struct DocumentationTests {
    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    private static let root = tests.deletingLastPathComponent().deletingLastPathComponent()

    /// Every Markdown file of the repository that a user reads.
    static let files: [String] = {
        let documents = (try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("docs").path)) ?? []
        return ["README.md", "CONTRIBUTING.md"] + documents.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    }()

    private static func examples(of file: String) throws -> [DocumentExample] {
        DocumentExample.all(in: try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8), file: file)
    }

    @Test(arguments: files)
    func examplesRun(file: String) throws {
        let examples = try Self.examples(of: file).filter { example in
            if case .notRun(let reason) = example.mark {
                #expect(!reason.isEmpty, "\(example.place) is not run without a reason")
                return false
            }
            return true
        }
        let compiled = try Self.compiledExamples()
        // Programs are only started for files that have something to run.
        var tool: CommandLineTool?
        for example in examples {
            if case .replacing(let replacements) = example.mark {
                for replacement in replacements {
                    #expect(example.lines.contains { $0.contains(replacement.old) }, "\(example.place) has no \(replacement.old)")
                }
                #expect(!replacements.isEmpty, "\(example.place): run with what instead of what?")
            }
            switch example.language {
            case "text": continue
            case "swift":
                #expect(compiled.contains(example.lines), "\(example.place) is in no file of Tests/HiveQLTests")
                continue
            case "sh", "console", "sql": break
            default:
                Issue.record("\(example.place): a block of \(example.language.isEmpty ? "no language" : example.language) is not known")
                continue
            }
            if tool == nil { tool = try CommandLineTool(clone: Self.root.path) }
            if let tool { try Self.run(example, tool) }
        }
    }

    private static func run(_ example: DocumentExample, _ tool: CommandLineTool) throws {
        let lines = example.runLines
        switch example.language {
        case "sh":
            let outcome = try tool.runCommands(lines.joined(separator: "\n"))
            #expect(outcome.status == 0, "\(example.place): \(outcome.output)")
        case "sql":
            let outcome = try tool.run("-f", try tool.folder.file("example.hql", lines.joined(separator: "\n").utf8))
            #expect(outcome.status == 0, "\(example.place): \(outcome.errors)")
        default:
            var rest = lines[...]
            while let line = rest.popFirst() {
                guard line.hasPrefix("$ ") else {
                    Issue.record("\(example.place): output before the first command: \(line)")
                    return
                }
                let shown = Array(rest.prefix { !$0.hasPrefix("$ ") })
                rest = rest.dropFirst(shown.count)
                if shown.first?.hasPrefix("hiveql> ") == true {
                    try runShell(shown, tool, example.place)
                } else {
                    let got = try tool.runCommands(String(line.dropFirst(2))).output
                    #expect(agrees(got, shown: shown), "\(example.place): \(line)\n\(got)")
                }
            }
        }
    }

    /// Texts agree when their words do, times aside; `…` stands for any text.
    private static func agrees(_ got: String, shown: [String]) -> Bool {
        func words(_ text: String) -> String {
            text.split(whereSeparator: \.isWhitespace).joined(separator: " ").replacing(/[0-9.]+ seconds/, with: "N seconds")
        }
        let parts = words(shown.joined(separator: "\n")).components(separatedBy: "…")
        var rest = words(got)[...]
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return rest == parts.joined() }
        guard rest.hasPrefix(first) else { return false }
        rest = rest.dropFirst(first.count)
        guard rest.hasSuffix(last) else { return false }
        rest = rest.dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.range(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }

    /// Types what stands behind the prompts and waits for the lines between them.
    private static func runShell(_ lines: [String], _ tool: CommandLineTool, _ place: String) throws {
        let shell = try tool.startShell()
        for line in lines {
            if line.hasPrefix("hiveql> ") {
                try shell.expectPrompt()
                shell.type("\(line.dropFirst(8))\n")
            } else if line.hasPrefix("      > ") {
                try shell.expect("      > ")
                shell.type("\(line.dropFirst(8))\n")
            } else if let time = line.firstMatch(of: /^Time taken: [0-9.]+/) {
                try shell.expect("Time taken: ")
                try shell.expect("\(line[time.range.upperBound...])\r\n")
            } else {
                try shell.expect("\(line)\r\n")
            }
        }
        try shell.expectPrompt()
        shell.type("\u{4}")
        #expect(try shell.end() == 0, "\(place)")
    }

    // MARK: Swift

    /// What stands between the marks `// … begins` and `// … ends` in these tests, which the compiler has seen.
    private static func compiledExamples() throws -> [[String]] {
        try FileManager.default.contentsOfDirectory(atPath: tests.path).filter { $0.hasSuffix("Example.swift") }.sorted().compactMap { name in
            let code = try String(contentsOf: tests.appendingPathComponent(name), encoding: .utf8).components(separatedBy: "\n")
            guard let begin = code.firstIndex(where: { $0.hasSuffix("// README begins") }),
                let end = code.firstIndex(where: { $0.hasSuffix("// README ends") })
            else { return nil }
            return ["import HiveQL", ""] + code[(begin + 1)..<end].map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : $0 }
        }
    }

    @Test func compiledExamplesAreShown() throws {
        let shown = try Self.files.flatMap { try Self.examples(of: $0) }.filter { $0.language == "swift" }.map(\.lines)
        for example in try Self.compiledExamples() {
            #expect(shown.contains(example), "no Markdown file shows the example that begins with \(example.dropFirst(2).first ?? "")")
        }
    }

    // MARK: The reader of Markdown

    @Test func marksAreRead() {
        let text = """
            <!-- not run: no network -->
            ```sh
            a
            ```
            <!-- run with: 2 instead of 100, x instead of /tmp/x -->

            ```console
            $ b 100 /tmp/x
            ```
            text
            ```
            c
            ```
            """
        let examples = DocumentExample.all(in: text, file: "f.md")
        #expect(examples.map(\.language) == ["sh", "console", ""])
        #expect(examples.map(\.line) == [2, 7, 11])
        #expect(examples.first?.mark == .notRun(reason: "no network"))
        #expect(examples.dropFirst().first?.runLines == ["$ b 2 x"])
        #expect(examples.last?.mark == DocumentExample.Mark.none)
    }

    @Test func outputsAreCompared() {
        #expect(Self.agrees("a  b\nc\n", shown: ["a b c"]))
        #expect(Self.agrees("OK\nTime taken: 0.2 seconds\n", shown: ["OK", "Time taken: 0.004 seconds"]))
        #expect(Self.agrees("at /tmp/x/t: full\n", shown: ["at …/t: full"]))
        #expect(!Self.agrees("at /tmp/x/t: full, and more\n", shown: ["at …/t: full"]))
        #expect(Self.agrees("FAILED: some reason\n", shown: ["FAILED: …"]))
        #expect(Self.agrees("a 1 b 2 c\n", shown: ["a … b … c"]))
        #expect(!Self.agrees("a b c d", shown: ["a b c"]))
        #expect(!Self.agrees("", shown: ["a"]))
        #expect(Self.agrees("", shown: []))
    }
}
