#if os(Linux)
/// Rows as they are compared and shown.
enum BreakAnswer {
    /// Folded decimals are printed without zeros at their end.
    static func areSame(_ one: [String], _ other: [String]) -> Bool {
        one == other || one.map(withoutZeros) == other.map(withoutZeros)
    }

    /// Numbers without zeros behind their points.
    private static func withoutZeros(_ row: String) -> [UInt8] {
        var result: [UInt8] = []
        var point: Int?
        for byte in row.utf8 + [0] {
            let isDigit = (0x30...0x39).contains(byte)
            if let start = point, !isDigit {
                while result.count > start + 1, result.last == 0x30 { result.removeLast() }
                if result.count == start + 1 { result.removeLast() }
            }
            if byte == 0x2E { point = result.count } else if !isDigit { point = nil }
            result.append(byte)
        }
        return result
    }

    static func shown(_ rows: [String]) -> String {
        "\(rows.count) rows: "
            + rows.prefix(4).map { $0.utf8.count > 200 ? "\($0.prefix(200))… (\($0.utf8.count) bytes)" : $0 }.joined(separator: " | ")
    }
}
#endif
