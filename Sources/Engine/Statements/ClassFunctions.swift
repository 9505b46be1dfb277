import Catalog
import Columnar
import Functions
import HiveSyntax

/// `CREATE [TEMPORARY] FUNCTION … AS 'class'`: names for built-in functions that do what the class does.
extension StatementRunner {
    /// What calls mean: built-in functions, those of the session's program, permanent ones of the metastore, temporary ones.
    func knownFunctions() throws -> FunctionRegistry {
        var registry = session.functions.value
        for function in try metastore.functions() {
            Self.define("\(function.database).\(function.name)", as: JavaClass(name: function.className), in: &registry)
            if function.database == catalog.currentDatabase, registry.entry(function.name) == nil {
                Self.define(function.name, as: JavaClass(name: function.className), in: &registry)
            }
        }
        for (name, className) in session.classFunctions.value { Self.define(name, as: JavaClass(name: className), in: &registry) }
        return registry
    }

    private static func define(_ name: String, as javaClass: JavaClass, in registry: inout FunctionRegistry) {
        guard let function = javaClass.function, registry.define(name, as: function, of: .builtIn) else {
            return registry.refuse(name, because: javaClass.refusal)
        }
    }

    /// The class that a function was made of, and Hive's word for where it lives; nil for those of the product or the program.
    func origin(ofFunction name: String) throws -> (className: String, type: String)? {
        if let className = session.classFunctions.value[name] { return (className, "TEMPORARY") }
        guard session.functions.value.entry(name) == nil else { return nil }
        let fullName = name.contains(".") ? name : "\(catalog.currentDatabase).\(name)"
        return try metastore.functions().first { "\($0.database).\($0.name)" == fullName }.map { ($0.className, "PERSISTENT") }
    }

    func createFunction(_ statement: CreateFunctionStatement) throws -> StatementResult {
        let javaClass = JavaClass(name: statement.className)
        if javaClass.function == nil { warnings.append("\(statement.name.name.name): \(javaClass.refusal)") }
        let name = statement.name.name.name
        guard !statement.isTemporary else {
            guard statement.name.database == nil else {
                throw HiveError.semantic("Temporary function cannot be created with a qualified name.")
            }
            session.classFunctions.update { $0[name] = statement.className }
            return none
        }
        let database = statement.name.database?.name ?? catalog.currentDatabase
        return try locked([database: .shared]) {
            try metastore.createFunction(
                FunctionRecord(
                    database: database, name: name, className: statement.className,
                    resources: statement.resources.map { "\($0.kind.rawValue) \($0.path)" }, owner: SystemProperties.userName,
                    createTime: currentSeconds()))
            return none
        }
    }

    func dropFunction(_ name: FunctionName, isTemporary: Bool, ifExists: Bool) throws -> StatementResult {
        let isIgnored = ifExists || settings[Settings.ignoresNonexistent]
        if isTemporary {
            guard name.database == nil else {
                throw HiveError.semantic("Temporary function cannot be dropped with a qualified name.")
            }
            if session.classFunctions.update({ $0.removeValue(forKey: name.name.name) }) == nil, !isIgnored {
                throw HiveError.semantic("Invalid function \(name.name.name)", code: 10011)
            }
            return none
        }
        let database = name.database?.name ?? catalog.currentDatabase
        return try locked([database: .shared]) {
            if try !metastore.dropFunction(database: database, name: name.name.name), !isIgnored {
                throw HiveError.semantic("Invalid function \(database).\(name.name.name)", code: 10011)
            }
            return none
        }
    }
}
