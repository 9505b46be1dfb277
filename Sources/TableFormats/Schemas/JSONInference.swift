import Columnar
import Platform

/// The columns of a file with an object a line, found in its first lines: the members of all of them, in the order of their
/// names. Whole numbers are BIGINT, others DOUBLE; what differs from line to line is STRING.
enum JSONInference {
    /// Lines that are looked at.
    private static let lineCount = 1_000
    /// Objects and arrays in each other; deeper ones stay text.
    private static let deepest = 64

    /// - Throws: `TableFormatError` when a line is no object.
    static func columns(of file: ScanFile) throws -> [SchemaColumn] {
        var members = Kind.members([:])
        var number = 0
        try FirstLines.read(file, count: lineCount) { line in
            number += 1
            if line.allSatisfy({ $0 <= 0x20 }) { return }
            let value: JSON
            do { value = try JSON(Array(line)) } catch {
                throw TableFormatError("line \(number) is no JSON: \(error)", path: file.path)
            }
            guard case .object = value else {
                throw TableFormatError("line \(number) is no JSON object", path: file.path)
            }
            members = members.merged(with: Kind(value, depth: 0))
        }
        guard case .members(let found) = members else { return [] }
        return found.sorted { $0.key < $1.key }.map { SchemaColumn(name: $0.key, type: $0.value.type) }
    }

    /// What some values have in common.
    private indirect enum Kind {
        case nothing
        case boolean
        case whole
        case real
        case text
        case elements(Kind)
        /// By name in lower case.
        case members([String: Kind])

        init(_ value: JSON, depth: Int) {
            switch value {
            case .null: self = .nothing
            case .boolean: self = .boolean
            case .integer: self = .whole
            case .number: self = .real
            case .string: self = .text
            case .array, .object:
                guard depth < deepest else {
                    self = .text
                    return
                }
                if case .array(let elements) = value {
                    self = .elements(
                        elements.reduce(.nothing) { $0.merged(with: Kind($1, depth: depth + 1)) })
                } else if case .object(let members) = value {
                    var kinds: [String: Kind] = [:]
                    for member in members {
                        let name = member.name.lowercased()
                        let kind = Kind(member.value, depth: depth + 1)
                        kinds[name] = kinds[name]?.merged(with: kind) ?? kind
                    }
                    self = .members(kinds)
                } else {
                    self = .text
                }
            }
        }

        func merged(with other: Kind) -> Kind {
            switch (self, other) {
            case (.nothing, let kind), (let kind, .nothing): kind
            case (.boolean, .boolean): .boolean
            case (.whole, .whole): .whole
            case (.whole, .real), (.real, .whole), (.real, .real): .real
            case (.elements(let first), .elements(let second)): .elements(first.merged(with: second))
            case (.members(let first), .members(let second)):
                .members(first.merging(second) { $0.merged(with: $1) })
            default: .text
            }
        }

        var type: SQLType {
            switch self {
            case .boolean: return .boolean
            case .whole: return .bigint
            case .real: return .double
            case .nothing, .text: return .string
            case .elements(let kind): return .array(kind.type)
            case .members(let kinds):
                // A structure has fields; an object that never had a member stays text.
                guard !kinds.isEmpty else { return .string }
                return .structure(
                    kinds.sorted { $0.key < $1.key }.map { StructField(name: $0.key, type: $0.value.type) })
            }
        }
    }
}
