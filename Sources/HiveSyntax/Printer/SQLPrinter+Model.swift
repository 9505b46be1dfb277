extension SQLPrinter {
    mutating func write(_ statement: ModelStatement) {
        switch statement {
        case .create(let create): write(create)
        case .drop(let name, let ifExists):
            drop("MODEL", ifExists)
            write(name)
        case .rename(let name, let other):
            output += "ALTER MODEL "
            write(name)
            output += " RENAME TO "
            write(other)
        case .export(let name, let path):
            output += "EXPORT MODEL "
            write(name)
            clause("TO", path)
        case .importFile(let name, let path):
            output += "IMPORT MODEL "
            write(name)
            clause("FROM", path)
        case .show(let database, let pattern):
            output += "SHOW MODELS"
            inDatabase(database)
            write(pattern)
        case .describe(let name, let style):
            output += "DESCRIBE "
            if style != .plain { output += style.rawValue + " " }
            output += "MODEL "
            write(name)
        }
    }

    private mutating func write(_ create: CreateModelStatement) {
        output += create.orReplace ? "CREATE OR REPLACE MODEL " : "CREATE MODEL "
        if create.ifNotExists { output += "IF NOT EXISTS " }
        write(create.name)
        if !create.transform.isEmpty {
            output += " TRANSFORM "
            parentheses(create.transform) { printer, item in printer.write(item) }
        }
        if !create.options.isEmpty {
            output += " OPTIONS "
            parentheses(create.options) { printer, option in printer.write(option, sign: "=") }
        }
        output += " AS "
        write(create.query)
    }

    mutating func write(_ function: FeaturesAtTime) {
        output += "ML.FEATURES_AT_TIME("
        write(function.input)
        for setting in function.settings {
            output += ", "
            write(setting, sign: "=>")
        }
        output += ")"
        alias(function.alias, [])
    }

    private mutating func write(_ option: ModelOption, sign: String) {
        write(option.name)
        output += " \(sign) "
        write(option.value)
    }

    private mutating func write(_ input: ModelFunction.Input) {
        switch input {
        case .table(let table):
            output += "TABLE "
            write(table)
        case .query(let query): parenthesized(query)
        }
    }

    mutating func write(_ function: ModelFunction) {
        output += "ML."
        // TRANSFORM is reserved and needs no back quotes here.
        if function.name.isQuoted { write(function.name) } else { output += function.name.text }
        output += "(MODEL "
        write(function.model)
        if let input = function.input {
            output += ", "
            write(input)
        }
        if !function.settings.isEmpty {
            output += ", STRUCT "
            parentheses(function.settings) { printer, setting in
                printer.write(setting.value)
                printer.output += " AS "
                printer.write(setting.name)
            }
        }
        output += ")"
        alias(function.alias, [])
    }
}
