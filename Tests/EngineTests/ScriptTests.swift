import Engine
import Foundation
import TestSupport
import Testing

/// Scripts through the library: the same runner that the program uses.
@Suite struct ScriptTests {
    @Test func statementsHaveTheLinesOfTheirFirstWords() {
        let script = Script("select 1;\n\n-- a; comment\n  select ';',\n 2; /* c */ select 'a\\;b';;\nquit", file: "s.hql")
        #expect(script.statements.map(\.line) == [1, 4, 5, 6])
        #expect(script.statements.map(\.file) == Array(repeating: "s.hql", count: 4))
        let again = Script("select 3; select 3; select 3")
        #expect(again.statements.map(\.range) == [0..<8, 9..<18, 19..<28])
    }

    @Test func filesAreReadVariablesReplacedAndQuitEnds() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        let path = temporary.root + "/inner.hql"
        try "\u{FEFF}select '${hivevar:x}';\nquit;\nselect 'never'".write(toFile: path, atomically: true, encoding: .utf8)
        session.variables["folder"] = temporary.root
        session.variables["x"] = "from the file"
        var lines: [String] = []
        try session.runScript("!true; select 1; source ${folder}/inner.hql; select 'never'") { _, result in
            lines += result.rows?.lines() ?? []
        }
        #expect(lines == ["1", "from the file"])
        #expect(throws: HiveError.self) { try session.runScript("!exit 3; select 1") }
        #expect(throws: HiveError.self) { try session.runScript("source \(temporary.root); select 1") }
    }

    @Test func wordsOfACommandGoToTheProgramAsTheyAre() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        let script = temporary.file("words", "#!/bin/sh\nprintf '<%s>' \"$@\" > \(temporary.root)/out\n")
        chmod(script, 0o755)
        session.variables["n"] = "7"
        try session.runScript("!\(script) <a  b> $HOME \"c d\" 'e' | ${n} *; select 1")
        #expect(try String(contentsOfFile: temporary.root + "/out", encoding: .utf8) == #"<<a><b>><$HOME><"c><d"><'e'><|><7><*>"#)
        #expect(throws: HiveError.self) { try session.runScript("!nosuchprogram x") }
        #expect(throws: HiveError.self) { try session.runScript("!false") }
    }

    @Test func aFileThatRunsItselfEnds() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hive.cli.errors.ignore": "true"])
        let a = temporary.root + "/a.hql", b = temporary.root + "/b.hql"
        try "source \(b); source \(b); select 'a'".write(toFile: a, atomically: true, encoding: .utf8)
        try "source \(a); source \(a); select 'b'".write(toFile: b, atomically: true, encoding: .utf8)
        var lines: [String] = [], errors: [String] = []
        try session.runScript("source \(a)") { _, result in
            lines += result.rows?.lines() ?? []
        } onError: { errors.append($0.message) }
        #expect(lines == ["b", "b", "a"])
        #expect(errors == Array(repeating: "source: \(a) runs itself", count: 4))
    }

    @Test func whatTheClosuresThrowEndsTheScript() throws {
        struct Enough: Error {}
        let session = try TemporaryWarehouse().session()
        var count = 0
        #expect(throws: Enough.self) {
            try session.runScript("select 1; select 2; select 3") { _, _ in
                count += 1
                if count == 2 { throw Enough() }
            }
        }
        #expect(count == 2)
    }
}
