import Columnar

// `reflect` and `reflect2`: methods of Java's classes that are known here.

/// Reads the values that a method's parameters ask for.
private struct JavaArguments {
    let columns: [Column]

    /// nil where an argument is NULL.
    func values(_ row: Int) -> [JavaValue]? {
        var values: [JavaValue] = []
        for column in columns {
            guard !column.isNull(row) else { return nil }
            let element = column.element(of: row)
            switch column.type {
            case .boolean: values.append(.boolean(column.values(as: UInt8.self)[element] != 0))
            case .int: values.append(.int(column.values(as: Int32.self)[element]))
            case .bigint: values.append(.long(column.values(as: Int64.self)[element]))
            case .float: values.append(.float(column.values(as: Float.self)[element]))
            case .double: values.append(.double(column.values(as: Double.self)[element]))
            default: values.append(.string(column.string(row).string))
            }
        }
        return values
    }
}

/// Texts of every length are Java's String.
private func javaType(_ type: SQLType) -> SQLType { type.isCharacter ? .string : type }

private func unknownMethod(_ call: FunctionCall, _ className: String, _ method: String, _ arguments: [SQLType]) -> FunctionError {
    let types = arguments.map(\.description).joined(separator: ", ")
    return FunctionError(.argument, "\(call.name): the method \(className).\(method)(\(types)) is not known here")
}

private func constantName(_ call: FunctionCall, _ index: Int, _ what: String) throws -> String {
    guard call.argumentTypes[index].isCharacter else { throw FunctionError(.argumentType(index), "The \(what) of \(call.name) should be string.") }
    guard let name = call.constantString(index) else { throw FunctionError(.argumentType(index), "The \(what) of \(call.name) has to be a constant") }
    return name
}

private let reflect = ScalarFunction(
    "reflect", "java_method",
    documentation: FunctionDocumentation(
        "_FUNC_(class, method[, arg1[, arg2, ...]]) - Returns what a method of a class of Java gives, as text",
        extended: "Known are methods of java.lang.Math, Integer, Long, Double, Boolean, String, java.net.URLEncoder and\n"
            + "URLDecoder. A method is found by the types of its arguments as they are: 2.5D is a double, 2.5 none.\n"
            + "NULL where an argument is NULL or Java throws an exception.\n"
            + "Example:\n  > SELECT _FUNC_('java.lang.Math', 'max', 2, 3);\n  '3'"),
    traits: ScalarTraits(cost: .dear)
) { call in
    guard call.count >= 2 else {
        throw FunctionError(
            .argumentCount, "The function GenericUDFReflect(class,method[,arg1[,arg2]...]) accepts 2 or more arguments.")
    }
    let className = try constantName(call, 0, "class"), name = try constantName(call, 1, "method")
    for index in 2..<max(call.count, 2) where call.argumentTypes[index].isComplex {
        throw FunctionError(
            .argumentType(index),
            "The parameters of GenericUDFReflect(class,method[,arg1[,arg2]...]) must be primitive (int, double, string, etc).")
    }
    let types = call.argumentTypes.dropFirst(2).map(javaType)
    // An instance of String that is made without arguments is empty.
    let onEmptyText = className == "java.lang.String" ? javaStringMethods[name] ?? [] : []
    var found = javaClasses[className]?[name]?.first { $0.parameters == types }
    var receiver: [JavaValue] = []
    if found == nil, let method = onEmptyText.first(where: { $0.parameters == [.string] + types }) {
        found = method
        receiver = [.string("")]
    }
    guard let method = found else { throw unknownMethod(call, className, name, types) }
    let first = receiver
    return ResolvedScalar(argumentTypes: [.string, .string] + types, resultType: .string) { input in
        let arguments = JavaArguments(columns: Array(input.arguments.dropFirst(2)))
        let buffer = ByteBuffer(capacity: 64)
        return input.build(.string) { row, builder in
            guard let values = arguments.values(row), let result = method.call(first + values) else { return builder.appendNull() }
            buffer.removeAll()
            result.append(to: buffer)
            builder.append(bytes: buffer.bytes)
        }
    }
}

private let reflect2 = ScalarFunction(
    "reflect2",
    documentation: FunctionDocumentation(
        "_FUNC_(arg0, method[, arg1[, arg2, ...]]) - Returns what a method of arg0, an object of Java, gives",
        extended: "Known are methods of String, Integer, Long, Double and Boolean. A method is found by the types of its arguments.\n"
            + "Example:\n  > SELECT _FUNC_('abc', 'length');\n  3"),
    traits: ScalarTraits(cost: .dear, canFail: true)
) { call in
    guard call.count >= 2 else {
        throw FunctionError(
            .argumentCount, "The function GenericUDFReflect2(arg0,method[,arg1[,arg2]...]) accepts 2 or more arguments.")
    }
    guard !call.argumentTypes[0].isComplex else { throw FunctionError(.argumentType(0), "The target instance should be a primitive type.") }
    let name = try constantName(call, 1, "method")
    if name == "hashCode" { throw FunctionError(.argumentType(1), "Use hash() UDF instead of this.") }
    let types = [javaType(call.argumentTypes[0])] + call.argumentTypes.dropFirst(2).map(javaType)
    guard let methods = javaInstanceMethods.first(where: { $0.type == types[0] }) else {
        throw FunctionError(.argumentType(0), "\(call.name): methods of \(call.argumentTypes[0]) are not known here")
    }
    guard let method = methods.methods[name]?.first(where: { $0.parameters == types }) else {
        throw unknownMethod(call, methods.name, name, Array(types.dropFirst()))
    }
    let wanted: [SQLType] = [types[0], .string] + types.dropFirst()
    return ResolvedScalar(argumentTypes: wanted, resultType: method.result) { input in
        let arguments = JavaArguments(columns: [input.arguments[0]] + input.arguments.dropFirst(2))
        return try input.build(method.result) { row, builder in
            guard let values = arguments.values(row) else { return builder.appendNull() }
            guard let result = method.call(values) else {
                throw FunctionError(.argument, "\(methods.name).\(name) throws an exception for its arguments")
            }
            switch result {
            case .boolean(let value): builder.append(value)
            case .int(let value): builder.append(value)
            case .long(let value): builder.append(value)
            case .float(let value): builder.append(value)
            case .double(let value): builder.append(value)
            case .string(let value): builder.append(value)
            }
        }
    }
}

let reflectFunctions: [ScalarFunction] = [reflect, reflect2]
