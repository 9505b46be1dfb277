/// Writes syntax trees as HiveQL that parses to the same tree.
package struct SQLPrinter {
    var output = ""

    /// `statement` as one line of SQL without a semicolon.
    package static func print(_ statement: Statement) -> String {
        var printer = SQLPrinter()
        printer.write(statement)
        return printer.output
    }

    package static func print(_ query: Query) -> String {
        var printer = SQLPrinter()
        printer.write(query)
        return printer.output
    }

    package static func print(_ expression: Expression) -> String {
        var printer = SQLPrinter()
        printer.write(expression)
        return printer.output
    }

    package static func print(_ type: TypeName) -> String {
        var printer = SQLPrinter()
        printer.write(type)
        return printer.output
    }

    package static func print(_ identifier: Identifier) -> String {
        var printer = SQLPrinter()
        printer.write(identifier)
        return printer.output
    }

    // MARK: Pieces

    mutating func write(_ text: String) { output += text }

    /// A word with a space before it when something stands before.
    mutating func word(_ text: String) {
        if !output.isEmpty, output.last != " ", output.last != "(" { output += " " }
        output += text
    }

    mutating func list<Element>(
        _ elements: [Element], separator: String = ", ", _ each: (inout SQLPrinter, Element) -> Void
    ) {
        for (position, element) in elements.enumerated() {
            if position > 0 { output += separator }
            each(&self, element)
        }
    }

    mutating func parentheses<Element>(_ elements: [Element], _ each: (inout SQLPrinter, Element) -> Void) {
        output += "("
        list(elements, each)
        output += ")"
    }

    mutating func string(_ text: String) { output += StringLiteral.quoted(text) }

    mutating func write(_ identifier: Identifier) {
        if !identifier.isQuoted, SQLPrinter.isPlainName(identifier.text) {
            output += identifier.text
        } else {
            output += "`" + identifier.text.split(separator: "`", omittingEmptySubsequences: false)
                .joined(separator: "``") + "`"
        }
    }

    /// Whether the name needs no back quotes.
    package static func isPlainName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, isLetter(first) || isDigit(first), bytes.allSatisfy(isWordByte) else {
            return false
        }
        if isDigit(first) {
            guard let tokens = try? Lexer.tokens(of: SourceText(bytes: bytes)) else { return false }
            return tokens.count == 2 && tokens[0].kind == .word
        }
        return KeywordTable.shared.keyword(bytes[...])?.isReserved != true
    }

    mutating func identifiers(_ names: [Identifier]) {
        parentheses(names) { printer, name in printer.write(name) }
    }

    mutating func write(_ name: TableName) {
        if let database = name.database {
            write(database)
            output += "."
        }
        write(name.name)
        if let metadata = name.metadata {
            output += "."
            write(metadata)
        }
    }

    mutating func write(_ name: FunctionName) {
        if let database = name.database {
            write(database)
            output += "."
        }
        // Reserved words such as IF name functions without back quotes.
        if name.name.isQuoted || !name.name.text.utf8.allSatisfy(isWordByte) {
            write(name.name)
        } else {
            output += name.name.text
        }
    }

    mutating func properties(_ properties: [Property]) {
        parentheses(properties) { printer, property in
            printer.string(property.key)
            if let value = property.value {
                printer.output += " = "
                printer.string(value)
            }
        }
    }

    mutating func partition(_ elements: [PartitionElement]) {
        guard !elements.isEmpty else { return }
        word("PARTITION ")
        parentheses(elements) { printer, element in
            printer.write(element.column)
            if let value = element.value {
                printer.output += " \(element.comparison.rawValue) "
                printer.write(value, atLeast: SQLPrinter.level(.bitwiseOr))
            }
        }
    }

    // MARK: Types

    mutating func write(_ type: TypeName) {
        switch type.kind {
        case .primitive(let name): output += name.rawValue
        case .decimal(let precision, let scale):
            output += "DECIMAL"
            if let precision { output += scale.map { "(\(precision), \($0))" } ?? "(\(precision))" }
        case .varchar(let length): output += "VARCHAR(\(length))"
        case .char(let length): output += "CHAR(\(length))"
        case .array(let element):
            output += "ARRAY<"
            write(element)
            output += ">"
        case .map(let key, let value):
            output += "MAP<"
            write(key)
            output += ", "
            write(value)
            output += ">"
        case .structure(let fields):
            output += "STRUCT<"
            list(fields) { printer, field in
                printer.write(field.name)
                printer.output += ": "
                printer.write(field.type)
                printer.comment(field.comment)
            }
            output += ">"
        case .union(let members):
            output += "UNIONTYPE<"
            list(members) { printer, member in printer.write(member) }
            output += ">"
        }
    }

    mutating func comment(_ text: String?) {
        guard let text else { return }
        word("COMMENT ")
        string(text)
    }

    /// `KEYWORD 'text'` when there is a text.
    mutating func clause(_ keyword: String, _ text: String?) {
        guard let text else { return }
        word(keyword + " ")
        string(text)
    }
}
