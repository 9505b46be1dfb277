import HiveQL

/// A file for other programs, and its format.
struct ExportTarget {
    var path: String?
    var formatName: String?

    /// Takes one option; false when it is none of these.
    mutating func take(_ name: String, _ reader: inout ArgumentReader) throws -> Bool {
        guard name == "--format" else { return false }
        formatName = try reader.value(of: name)
        return true
    }

    /// The format of the file, which can be written as far as can be told before; nil without a file.
    /// - Throws: `UsageError`, `ExportError`.
    func checkedFormat() throws -> ExportFormat? {
        guard let path else {
            if formatName != nil { throw UsageError("--format is for a file, and none is named") }
            return nil
        }
        return try format(of: path)
    }

    /// The format of one of several files.
    func format(of path: String) throws -> ExportFormat {
        do {
            let format = try formatName.map { try ExportFormat(named: $0) } ?? ExportFormat(ofFile: path)
            try RowExport.check(path)
            return format
        } catch let error as ExportError where error.path.isEmpty { throw UsageError(error.reason) }
    }

    /// The form of a model in the file.
    func modelFormat(of path: String) throws -> ModelFormat {
        guard let formatName else {
            if let format = ModelFormat(ofFile: path) { return format }
            let suffixes = ModelFormat.allCases.map(\.suffix).joined(separator: ", ")
            throw UsageError("the suffix of '\(path)' says no form of a model (\(suffixes)): name one with --format")
        }
        guard let format = ModelFormat(rawValue: formatName.lowercased()) else {
            let known = ModelFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError("there is no form '\(formatName)' of a model: \(known)")
        }
        return format
    }
}
