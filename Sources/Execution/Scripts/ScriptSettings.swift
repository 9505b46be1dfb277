/// What a session says of the programs that rows of TRANSFORM go through.
package struct ScriptSettings: Sendable {
    /// A program may leave input unread (`hive.exec.script.allow.partial.consumption`).
    package var allowsPartialConsumption: Bool
    /// Variables of the programs' environment beside the process's own, `NAME=value`.
    package var variables: [String]
    /// Paths of the files that the session added: programs find them in the folder they run in.
    package var files: [String]

    package init(allowsPartialConsumption: Bool = false, variables: [String] = [], files: [String] = []) {
        self.allowsPartialConsumption = allowsPartialConsumption
        self.variables = variables
        self.files = files
    }
}
