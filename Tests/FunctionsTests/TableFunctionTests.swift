import Columnar
import Functions
import Testing

@Suite struct TableFunctionTests {
    /// Rows of all generated columns as text, with the source row in front.
    private static func generate(_ name: String, _ arguments: [Column], constants: [Column?]? = nil) throws -> [String] {
        let function = try #require(FunctionRegistry.builtIn.table(name))
        let count = arguments[0].count
        let resolved = try function.resolve(
            FunctionCall(name: name, argumentTypes: arguments.map(\.type), constants: constants))
        let converted = try zip(arguments, resolved.argumentTypes).map {
            try Cast.apply($0, to: $1, rows: .all(count), count: count)
        }
        let result = try resolved.generate(
            KernelInput(arguments: converted, rows: .all(count), count: count, context: FunctionExpression.context))
        #expect(result.columns.map(\.type) == resolved.columns.map(\.type))
        return (0..<result.count).map { row in
            let buffer = ByteBuffer()
            buffer.append("\(result.sources[row])")
            for column in result.columns {
                buffer.append(9)
                TextFormatter(.output).append(column, row: row, to: buffer)
            }
            return buffer.string
        }
    }

    private static func lists(_ rows: [[Int32]?]) -> Column {
        let builder = ColumnBuilder(.array(.int))
        for row in rows {
            guard let row else {
                builder.appendNull()
                continue
            }
            for value in row { builder.children[0].append(value) }
            builder.append(listOf: row.count)
        }
        return builder.finish()
    }

    @Test func explodeMakesARowOfEachElement() throws {
        let column = Self.lists([[1, 2], nil, [], [3]])
        #expect(try Self.generate("explode", [column]) == ["0\t1", "0\t2", "3\t3"])
        #expect(try Self.generate("posexplode", [column]) == ["0\t0\t1", "0\t1\t2", "3\t0\t3"])
    }

    @Test func inlineMakesAColumnOfEachField() throws {
        let fields = [StructField(name: "a", type: .int), StructField(name: "b", type: .string)]
        let builder = ColumnBuilder(.array(.structure(fields)))
        let structs = builder.children[0]
        structs.children[0].append(Int32(1))
        structs.children[1].append("x")
        structs.appendStructure()
        structs.appendNull()
        builder.append(listOf: 2)
        #expect(try Self.generate("inline", [builder.finish()]) == ["0\t1\tx", "0\tNULL\tNULL"])
    }

    @Test func stackFillsItsRows() throws {
        let two = Column.constant(Int32(2), type: .int, count: 1)
        let a = Column.constant(string: "a".utf8, count: 1), b = Column.constant(string: "b".utf8, count: 1)
        let one = Column.constant(Int32(1), type: .int, count: 1)
        #expect(try Self.generate("stack", [two, a, one, b], constants: [two, a, one, b]) == ["0\ta\t1", "0\tb\tNULL"])
    }

    @Test func tuplesTakeTextsApart() throws {
        func texts(_ values: [String]) -> [Column] { values.map { .constant(string: $0.utf8, count: 1) } }
        let json = #"{"a":1,"b":{"c":2},"d":null,"e":"s","f":[1,2],"g":true,"h":1.50}"#
        #expect(
            try Self.generate("json_tuple", texts([json, "a", "b", "d", "e", "f", "g", "h", "zz"]))
                == ["0\t1\t{\"c\":2}\tNULL\ts\t[1,2]\ttrue\t1.5\tNULL"])
        #expect(
            try Self.generate(
                "parse_url_tuple", texts(["http://h.com/p?a=1&b=2#r", "HOST", "PATH", "QUERY", "QUERY:a", "REF", "PROTOCOL"]))
                == ["0\th.com\t/p\ta=1&b=2\t1\tr\thttp"])
    }

    @Test func argumentsAreChecked() throws {
        #expect(throws: FunctionError.self) { _ = try Self.generate("explode", [.constant(Int32(1), type: .int, count: 1)]) }
    }
}
