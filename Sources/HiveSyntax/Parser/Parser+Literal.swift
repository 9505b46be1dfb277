extension Parser {
    /// A number or string, or an interval whose amount it is.
    mutating func literal() throws(SyntaxError) -> Expression {
        let start = index
        let token = current
        switch token.kind {
        case .stringLiteral, .integerLiteral, .decimalLiteral, .doubleLiteral:
            if peek().kind == .word, let unit = intervalQualifier(at: index + 1, afterKeyword: false) {
                let amount = token.kind == .stringLiteral ? try singleString() : text(token)
                if token.kind != .stringLiteral { advance() }
                index += unit.tokenCount
                return Expression(.literal(.interval(amount, unit.qualifier)), range: range(from: start))
            }
            if token.kind == .stringLiteral {
                return Expression(.literal(.string(try string())), range: range(from: start))
            }
        case .characterSet:
            return try characterSetLiteral()
        default: break
        }
        advance()
        let digits = text(token)
        let literal: Literal
        switch token.kind {
        case .integerLiteral: literal = .integer(digits, .none)
        case .integerWithSuffix:
            let suffix = IntegerSuffix(rawValue: String(digits.suffix(1)).uppercased()) ?? .none
            literal = .integer(String(digits.dropLast()), suffix)
        case .decimalLiteral: literal = .decimal(digits)
        case .decimalWithSuffix: literal = .decimal(String(digits.dropLast(2)))
        case .doubleLiteral: literal = .double(digits)
        case .doubleWithSuffix: literal = .double(String(digits.dropLast()))
        default: throw unrecognized(from: start)
        }
        return Expression(.literal(literal), range: range(from: start))
    }

    private mutating func characterSetLiteral() throws(SyntaxError) -> Expression {
        let start = index
        let name = text(current)
        advance()
        let content: String
        if at(.stringLiteral) {
            content = try singleString()
        } else if at(.hexadecimal) {
            content = decoded(hexadecimal: text(current).dropFirst(2), characterSet: name.lowercased())
            advance()
        } else {
            throw unrecognized(from: start, in: "character string literal")
        }
        return Expression(.literal(.characterSet(name: name, text: content)), range: range(from: start))
    }

    /// The characters that pairs of hexadecimal digits stand for; a last digit alone is dropped.
    private func decoded(hexadecimal digits: Substring, characterSet: String) -> String {
        let values = digits.compactMap(\.hexDigitValue)
        let bytes = stride(from: 0, to: values.count - 1, by: 2).map { UInt8(values[$0] * 16 + values[$0 + 1]) }
        if characterSet == "_latin1" || characterSet == "_iso-8859-1" {
            return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    mutating func dateTimeLiteral(_ keyword: Keyword) throws(SyntaxError) -> Expression {
        let start = index
        advance()
        let content = try singleString()
        let literal: Literal =
            switch keyword {
            case .date: .date(content)
            case .timestamp: .timestamp(content)
            default: .timestampLocalTimeZone(content)
            }
        return Expression(.literal(literal), range: range(from: start))
    }

    /// `INTERVAL '1' DAY`, `INTERVAL 1 DAY`, `INTERVAL (x) DAY`, `INTERVAL '1-2' YEAR TO MONTH`
    mutating func interval() throws(SyntaxError) -> Expression {
        let start = index
        try expect(.interval)
        if accept(.leftParenthesis) {
            let amount = try expression()
            try expect(.rightParenthesis)
            guard let unit = intervalQualifier(at: index, afterKeyword: true) else { throw unrecognized(from: start) }
            index += unit.tokenCount
            try grow()
            return Expression(.interval(amount, unit.qualifier), range: range(from: start))
        }
        let amount: String
        switch current.kind {
        case .stringLiteral: amount = try singleString()
        case .integerLiteral, .decimalLiteral, .doubleLiteral:
            amount = text(current)
            advance()
        default: throw unrecognized(from: start)
        }
        guard let unit = intervalQualifier(at: index, afterKeyword: true) else { throw unrecognized(from: start) }
        index += unit.tokenCount
        try grow()
        return Expression(.literal(.interval(amount, unit.qualifier)), range: range(from: start))
    }

    /// `(1) DAY`: an interval too, as Hive has it. Nil, and nothing taken, for anything else.
    mutating func parenthesizedIntervalAmount() throws(SyntaxError) -> Expression? {
        switch peek().kind {
        case .stringLiteral, .integerLiteral, .decimalLiteral, .doubleLiteral: break
        default: return nil
        }
        guard peek(2).kind == .rightParenthesis, let unit = intervalQualifier(at: index + 3, afterKeyword: false)
        else { return nil }
        let start = index
        advance()
        let amount: String
        if at(.stringLiteral) {
            amount = try singleString()
        } else {
            amount = text(current)
            advance()
        }
        index += 1 + unit.tokenCount
        try grow()
        return Expression(.literal(.interval(amount, unit.qualifier)), range: range(from: start))
    }

    /// The unit at a token, and how many tokens it takes.
    func intervalQualifier(
        at place: Int, afterKeyword: Bool
    ) -> (qualifier: IntervalQualifier, tokenCount: Int)? {
        func keyword(_ distance: Int) -> Keyword? { tokens[min(place + distance, tokens.count - 1)].keyword }
        switch keyword(0) {
        case .year, .years:
            if keyword(1) == .to, keyword(2) == .month || keyword(2) == .months { return (.yearToMonth, 3) }
            return (.year, 1)
        case .month, .months: return (.month, 1)
        case .day, .days:
            if keyword(1) == .to, keyword(2) == .second || keyword(2) == .seconds { return (.dayToSecond, 3) }
            return (.day, 1)
        case .hour, .hours: return (.hour, 1)
        case .minute, .minutes: return (.minute, 1)
        case .second, .seconds: return (.second, 1)
        case .week, .weeks: return afterKeyword ? (.week, 1) : nil
        case .quarter: return afterKeyword ? (.quarter, 1) : nil
        default: return nil
        }
    }

    // MARK: Types

    mutating func type() throws(SyntaxError) -> TypeName { try type(in: "column type") }

    mutating func type(in production: String) throws(SyntaxError) -> TypeName {
        try enter()
        let outer = context
        context = production
        let start = index
        let kind = try typeKind()
        context = outer
        leave()
        return TypeName(kind, range: range(from: start))
    }

    private mutating func typeKind() throws(SyntaxError) -> TypeName.Kind {
        guard let keyword = current.keyword else {
            if at(.word), text(current).lowercased() == "variant" {
                advance()
                return .primitive(.variant)
            }
            throw unrecognized()
        }
        let start = index
        advance()
        switch keyword {
        case .boolean: return .primitive(.boolean)
        case .tinyint: return .primitive(.tinyint)
        case .smallint: return .primitive(.smallint)
        case .int, .integer: return .primitive(.int)
        case .bigint: return .primitive(.bigint)
        case .float, .real: return .primitive(.float)
        case .double:
            accept(.precision)
            return .primitive(.double)
        case .string: return .primitive(.string)
        case .binary: return .primitive(.binary)
        case .date: return .primitive(.date)
        case .datetime: return .primitive(.datetime)
        case .null: return .primitive(.void)
        case .timestamplocaltz: return .primitive(.timestampLocalTimeZone)
        case .timestamp:
            if accept(.with) {
                try expect(.local, .time, .zone)
                return .primitive(.timestampLocalTimeZone)
            }
            return .primitive(.timestamp)
        case .interval:
            guard let unit = intervalQualifier(at: index, afterKeyword: true), unit.tokenCount == 3 else {
                throw unrecognized(from: start)
            }
            index += unit.tokenCount
            return .primitive(unit.qualifier == .yearToMonth ? .intervalYearMonth : .intervalDayTime)
        case .decimal, .dec, .numeric:
            guard accept(.leftParenthesis) else { return .decimal(precision: nil, scale: nil) }
            let precision = try integer()
            let scale = accept(.comma) ? try integer() : nil
            try expect(.rightParenthesis)
            return .decimal(precision: precision, scale: scale)
        case .varchar: return .varchar(length: try typeLength())
        case .char: return .char(length: try typeLength())
        case .array, .map, .struct, .uniontype: return try nestedType(keyword)
        default:
            index = start
            throw unrecognized()
        }
    }

    private mutating func typeLength() throws(SyntaxError) -> Int {
        try expect(.leftParenthesis)
        let length = try integer()
        try expect(.rightParenthesis)
        return length
    }

    private mutating func nestedType(_ keyword: Keyword) throws(SyntaxError) -> TypeName.Kind {
        try expect(.lessThan)
        let kind: TypeName.Kind
        switch keyword {
        case .array:
            kind = .array(try type())
        case .map:
            let key = try type(in: "primitive type specification")
            try expect(.comma)
            kind = .map(key: key, value: try type())
        case .struct:
            kind = .structure(
                try list { (parser) throws(SyntaxError) in
                    let name = try parser.identifier()
                    // Hive's own form has the colon; the SQL standard's has not.
                    parser.accept(.colon)
                    let type = try parser.type()
                    let comment = parser.accept(.comment) ? try parser.string() : nil
                    return StructFieldDeclaration(name: name, type: type, comment: comment)
                })
        default:
            kind = .union(try list { (parser) throws(SyntaxError) in try parser.type() })
        }
        try expect(.greater)
        return kind
    }
}
