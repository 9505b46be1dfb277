import Columnar
import Functions

/// Evaluates HiveQL expressions of literals and function calls straight through the registry, so that answers recorded
/// from Hive can be compared without a parser or planner.
struct ExpressionEvaluator {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let bytes: [UInt8]
    private var position = 0
    /// How columns are shaped before they go into a kernel.
    let shape: Shape

    enum Shape: CaseIterable, Sendable {
        /// Literals are constants, known when the call is bound.
        case constant
        /// All columns flat, five rows, all selected.
        case flat
        /// Flat, and every second row left out and full of NULL.
        case selected
    }

    static let context = EvaluationContext(
        queryStart: Timestamp(seconds: 1_600_000_000), currentDatabase: "default", currentUser: "hive")

    private var rowCount: Int { shape == .constant ? 1 : 5 }
    private var rows: RowSelection {
        guard shape == .selected else { return .all(rowCount) }
        return RowSelection.all(rowCount).filtered(capacity: rowCount) { $0 % 2 == 1 }
    }

    private init(_ text: String, shape: Shape) {
        bytes = Array(text.utf8)
        self.shape = shape
    }

    /// The text that Hive's command line prints for an expression.
    static func evaluate(_ text: String, shape: Shape = .constant) throws -> String {
        var evaluator = ExpressionEvaluator(text, shape: shape)
        let column = try evaluator.expression(0)
        evaluator.skipSpace()
        guard evaluator.position == evaluator.bytes.count else {
            throw Failure(description: "left over: \(String(decoding: evaluator.bytes[evaluator.position...], as: UTF8.self))")
        }
        let row = shape == .constant ? 0 : 3
        if column.isNull(row) { return "NULL" }
        let buffer = ByteBuffer()
        // Hive's command line prints a folded DECIMAL without zeros at its end.
        let purpose: TextFormatter.Purpose = if case .decimal = column.type { .cast } else { .output }
        TextFormatter(purpose).append(column, row: row, to: buffer)
        return buffer.string
    }

    // MARK: literals as columns

    private func column(_ type: SQLType, _ fill: (ColumnBuilder) -> Void) -> Column {
        let builder = ColumnBuilder(type)
        if shape == .constant {
            fill(builder)
            let flat = builder.finish()
            if flat.isNull(0) { return .nulls(type, count: 1) }
            let constant = Column(constant: type, count: 1, children: flat.children, heap: flat.heap)
            constant.rawValues.copyMemory(from: flat.rawValues, byteCount: type.physical.stride)
            return constant
        }
        for row in 0..<rowCount {
            if shape == .selected, row % 2 == 0 { builder.appendNull() } else { fill(builder) }
        }
        return builder.finish()
    }

    // MARK: grammar

    private mutating func skipSpace() {
        while position < bytes.count, bytes[position] == 32 || bytes[position] == 10 { position += 1 }
    }

    private mutating func take(_ text: String) -> Bool {
        skipSpace()
        let wanted = Array(text.utf8)
        guard position + wanted.count <= bytes.count, Array(bytes[position..<(position + wanted.count)]) == wanted else { return false }
        position += wanted.count
        return true
    }

    private mutating func need(_ text: String) throws {
        guard take(text) else {
            throw Failure(description: "expected \(text) at \(position) of \(String(decoding: bytes, as: UTF8.self))")
        }
    }

    private mutating func word() -> String? {
        skipSpace()
        let start = position
        while position < bytes.count, let scalar = Optional(bytes[position]), (scalar | 32 >= 97 && scalar | 32 <= 122) || scalar == 95 || (position > start && (48...57).contains(scalar)) {
            position += 1
        }
        return position > start ? String(decoding: bytes[start..<position], as: UTF8.self).lowercased() : nil
    }

    private mutating func keyword(_ wanted: String) -> Bool {
        let saved = position
        if word() == wanted { return true }
        position = saved
        return false
    }

    private static let levels: [[String]] = [
        ["<=>", "<>", "!=", "<=", ">=", "=", "<", ">", "like", "rlike", "regexp"],
        ["|"], ["&"], ["^"], ["+", "-"], ["*", "/", "%", "div"],
    ]

    private mutating func expression(_ level: Int) throws -> Column {
        guard level < Self.levels.count else { return try unary() }
        var left = try expression(level + 1)
        while true {
            let saved = position
            guard let name = Self.levels[level].first(where: { name in
                position = saved
                return name.first?.isLetter == true ? keyword(name) : take(name)
            }) else {
                position = saved
                return left
            }
            left = try call(name, [left, try expression(level + 1)])
        }
    }

    private mutating func unary() throws -> Column {
        skipSpace()
        if position < bytes.count, bytes[position] == 45 {
            position += 1
            return try call("negative", [try unary()])
        }
        if take("~") { return try call("~", [try unary()]) }
        var value = try primary()
        while true {
            if take("[") {
                let index = try expression(0)
                try need("]")
                value = try call("index", [value, index])
            } else if position + 1 < bytes.count, bytes[position] == 46, case .structure(let fields) = value.type {
                position += 1
                let name = word() ?? ""
                guard let place = fields.firstIndex(where: { $0.name == name }) else { throw Failure(description: "no field \(name)") }
                value = value.children[place]
            } else {
                return value
            }
        }
    }

