import Engine
import TestSupport
import Testing

/// CREATE FUNCTION … AS 'class', and ADD JAR | FILE. What Hive answers to its own classes stands in golden files.
@Suite struct ClassFunctionTests {
    @Test(arguments: [
        ("org.apache.hadoop.hive.ql.udf.generic.GenericUDFConcatWS", "f('-', 'a', 'b')", "a-b"),
        ("org.apache.hadoop.hive.ql.udf.UDFJson", #"f('{"a":1}', '$.a')"#, "1"),
        ("org.apache.hadoop.hive.ql.udf.generic.GenericUDAFAverage", "f(a)", "1.5"),
        ("org.apache.hadoop.hive.ql.udf.generic.GenericUDAFBinarySetFunctions$RegrCount", "f(a, a)", "2"),
        ("org.apache.hadoop.hive.ql.udf.generic.GenericUDFOPPlus", "f(1, 2)", "3"),
        ("brickhouse.udf.collect.CollectUDAF", "sort_array(f(a))", "[1,2]"),
        ("hivemall.tools.math.SigmoidGenericUDF", "f(0.0)", "0.5"),
    ])
    func knownClassesAreBuiltInFunctions(_ className: String, _ call: String, _ answer: String) throws {
        let session = try TemporaryWarehouse().session()
        try session.execute("create table t as select explode(array(1, 2)) as a")
        try session.execute("create temporary function f as '\(className)'")
        #expect(try session.lines("select \(call) from t limit 1") == [answer])
    }

    @Test func unknownClassesAreRefusedWhereTheyAreCalled() throws {
        let session = try TemporaryWarehouse().session()
        let result = try session.execute("create temporary function f as 'com.example.Nope'")
        #expect(result.warnings.first?.contains("com.example.Nope") == true)
        for call in ["select f(1)", "select x from (select 1 a) t lateral view f(a) v as x"] {
            #expect(session.failure(call)?.contains("com.example.Nope") == true, "\(call)")
        }
        try session.execute("create function org as 'org.apache.hadoop.hive.ql.udf.UDFNotThere'")
        #expect(session.failure("select org(1)")?.contains("UDFNotThere") == true)
    }

    @Test func permanentFunctionsBelongToTheirDatabases() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create database d")
        try session.execute("create function d.low as 'org.apache.hadoop.hive.ql.udf.generic.GenericUDFLower'")
        let other = try temporary.session()
        #expect(try other.lines("select d.low('A')") == ["a"])
        #expect(other.failure("select low('A')") != nil)
        #expect(try other.lines("show functions like 'd.low'") == ["d.low"])
        #expect(
            try other.lines("describe function extended d.low").suffix(2) == [
                "Function class:org.apache.hadoop.hive.ql.udf.generic.GenericUDFLower", "Function type:PERSISTENT",
            ])
        try session.execute("drop database d")
        #expect(other.failure("select d.low('A')") != nil)
    }

    @Test func filesAreListedAndForgotten() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        let path = temporary.file("script.py", "x")
        try session.execute("add file \(path)")
        try session.execute("add file \(path)")
        #expect(try session.lines("list files") == [path])
        #expect(try session.lines("list file /nope") == [])
        #expect(session.failure("add file /nope/nope") == "/nope/nope does not exist")
        #expect(try session.execute("add jar /nope/nope.jar").warnings.count == 1)
        #expect(try session.lines("list jars") == ["/nope/nope.jar"])
        try session.execute("delete file \(path)")
        #expect(try session.lines("list files") == [])
        #expect(entries(temporary.root).contains("script.py"))
    }
}
