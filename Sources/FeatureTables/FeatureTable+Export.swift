import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A text form of a feature table.
public enum ExportFormat: String, Sendable, CaseIterable {
    /// A header line, then one line a row: features, then label, then weight. RFC 4180 quotes.
    case csv
    /// `label index:value …`, indices from 1, zeros left out; missing values left out as well.
    case libsvm
}

extension FeatureTable {
    /// Writes the table as text to a file, replacing it as a whole.
    ///
    /// Numbers are written so that they read back to the same bits. CSV leaves a missing value empty; libsvm cannot
    /// tell a missing value from zero, and has no place for weights.
    /// - Throws: `FeatureError.cannotWrite`; `.missingLabel` for libsvm without labels.
    public func export(to path: String, format: ExportFormat) throws {
        if format == .libsvm, label == nil { throw FeatureError.missingLabel }
        do {
            let replacement = try FileReplacement(of: path)
            try writeText(format: format) { try replacement.write($0) }
            try replacement.commit()
        } catch let error as FileError {
            throw FeatureError.cannotWrite(path: path, reason: error.reason)
        }
    }

    /// The table's text, handed to `write` in pieces of about 64 KiB.
    package func writeText(format: ExportFormat, _ write: ([UInt8]) throws -> Void) throws {
        var text: [UInt8] = []
        text.reserveCapacity(80_000)
        if format == .csv { appendHeader(&text) }
        for row in 0..<rowCount {
            switch format {
            case .csv: appendRow(row, &text)
            case .libsvm: appendSparseRow(row, &text)
            }
            if text.count > 65_536 {
                try write(text)
                text.removeAll(keepingCapacity: true)
            }
        }
        try write(text)
    }

    private func appendHeader(_ text: inout [UInt8]) {
        var names = featureNames
        if label != nil { names.append(encoding.label?.name ?? "label") }
        if weights != nil { names.append(encoding.weight ?? "weight") }
        for (position, name) in names.enumerated() {
            if position > 0 { text.append(UInt8(ascii: ",")) }
            append(field: name, &text)
        }
        text.append(UInt8(ascii: "\n"))
    }

    private func appendRow(_ row: Int, _ text: inout [UInt8]) {
        switch matrix.storage {
        case .dense(let elements):
            let values = elements + row * matrix.columnCount
            for column in 0..<matrix.columnCount {
                if column > 0 { text.append(UInt8(ascii: ",")) }
                if !values[column].isNaN { append(number: values[column], &text) }
            }
        case .sparse(let rows):
            var place = rows.rowStarts[row]
            for column in 0..<matrix.columnCount {
                if column > 0 { text.append(UInt8(ascii: ",")) }
                if place < rows.rowStarts[row + 1], rows.columns[place] == column {
                    if !rows.values[place].isNaN { append(number: rows.values[place], &text) }
                    place += 1
                } else {
                    text.append(UInt8(ascii: "0"))
                }
            }
        }
        switch label {
        case .classes(let codes, let names):
            text.append(UInt8(ascii: ","))
            append(field: names[Int(codes[row])], &text)
        case .numbers(let numbers):
            text.append(UInt8(ascii: ","))
            append(number: numbers[row], &text)
        case nil: break
        }
        if let weights {
            text.append(UInt8(ascii: ","))
            append(number: weights[row], &text)
        }
        text.append(UInt8(ascii: "\n"))
    }

    private func appendSparseRow(_ row: Int, _ text: inout [UInt8]) {
        switch label {
        case .classes(let codes, _): text.append(contentsOf: "\(codes[row])".utf8)
        case .numbers(let numbers): append(number: numbers[row], &text)
        case nil: break
        }
        func appendElement(_ column: Int, _ value: Double) {
            guard value != 0, !value.isNaN else { return }
            text.append(UInt8(ascii: " "))
            text.append(contentsOf: "\(column + 1)".utf8)
            text.append(UInt8(ascii: ":"))
            append(number: value, &text)
        }
        switch matrix.storage {
        case .dense(let elements):
            for column in 0..<matrix.columnCount { appendElement(column, elements[row * matrix.columnCount + column]) }
        case .sparse(let rows):
            for place in rows.range(row) { appendElement(Int(rows.columns[place]), rows.values[place]) }
        }
        text.append(UInt8(ascii: "\n"))
    }

    private func append(number: Double, _ text: inout [UInt8]) {
        if number == number.rounded(), abs(number) < 1e15 {
            text.append(contentsOf: "\(Int64(number))".utf8)
        } else {
            text.append(contentsOf: "\(number)".utf8)
        }
    }

    private func append(field: String, _ text: inout [UInt8]) {
        let bytes = field.utf8
        guard bytes.contains(where: { $0 == 34 || $0 == 44 || $0 == 10 || $0 == 13 }) else {
            text.append(contentsOf: bytes)
            return
        }
        text.append(34)
        for byte in bytes {
            if byte == 34 { text.append(34) }
            text.append(byte)
        }
        text.append(34)
    }
}
