import Columnar
import Testing

@Suite struct OrderTests {
    private func makeColumn(_ type: SQLType, _ count: Int, _ generator: inout SeededGenerator) throws -> Column {
        let texts: [String?] = (0..<count).map { _ in
            if Int.random(in: 0..<8, using: &generator) == 0 { return nil }
            switch type {
            case .boolean: return Bool.random(using: &generator) ? "x" : ""
            case .string: return String((0..<Int.random(in: 0...24, using: &generator)).map { _ in "ab".randomElement(using: &generator) ?? "a" })
            case .date: return "2020-0\(Int.random(in: 1...9, using: &generator))-01"
            case .timestamp: return "\(Int.random(in: 1900...2100, using: &generator))-01-01 00:00:00.\(Int.random(in: 1...9, using: &generator))"
            case .double, .float:
                return ["NaN", "-Infinity", "Infinity", "0.0", "1.5", "-1.5", "-1e300", "1e-300"].randomElement(using: &generator)
            default: return "\(Int.random(in: -100...100, using: &generator))"
            }
        }
        return try column(type, texts: texts)
    }

    @Test func keysOrderAsRows() throws {
        var generator = SeededGenerator(seed: 5)
        let types: [SQLType] = [
            .boolean, .tinyint, .smallint, .int, .bigint, .float, .double, .decimal(precision: 20, scale: 3), .string, .date,
            .timestamp,
        ]
        let count = 60
        for type in types {
            for order in [
                SortOrder(), SortOrder(ascending: false), SortOrder(ascending: true, nullsFirst: false),
                SortOrder(ascending: false, nullsFirst: true),
            ] {
                let first = try makeColumn(type, count, &generator)
                let second = try makeColumn(.int, count, &generator)
                let orders = [order, SortOrder(ascending: false)]
                let key = NormalizedKey(types: [type, .int], orders: orders)
                let stride = key.width + 3
                let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: stride * count)
                defer { bytes.deallocate() }
                key.encode([first, second], rows: .all(count), into: bytes, stride: stride)
                let comparator = RowComparator(orders)
                let words = UnsafeMutablePointer<UInt64>.allocate(capacity: count)
                defer { words.deallocate() }
                if NormalizedKey.fitsWord(type) { NormalizedKey.encodeWords(first, order, rows: .all(count), into: words) }
                for a in 0..<count {
                    for b in 0..<count {
                        let exact = comparator.compare([first, second], a, [first, second], b).signum()
                        let left = UnsafeBufferPointer(start: bytes + a * stride, count: key.width)
                        let right = UnsafeBufferPointer(start: bytes + b * stride, count: key.width)
                        let byBytes = left.elementsEqual(right) ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
                        if type == .string {
                            // The cut prefix may only leave ties open; the second key then decides too early.
                            let firstOnly = RowComparator([order]).compare([first], a, [first], b).signum()
                            let prefix = UnsafeBufferPointer(start: bytes + a * stride, count: 17)
                            let other = UnsafeBufferPointer(start: bytes + b * stride, count: 17)
                            let byPrefix = prefix.elementsEqual(other) ? 0 : prefix.lexicographicallyPrecedes(other) ? -1 : 1
                            #expect(byPrefix == 0 || byPrefix == firstOnly)
                        } else {
                            #expect(byBytes == exact, "\(type) \(order)")
                        }
                        if NormalizedKey.fitsWord(type), !first.isNull(a), !first.isNull(b) {
                            let byWord = words[a] < words[b] ? -1 : words[a] > words[b] ? 1 : 0
                            #expect(byWord == RowComparator([order]).compare([first], a, [first], b).signum(), "\(type)")
                        }
                    }
                }
                #expect(key.isExact == (type != .string))
            }
        }
    }

    @Test func hiveDefaults() {
        #expect(SortOrder(ascending: true).nullsFirst)
        #expect(!SortOrder(ascending: false).nullsFirst)
    }

    @Test func nestedValues() {
        let builder = ColumnBuilder(.array(.int))
        for list in [[1, 2], [1, 3], [1], []] as [[Int32]] {
            for item in list { builder.children[0].append(item) }
            builder.append(listOf: list.count)
        }
        let lists = builder.finish()
        #expect(RowComparator.compare(lists, 0, lists, 1) < 0)
        #expect(RowComparator.compare(lists, 0, lists, 2) > 0)
        #expect(RowComparator.compare(lists, 3, lists, 2) < 0)
        #expect(RowComparator.compare(lists, 0, lists, 0) == 0)
    }
}
