extension Parser {
    /// `('key' = 'value', …)`; also bare keys, as UNSET lists have them.
    mutating func properties() throws(SyntaxError) -> [Property] {
        let outer = context
        context = "table properties list"
        let properties = try parenthesized { (parser) throws(SyntaxError) in
            let start = parser.index
            let key = try parser.string()
            let value = parser.accept(.equal) ? try parser.string() : nil
            return Property(key: key, value: value, range: parser.range(from: start))
        }
        context = outer
        return properties
    }

    /// `CLUSTERED BY (…) [SORTED BY (…)] INTO n BUCKETS`
    mutating func bucketing() throws(SyntaxError) -> Bucketing {
        try expect(.clustered)
        try expect(.by)
        var bucketing = Bucketing(columns: try parenthesizedIdentifiers(), bucketCount: 0)
        if accept(.sorted) {
            try expect(.by)
            bucketing.sortedBy = try parenthesized { (parser) throws(SyntaxError) in
                var column = SortColumn(name: try parser.identifier())
                if parser.accept(.asc) {
                    column.direction = .ascending
                } else if parser.accept(.desc) {
                    column.direction = .descending
                }
                column.nullOrder = try parser.nullOrder()
                return column
            }
        }
        try expect(.into)
        bucketing.bucketCount = try integer()
        try expect(.buckets)
        return bucketing
    }

    /// `SKEWED BY (…) ON (…) [STORED AS DIRECTORIES]`
    mutating func skew() throws(SyntaxError) -> Skew {
        try expect(.skewed)
        try expect(.by)
        let columns = try parenthesizedIdentifiers()
        try expect(.on)
        let values = try parenthesized { (parser) throws(SyntaxError) in
            if parser.at(.leftParenthesis) {
                return try parser.parenthesized { (parser) throws(SyntaxError) in
                    try parser.expression(from: .bitwiseOr)
                }
            }
            return [try parser.expression(from: .bitwiseOr)]
        }
        return Skew(columns: columns, values: values, storedAsDirectories: accept(.stored, .as, .directories))
    }

    /// `ROW FORMAT DELIMITED …`, `ROW FORMAT SERDE '…' [WITH SERDEPROPERTIES (…)]`
    mutating func rowFormat() throws(SyntaxError) -> RowFormat {
        let outer = context
        context = "row format specification"
        try expect(.row)
        try expect(.format)
        let format: RowFormat
        if accept(.serde) {
            let name = try string()
            var serdeProperties: [Property] = []
            // A query may follow, and begin with WITH.
            if accept(.with, .serdeproperties) { serdeProperties = try properties() }
            format = .serde(className: name, properties: serdeProperties)
        } else {
            try expect(.delimited)
            format = .delimited(try delimiters())
        }
        context = outer
        return format
    }

    private mutating func delimiters() throws(SyntaxError) -> RowDelimiters {
        var delimiters = RowDelimiters()
        while true {
            switch current.keyword {
            case .fields:
                advance()
                try expect(.terminated, .by)
                delimiters.fields = try string()
                if accept(.escaped) {
                    try expect(.by)
                    delimiters.escapedBy = try string()
                }
            case .escaped:
                advance()
                try expect(.by)
                delimiters.escapedBy = try string()
            case .collection:
                advance()
                try expect(.items, .terminated, .by)
                delimiters.collectionItems = try string()
            case .map where peek().keyword == .keys:
                advance()
                try expect(.keys, .terminated, .by)
                delimiters.mapKeys = try string()
            case .lines:
                advance()
                try expect(.terminated, .by)
                delimiters.lines = try string()
            case .null where peek().keyword == .defined:
                advance()
                try expect(.defined, .as)
                delimiters.nullDefinedAs = try string()
            default: return delimiters
            }
        }
    }

    /// `STORED AS …`, `STORED BY …`
    mutating func fileFormat() throws(SyntaxError) -> FileFormat {
        let outer = context
        context = "file format specification"
        try expect(.stored)
        let format: FileFormat
        if accept(.by) {
            format = try storageHandler()
        } else {
            try expect(.as)
            format = try fileFormatName()
        }
        context = outer
        return format
    }

    /// What stands after `STORED AS` and `SET FILEFORMAT`.
    mutating func fileFormatName() throws(SyntaxError) -> FileFormat {
        guard at(.inputformat), peek().kind == .stringLiteral else { return .named(try identifier(.fileFormat)) }
        advance()
        let input = try string()
        try expect(.outputformat)
        let output = try string()
        let serde = accept(.serde) ? try string() : nil
        var inputDriver: String?
        var outputDriver: String?
        if accept(.inputdriver) {
            inputDriver = try string()
            try expect(.outputdriver)
            outputDriver = try string()
        }
        return .classes(
            input: input, output: output, serde: serde, inputDriver: inputDriver, outputDriver: outputDriver)
    }

    private mutating func storageHandler() throws(SyntaxError) -> FileFormat {
        let isWord = !at(.stringLiteral)
        let name = isWord ? try identifier().text : try string()
        var handlerProperties: [Property] = []
        if accept(.with, .serdeproperties) { handlerProperties = try properties() }
        let namesFormat = at(.stored, .as) && !(peek(2).keyword == .inputformat && peek(3).kind == .stringLiteral)
        if namesFormat { index += 2 }
        let storedAs = namesFormat ? try identifier() : nil
        return .handler(name: name, isWord: isWord, properties: handlerProperties, storedAs: storedAs)
    }
}
