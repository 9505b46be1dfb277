import Engine
import TestSupport
import Testing

/// Roles and privileges are kept and shown.
@Suite struct AuthorizationTests {
    private func fields(_ sql: String, _ session: Session, _ places: Int...) throws -> [[String]] {
        try session.lines(sql).map { line in
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return places.map { parts[$0] }
        }
    }

    /// The lines that Hive prints, but for the user's.
    @Test func plansSayWhatIsReadAndWritten() throws {
        let session = try TemporaryWarehouse().session()
        try session.runScript(
            """
            create table s (a int, b string);
            create table t (a int, b string);
            create table p (a int, b string) partitioned by (k int);
            insert into p partition (k = 1) values (1, 'x');
            insert into p partition (k = 2) values (1, 'x');
            create view v as select a from s;
            """)
        for (sql, inputs, outputs, operation) in [
            ("insert into t select * from s", ["default@s"], ["default@t"], "QUERY"),
            ("insert into p partition (k = 3) select * from s", ["default@s"], ["default@p@k=3"], "QUERY"),
            ("insert into p partition (k) select a, b, a from s", ["default@s"], ["default@p"], "QUERY"),
            ("insert overwrite table t select a, b from p where k = 1", ["default@p", "default@p@k=1"], ["default@t"], "QUERY"),
            ("create table q as select * from s", ["default@s"], ["database:default", "default@q"], "CREATETABLE_AS_SELECT"),
            ("create view q as select * from s", ["default@s"], ["database:default", "default@q"], "CREATEVIEW"),
            ("from s insert into t select * insert into p partition (k = 3) select *", ["default@s"], ["default@t", "default@p@k=3"], "QUERY"),
            ("select * from s", ["default@s"], [], "QUERY"),
            ("select 1", ["_dummy_database@_dummy_table"], [], "QUERY"),
        ] {
            var lines = try session.lines("explain authorization \(sql)")
            if let user = lines.firstIndex(of: "CURRENT_USER: ") { lines.remove(at: user + 1) }
            let wanted = ["INPUTS: "] + inputs.map { "  " + $0 } + ["OUTPUTS: "] + outputs.map { "  " + $0 }
            #expect(lines == wanted + ["CURRENT_USER: ", "OPERATION: ", "  " + operation], "\(sql)")
        }
        #expect(session.failure("explain authorization select nope from s")?.contains("[Error 10004]") == true)
        #expect(session.failure("explain authorization insert into nope select 1") != nil)
    }

    @Test func privilegesAreShownUntilTheyAreRevokedOrTheirTableGoes() throws {
        let session = try TemporaryWarehouse().session()
        try session.execute("create table t (a int, b int)")
        let result = try session.execute("grant select, insert on table t to user Ann with grant option")
        #expect(result.warnings == ["Privileges and roles are kept and shown, and not enforced."])
        try session.execute("grant select (a) on table t to user bob")
        try session.execute("grant all on database default to user bob")
        #expect(
            try fields("show grant on table t", session, 0, 1, 3, 4, 5, 6, 7) == [
                ["default", "t", "", "Ann", "USER", "INSERT", "true"], ["default", "t", "", "Ann", "USER", "SELECT", "true"],
                ["default", "t", "a", "bob", "USER", "SELECT", "false"],
            ])
        #expect(
            try fields("show grant user bob on database default", session, 1, 6) == [
                ["", "DELETE"], ["", "INSERT"], ["", "SELECT"], ["", "UPDATE"],
            ])
        try session.execute("revoke grant option for select on table t from user Ann")
        try session.execute("revoke insert on table t from user Ann")
        #expect(try fields("show grant user Ann", session, 6, 7) == [["SELECT", "false"]])
        #expect(session.failure("grant select on table nope to user x")?.contains("Table not found nope") == true)
        #expect(session.failure("grant select on table t to role nope")?.contains("Role nope does not exist") == true)
        try session.execute("drop table t")
        #expect(try session.lines("show grant user Ann") == [])
    }

    @Test func rolesHaveMembers() throws {
        let session = try TemporaryWarehouse().session()
        try session.execute("create role r")
        #expect(session.failure("create role r")?.hasSuffix("Role r already exists.") == true)
        #expect(session.failure("create role `all`")?.contains("reserved") == true)
        #expect(try session.lines("show roles") == ["admin", "public", "r"])
        let user = try #require(try session.lines("select current_user()").first)
        #expect(session.failure("set role r")?.contains("doesn't belong to role r") == true)
        try session.execute("grant r to user \(user) with admin option")
        #expect(try fields("show role grant user \(user)", session, 0, 1) == [["r", "true"], ["public", "false"]])
        #expect(try fields("show principals r", session, 0, 1, 2) == [[user, "USER", "true"]])
        #expect(try session.lines("show current roles") == ["r", "public"])
        try session.execute("set role r")
        #expect(try session.lines("show current roles") == ["r"])
        try session.execute("revoke r from user \(user)")
        try session.execute("set role all")
        #expect(try session.lines("show current roles") == ["public"])
        try session.execute("drop role r")
        #expect(session.failure("drop role r")?.contains("Role r does not exist") == true)
    }
}
