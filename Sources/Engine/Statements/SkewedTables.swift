import Catalog
import Columnar
import Expressions
import HiveSyntax
import Planner

extension StatementRunner {
    /// `SKEWED BY (a, b) ON ((1, 'x'), (2, 'y'))`
    /// - Throws: for a column that is none of the table's, for one named twice, and for values that are not one a column.
    func skewedColumns(_ skew: Skew, of table: Table) throws -> SkewedColumns {
        var names: [String] = []
        for column in skew.columns {
            guard table.columns.contains(where: { $0.name == column.name }) else {
                throw HiveError.semantic("Invalid skewed column name: \(column.name) ", code: 10203)
            }
            guard !names.contains(column.name) else {
                throw HiveError.semantic("Duplicate skewed column name: \(column.name)", code: 10036)
            }
            names.append(column.name)
        }
        let values = try skew.values.map { values in
            guard values.count == names.count else {
                throw HiveError.semantic(
                    "The number of skewed column names and the number of skewed column values are different: "
                        + "\(names.count) : \(values.count)", code: 10206)
            }
            return try values.map { try skewedValue($0) }
        }
        var columns = SkewedColumns(columns: names, values: values, storedAsDirectories: skew.storedAsDirectories)
        columns.locations = table.skew?.locations ?? [:]
        return columns
    }

    /// `SET SKEWED LOCATION (1 = 'file:/place')`: kept and shown as the rest of what is said of skewed values, whatever the values.
    /// - Throws: for a location that is no URI.
    func skewedColumns(_ skew: SkewedColumns?, located: [SkewedLocation]) throws -> SkewedColumns {
        var skew = skew ?? SkewedColumns(columns: [], values: [], storedAsDirectories: false)
        for place in located {
            guard let scheme = StorageLocations.scheme(of: place.location),
                place.location.dropFirst(scheme.count + 1).hasPrefix("/")
            else {
                throw HiveError.semantic(
                    "\(place.location) is not absolute or has no scheme information. Please specify a complete absolute uri with scheme "
                        + "information.")
            }
            skew.locations[try place.values.map { try skewedValue($0) }] = place.location
        }
        return skew
    }

    private func skewedValue(_ expression: Expression) throws -> String {
        let (value, type) = try makeBinder().evaluateConstant(expression)
        let buffer = ByteBuffer(capacity: 16)
        TextFormatter(.output).append(value.column(type: type, count: 1), row: 0, to: buffer)
        return buffer.string
    }
}

extension Table {
    /// The record's `SkewedInfo` and whether values have folders of their own, as DESCRIBE EXTENDED has them.
    var skewText: String {
        let values = (skew?.values ?? []).map { "[\($0.joined(separator: ", "))]" }.joined(separator: ", ")
        let places = "{\(skew?.locationsText ?? "")}"
        return "skewedInfo:SkewedInfo(skewedColNames:[\((skew?.columns ?? []).joined(separator: ", "))], "
            + "skewedColValues:[\(values)], skewedColValueLocationMaps:\(places)), storedAsSubDirectories:"
            + "\(skew?.storedAsDirectories ?? false)"
    }

    /// The lines of SHOW CREATE TABLE.
    var skewLines: [String] {
        guard let skew, !skew.columns.isEmpty else { return [] }
        let values = skew.values.map { "('\($0.joined(separator: "','"))')" }.joined(separator: ",")
        return ["SKEWED BY (\(skew.columns.joined(separator: ",")))", "  ON (\(values))"]
            + (skew.storedAsDirectories ? ["  STORED AS DIRECTORIES"] : [])
    }
}

extension SkewedColumns {
    /// What NOT SKEWED leaves; nil: nothing.
    var locationsAlone: SkewedColumns? {
        guard !locations.isEmpty else { return nil }
        var rest = SkewedColumns(columns: [], values: [], storedAsDirectories: false)
        rest.locations = locations
        return rest
    }

    /// `[1]=file:/place, [2]=file:/other`
    var locationsText: String {
        locations.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { "[\($0.key.joined(separator: ", "))]=\($0.value)" }.joined(separator: ", ")
    }
}
