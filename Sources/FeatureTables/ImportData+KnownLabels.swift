import Columnar

/// The labels of rows as far as an encoding knows them, for comparing predictions with the truth.
package struct KnownLabels {
    /// Of the rows whose label is known.
    package var label: FeatureLabel
    /// Where these rows stand among those that were asked about; ascending.
    package var places: [Int]
    package var rowsWithoutLabel = 0
    /// Rows with a class that the encoding lacks, or with a text that is no number.
    package var rowsWithUnknownLabel = 0
    /// The first of these labels.
    package var unknownLabels: [String] = []
    private static let shownLabels = 5

    fileprivate mutating func countUnknown(_ name: String) {
        rowsWithUnknownLabel += 1
        if unknownLabels.count < Self.shownLabels, !unknownLabels.contains(name) { unknownLabels.append(name) }
    }
}

extension ImportData {
    /// The labels of `rows`.
    /// - Throws: `FeatureError` when the table has no such column, or one that can be no label.
    package func knownLabels(_ label: LabelEncoding, rows: [Int32]) throws -> KnownLabels {
        let position = try columnIndex(label.name)
        switch label.kind {
        case .classes(let names):
            let coded = try levels(position)
            let known = LevelName.numbers(names)
            let mapping = coded.levels.map { known[Array($0.utf8)] ?? -1 }
            var codes: [Int32] = []
            var result = KnownLabels(label: .numbers([]), places: [])
            for (place, row) in rows.enumerated() {
                let code = Int(coded.codes[Int(row)])
                if code < 0 {
                    result.rowsWithoutLabel += 1
                } else if mapping[code] < 0 {
                    result.countUnknown(coded.levels[code])
                } else {
                    codes.append(mapping[code])
                    result.places.append(place)
                }
            }
            result.label = .classes(codes: codes, names: names)
            return result
        case .number:
            var result = KnownLabels(label: .numbers([]), places: [])
            var found: [Double] = []
            func take(_ value: Double, _ place: Int) {
                found.append(value)
                result.places.append(place)
            }
            if schema[position].type.isCharacter {
                let coded = try levels(position)
                let texts = coded.levels.map { level in
                    String(level.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
                }
                for (place, row) in rows.enumerated() {
                    let code = Int(coded.codes[Int(row)])
                    if code < 0 || texts[code].isEmpty || Double(texts[code])?.isFinite == false {
                        result.rowsWithoutLabel += 1
                    } else if let number = Double(texts[code]) {
                        take(number, place)
                    } else {
                        result.countUnknown(coded.levels[code])
                    }
                }
            } else {
                let numbers = try self.numbers(position)
                for (place, row) in rows.enumerated() {
                    if numbers[Int(row)].isNaN { result.rowsWithoutLabel += 1 } else { take(numbers[Int(row)], place) }
                }
            }
            result.label = .numbers(found)
            return result
        }
    }
}
