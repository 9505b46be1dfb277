import Platform

/// A schema of Avro 1.11 ("Schema Declaration"). Schemas that contain themselves are none of Hive's types and refused.
package struct AvroSchema: Sendable, Equatable {
    package indirect enum Kind: Sendable, Equatable {
        case null, boolean, int, long, float, double, bytes, string
        case fixed(AvroName, size: Int)
        case enumeration(AvroName, symbols: [String], fallback: String?)
        case record(AvroName, [AvroField])
        case array(AvroSchema)
        case map(AvroSchema)
        case union([AvroSchema])
    }

    /// What a value of a simpler type stands for ("Logical Types", and Hive's own `char` and `varchar`).
    package enum Logical: Sendable, Equatable {
        case decimal(precision: Int, scale: Int)
        case date
        /// Of a second, 1970-01-01T00:00:00 being 0.
        case timestamp(units: Int64)
        case char(length: Int)
        case varchar(length: Int)
    }

    package let kind: Kind
    package let logical: Logical?
    /// This schema and all inside it; a named type counts wherever it stands.
    let nodeCount: Int
    /// Schemas inside each other.
    let depth: Int
    /// No value takes fewer bytes. 0: all values take none.
    let minimumBytes: Int

    init(_ kind: Kind, logical: Logical? = nil) {
        self.kind = kind
        self.logical = logical
        let inner: [AvroSchema] =
            switch kind {
            case .record(_, let fields): fields.map(\.schema)
            case .array(let schema), .map(let schema): [schema]
            case .union(let branches): branches
            default: []
            }
        nodeCount = inner.reduce(1) { min($0 + $1.nodeCount, 1 << 40) }
        depth = 1 + (inner.map(\.depth).max() ?? 0)
        minimumBytes =
            switch kind {
            case .null: 0
            case .fixed(_, let size): size
            case .float: 4
            case .double: 8
            case .record: inner.reduce(0) { min($0 + $1.minimumBytes, 1 << 40) }
            default: 1
            }
    }

    /// `record`, `int`: as a schema names it.
    package var kindName: String {
        switch kind {
        case .null: "null"
        case .boolean: "boolean"
        case .int: "int"
        case .long: "long"
        case .float: "float"
        case .double: "double"
        case .bytes: "bytes"
        case .string: "string"
        case .fixed: "fixed"
        case .enumeration: "enum"
        case .record: "record"
        case .array: "array"
        case .map: "map"
        case .union: "union"
        }
    }

    package var fields: [AvroField]? {
        if case .record(_, let fields) = kind { fields } else { nil }
    }

    var name: AvroName? {
        switch kind {
        case .fixed(let name, _), .enumeration(let name, _, _), .record(let name, _): name
        default: nil
        }
    }
}

/// The name of a record, an enum or a fixed type.
package struct AvroName: Sendable, Equatable {
    /// With the namespace.
    package var full: String
    /// Full names.
    package var aliases: [String]

    /// Behind the last dot.
    static func simple(_ full: String) -> Substring { full.split(separator: ".").last ?? "" }

    /// Whether a reader's type of this name takes values of the writer's type `name`.
    func accepts(_ name: AvroName) -> Bool {
        Self.simple(full) == Self.simple(name.full) || aliases.contains { $0 == name.full || $0 == Self.simple(name.full) }
    }
}

package struct AvroField: Sendable, Equatable {
    package var name: String
    package var aliases: [String]
    package var schema: AvroSchema
    /// The value where a writer's schema has no such field.
    package var fallback: JSON?
    package var comment: String?
}

/// Why a text is no schema, or one that cannot be read.
package struct AvroSchemaError: Error, Sendable, CustomStringConvertible {
    package let reason: String
    package var description: String { "Avro schema: \(reason)" }
}