    private mutating func primary() throws -> Column {
        skipSpace()
        guard position < bytes.count else { throw Failure(description: "text ends") }
        if take("(") {
            let inner = try expression(0)
            try need(")")
            return inner
        }
        let byte = bytes[position]
        if byte == 39 {
            let text = try string()
            return column(.string) { $0.append(text) }
        }
        if (48...57).contains(byte) { return try number() }
        guard let name = word() else { throw Failure(description: "unexpected byte \(byte)") }
        switch name {
        case "null": return .nulls(.void, count: rowCount)
        case "true", "false": return column(.boolean) { $0.append(name == "true") }
        case "not": return try call("not", [try expression(0)])
        case "cast":
            try need("(")
            let value = try expression(0)
            guard keyword("as") else { throw Failure(description: "expected AS") }
            let type = try type()
            try need(")")
            return try Cast.apply(value, to: type, rows: rows, count: rowCount)
        case "date", "timestamp":
            skipSpace()
            if position < bytes.count, bytes[position] == 39 {
                let text = try string()
                let literal = column(.string) { $0.append(text) }
                return try Cast.apply(literal, to: name == "date" ? .date : .timestamp, rows: rows, count: rowCount)
            }
        default: break
        }
        try need("(")
        var arguments: [Column] = []
        if !take(")") {
            repeat { arguments.append(try expression(0)) } while take(",")
            try need(")")
        }
        return try call(name, arguments)
    }

    private mutating func string() throws -> String {
        try need("'")
        var result: [UInt8] = []
        while position < bytes.count, bytes[position] != 39 {
            if bytes[position] == 92, position + 1 < bytes.count {
                position += 1
                switch bytes[position] {
                case 110: result.append(10)
                case 116: result.append(9)
                case 114: result.append(13)
                case 48: result.append(0)
                // LIKE's escapes stay as they are written.
                case 37, 95: result += [92, bytes[position]]
                default: result.append(bytes[position])
                }
            } else {
                result.append(bytes[position])
            }
            position += 1
        }
        try need("'")
        return String(decoding: result, as: UTF8.self)
    }

    private mutating func number() throws -> Column {
        let start = position
        var isReal = false
        while position < bytes.count, (48...57).contains(bytes[position]) || bytes[position] == 46
            || (bytes[position] | 32 == 101 && position + 1 < bytes.count && ((48...57).contains(bytes[position + 1]) || bytes[position + 1] == 45))
            || (bytes[position] == 45 && bytes[position - 1] | 32 == 101)
        {
            isReal = isReal || bytes[position] == 46 || bytes[position] | 32 == 101
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        let suffix = position < bytes.count ? bytes[position] | 32 : 0
        switch suffix {
        case 108: position += 1; return column(.bigint) { $0.append(Int64(text) ?? 0) }
        case 121: position += 1; return column(.tinyint) { $0.append(Int8(text) ?? 0) }
        case 115: position += 1; return column(.smallint) { $0.append(Int16(text) ?? 0) }
        case 100: position += 1; return column(.double) { $0.append(Double(text) ?? 0) }
        default: break
        }
        if isReal, text.contains(where: { $0 == "e" || $0 == "E" }) { return column(.double) { $0.append(Double(text) ?? 0) } }
        if isReal {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            let digits = parts.joined()
            let scale = parts.count > 1 ? parts[1].count : 0
            let significant = digits.drop { $0 == "0" }.count
            return column(.decimal(precision: max(significant, scale, 1), scale: scale)) { $0.append(Int128(digits) ?? 0) }
        }
        if let int = Int32(text) { return column(.int) { $0.append(int) } }
        return column(.bigint) { $0.append(Int64(text) ?? 0) }
    }

    private mutating func type() throws -> SQLType {
        guard let name = word() else { throw Failure(description: "expected a type") }
        func numbers(_ evaluator: inout Self) -> [Int] {
            guard evaluator.take("(") else { return [] }
            var result: [Int] = [0]
            while evaluator.position < evaluator.bytes.count, evaluator.bytes[evaluator.position] != 41 {
                let byte = evaluator.bytes[evaluator.position]
                evaluator.position += 1
                if byte == 44 { result.append(0) } else if (48...57).contains(byte) { result[result.count - 1] = result[result.count - 1] * 10 + Int(byte - 48) }
            }
            evaluator.position += 1
            return result
        }
        switch name {
        case "boolean": return .boolean
        case "tinyint": return .tinyint
        case "smallint": return .smallint
        case "int": return .int
        case "bigint": return .bigint
        case "float": return .float
        case "double": return .double
        case "string": return .string
        case "binary": return .binary
        case "date": return .date
        case "timestamp": return .timestamp
        case "varchar": return .varchar(length: numbers(&self).first ?? 1)
        case "char": return .char(length: numbers(&self).first ?? 1)
        case "decimal":
            let parts = numbers(&self)
            return .decimal(precision: parts.first ?? 10, scale: parts.count > 1 ? parts[1] : 0)
        default: throw Failure(description: "unknown type \(name)")
        }
    }

    private func call(_ name: String, _ arguments: [Column]) throws -> Column {
        guard let function = FunctionRegistry.builtIn.scalar(name) else { throw Failure(description: "no function \(name)") }
        let constants: [Column?] = arguments.map { argument in
            if shape == .constant { return argument }
            // Arguments that a function wants constant are constant in all shapes.
            let builder = ColumnBuilder(argument.type)
            builder.append(argument, row: argument.isConstant ? 0 : 3)
            return builder.finish()
        }
        let resolved = try function.resolve(
            FunctionCall(name: name, argumentTypes: arguments.map(\.type), constants: constants))
        let converted = try zip(arguments, resolved.argumentTypes).map { argument, type in
            try Cast.apply(argument, to: type, rows: rows, count: rowCount)
        }
        let result = try resolved.kernel(
            KernelInput(arguments: converted, rows: rows, count: rowCount, context: Self.context))
        guard result.type == resolved.resultType else {
            throw Failure(description: "\(name) gave \(result.type) instead of \(resolved.resultType)")
        }
        guard result.count == rowCount else { throw Failure(description: "\(name) gave \(result.count) rows") }
        return result
    }
}
