import Engine
import TestSupport
import Testing

@Suite struct VariableTests {
    @Test func everyKindOfVariableIsSubstituted() throws {
        let temporary = try TemporaryWarehouse()
        let session = try Session(
            warehouse: temporary.warehouse, settings: ["x": "1", "name": "x"], variables: ["v": "2", "w": "${v}3"])
        #expect(try session.substituteVariables(in: "${hiveconf:x} ${hivevar:v} ${v} ${w}") == "1 2 2 23")
        #expect(try session.substituteVariables(in: "${hiveconf:${hiveconf:name}}") == "1")
        #expect(try session.substituteVariables(in: "${system:user.dir}").hasPrefix("/"))
        #expect(try session.substituteVariables(in: "${env:PATH}") != "${env:PATH}")
        // Settings need their prefix; what is unknown, empty or not closed stays.
        for text in ["${x}", "${hivevar:zz}", "${}", "${a b}", "$", "${", "a$b", "${v"] {
            #expect(try session.substituteVariables(in: text) == text)
        }
    }

    @Test func endlessSubstitutionIsAnError() throws {
        let temporary = try TemporaryWarehouse()
        let session = try Session(warehouse: temporary.warehouse, variables: ["a": "${b}", "b": "${a}", "c": "${c}${c}"])
        #expect(throws: HiveError.self) { try session.substituteVariables(in: "${a}") }
        #expect(throws: HiveError.self) { try session.substituteVariables(in: "${c}") }
    }

    @Test func settingsAreSetShownAndReset() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("set foo=bar baz ")
        #expect(try session.lines("set foo") == ["foo=bar baz"])
        #expect(try session.lines("set hiveconf:foo") == ["hiveconf:foo=bar baz"])
        #expect(try session.lines("set nope") == ["nope is undefined"])
        try session.execute("set hivevar:v=3")
        #expect(try session.lines("set hivevar:v") == ["hivevar:v=3"])
        #expect(try session.lines("set v") == ["v=3"])
        #expect(try session.lines("set hivevar:q") == ["hivevar:q is undefined as a hive variable"])
        #expect(try session.lines("set env:HIVEQL_NONE") == ["HIVEQL_NONE is undefined as an environmental variable"])
        #expect(session.failure("set env:A=1") == "env:* variables can not be set.")
        #expect(
            session.failure("set hive.exec.dynamic.partition=maybe")
                == "Query returned non-zero code: 1, cause: 'SET hive.exec.dynamic.partition=maybe' FAILED because "
                + "hive.exec.dynamic.partition expects BOOLEAN type value.")
        #expect(try session.lines("set hive.exec.dynamic.partition") == ["hive.exec.dynamic.partition=true"])
        #expect(try session.lines("set -v").contains("hive.cli.print.header=false"))
        try session.execute("reset foo")
        #expect(try session.lines("set foo") == ["foo is undefined"])
        #expect(try session.lines("set hive.exec.dynamic.partition.mode") == ["hive.exec.dynamic.partition.mode=nonstrict"])
    }

    @Test func substitutionCanBeSwitchedOff() throws {
        let temporary = try TemporaryWarehouse()
        let session = try Session(
            warehouse: temporary.warehouse, settings: ["hive.variable.substitute": "false"], variables: ["v": "2"])
        #expect(try session.substituteVariables(in: "${v}") == "${v}")
    }
}
