/// Why something could not be written for another program.
public struct ExportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file that was to be written; empty before one is chosen.
    public let path: String
    public let reason: String

    package init(path: String = "", _ reason: String) {
        self.path = path
        self.reason = reason
    }

    public var description: String { path.isEmpty ? reason : "cannot write '\(path)': \(reason)" }
}
